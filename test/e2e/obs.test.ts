import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import { kiwiDescription } from "../../src/kiwi/description.js";
import { kiwiSystem } from "../../src/obs/kiwi-system.js";
import { obsProject } from "../../src/obs/project.js";
import { KIWI, OBS } from "../../src/steps/tools.js";
import { boardsmith, HOME } from "../rig/boardsmith.js";
import { ASSETS } from "../rig/card.js";
import { engineWith } from "../rig/op-run.js";
import { opensuseSpec } from "../rig/opensuse.js";

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
  engine = await engineWith(KIWI, OBS);
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
    const config = obsProject(opensuseSpec(true), "home:ada", FACTORY, (name) =>
      ASSETS.text(`rootfs/files/${name}`),
    ).find(({ path }) => path === "_config");
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

/** Runs a script in a tool image with the folder's `kiwi` at /in; gives its exit code and what it printed. */
async function inside(tool: typeof KIWI, script: string, ...args: string[]) {
  const lines: string[] = [];
  const code = await engine.run({
    name: "kiwi-schema",
    tool,
    argv: ["sh", "-euc", script, "sh", ...args],
    env: {},
    mounts: [{ source: join(folder, "kiwi"), target: "/in", readOnly: true }],
    network: "none",
    caps: [],
    signal: AbortSignal.timeout(120_000),
    onLine: (line) => lines.push(line),
  });
  return { code, lines };
}

/** Reads a description as kiwi-ng does before it builds: schema, Schematron rules, profiles, and the type that it would build. */
const LOAD = `
import sys
from kiwi.xml_description import XMLDescription
from kiwi.xml_state import XMLState
for given in sys.argv[1:]:
    file, _, profile = given.partition(":")
    state = XMLState(XMLDescription(file).load(), [profile] if profile else [])
    lvm = state.get_volume_management() or "partitions"
    print(file, profile or "alone", state.get_build_type_name(), lvm, "dracut" in state.get_system_packages())
`;

describe("KIWI descriptions", () => {
  test("are valid under KIWI's own schema and rules: kiwi/, and what OBS gets, on partitions and on LVM", async () => {
    cpSync(join(HOME, "kiwi"), join(folder, "kiwi"), { recursive: true });
    for (const lvm of [true, false]) {
      const text = kiwiDescription(kiwiSystem(opensuseSpec(lvm)), { obs: true });
      put(`kiwi/obs-${lvm ? "lvm" : "plain"}/card.kiwi`, text);
    }
    const shipped = readdirSync(join(HOME, "kiwi")).filter((name) => name !== "preflight.sh");
    const files = [...shipped.map((name) => `${name}/config.xml`), "obs-lvm/card.kiwi", "obs-plain/card.kiwi"];
    const schema = 'cd /in; xmllint --noout --relaxng "$(find /usr/lib/python3 -name kiwi.rng)" "$@"';
    const valid = await inside(KIWI, schema, ...files);
    expect(valid.lines).toEqual(files.map((name) => `${name} validates`));

    const given = [
      "cubieboard-opensuse/config.xml:cubieboard",
      "cubieboard-opensuse/config.xml",
      "mk802-opensuse-lvm/config.xml:mk802-lvm",
      "obs-lvm/card.kiwi:cubieboard-lvm",
    ];
    const read = await inside(KIWI, `cd /in; exec python3 -c '${LOAD}' "$@"`, ...given);
    expect(read.lines.filter((line) => /(True|False)$/.test(line) || /Error/.test(line))).toEqual([
      "cubieboard-opensuse/config.xml cubieboard oem partitions True",
      "cubieboard-opensuse/config.xml alone tbz partitions False",
      "mk802-opensuse-lvm/config.xml mk802-lvm oem lvm True",
      "obs-lvm/card.kiwi cubieboard-lvm oem lvm True",
    ]);
  });

  test("with volume groups are told in the first second of a build root without vgs", async () => {
    const preflight = 'cd /in; exec sh preflight.sh "$@"';
    const folders = ["cubieboard-opensuse", "mk802-opensuse-lvm"];
    expect(await inside(OBS, preflight, ...folders)).toEqual({
      code: 1,
      lines: [
        "vgs not found in the build root: mk802-opensuse-lvm has volume groups, and the build root no lvm2",
        'add lvm2 to the packages of the build root; in the Open Build Service "Required: lvm2" to the project configuration',
      ],
    });
    expect(await inside(KIWI, preflight, ...folders)).toEqual({ code: 0, lines: [] });
    expect((await inside(OBS, preflight, "cubieboard-opensuse")).code).toBe(0);
  });
});
