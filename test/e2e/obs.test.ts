import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import { kiwiDescription } from "../../src/kiwi/description.js";
import { kiwiSystem } from "../../src/obs/kiwi-system.js";
import { obsProject } from "../../src/obs/project.js";
import type { ToolImage } from "../../src/plan/step.js";
import { boardsmith, HOME } from "../rig/boardsmith.js";
import { engineWith } from "../rig/op-run.js";
import { opensuseSpec } from "../rig/opensuse.js";

/** KIWI with its schema, where Debian has it. */
const KIWI: ToolImage = {
  name: "kiwi",
  base: { distro: "debian", suite: "bookworm" },
  packages: ["kiwi", "libxml2-utils"],
};
/** The part of openSUSE's own configuration that matters for images. */
const FACTORY = `Preinstall: aaa_base bash coreutils filesystem glibc
Required: binutils gcc rpm
%if "%_repository" == "images"
Type: kiwi
Substitute: kiwi-setup:image python3-kiwi kiwi-systemdeps-image
%endif
`;
const folder = mkdtempSync(join(tmpdir(), "boardsmith-obs-"));
let engine: Engine;
beforeAll(async () => {
  await boardsmith(["--version"], { cwd: HOME });
  engine = await engineWith(KIWI);
});
afterAll(async () => {
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

function put(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

describe("lvm2 in the build root, by OBS' own reader", () => {
  const check = (name: string, ...more: string[]) =>
    boardsmith(["obs", "check", name, "--yes", ...more], {
      cwd: folder,
      env: { BOARDSMITH_STORE: join(folder, "store") },
    });

  test("is missing without the injection, which is told with the lines to add", async () => {
    put("plain", FACTORY);
    const { code, stderr } = await check("plain");
    expect(code).toBe(2);
    expect(stderr).toContain('vgs not found in the build root: plain gives repository "images" no lvm2');
    expect(stderr).toContain('add "Required: lvm2" for the repository:');
  });

  test("is there with it, for images and for no other repository", async () => {
    const config = obsProject(opensuseSpec(true), "home:ada", FACTORY).find(({ path }) => path === "_config");
    put("injected", config?.text ?? "");
    const { code, stdout } = await check("injected");
    expect([code, stdout]).toEqual([0, 'lvm2 is in the build root of "images" (Required: lvm2)\n']);
    expect((await check("injected", "--repository", "standard")).code).toBe(2);
  });

  test("is not there by the line that sounds right and is none", async () => {
    put("guessed", `${FACTORY}requires: lvm2\n`);
    expect((await check("guessed")).code).toBe(2);
  });
});

describe("KIWI descriptions", () => {
  test("are valid under KIWI's own schema, on partitions and on LVM, for OBS and for KIWI alone", async () => {
    const files = [true, false].flatMap((lvm) =>
      [true, false].map((obs) => {
        const name = `config-${lvm ? "lvm" : "plain"}-${obs ? "obs" : "alone"}.xml`;
        put(`kiwi/${name}`, kiwiDescription(kiwiSystem(opensuseSpec(lvm)), { obs }));
        return name;
      }),
    );
    const lines: string[] = [];
    const code = await engine.run({
      name: "kiwi-schema",
      tool: KIWI,
      argv: [
        "sh",
        "-c",
        `cd /in; xmllint --noout --relaxng "$(find /usr/lib/python3 -name kiwi.rng)" ${files.join(" ")}`,
      ],
      env: {},
      mounts: [{ source: join(folder, "kiwi"), target: "/in", readOnly: true }],
      network: "none",
      caps: [],
      signal: AbortSignal.timeout(60_000),
      onLine: (line) => lines.push(line),
    });
    expect(code, lines.join("\n")).toBe(0);
    expect(lines).toEqual(files.map((name) => `${name} validates`));
  });
});
