import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import type { Cli } from "../../../src/cli/command.js";
import { dispatch } from "../../../src/cli/dispatch.js";
import { explainError } from "../../../src/cli/errors.js";
import { checkBuildRoot, parseBuildRoot } from "../../../src/obs/build-root.js";
import { configScript } from "../../../src/obs/config-sh.js";
import { kiwiSystem } from "../../../src/obs/kiwi-system.js";
import { injectLvm2 } from "../../../src/obs/prjconf.js";
import { obsProject, oscCalls } from "../../../src/obs/project.js";
import type { RpmRootfsSpec, Spec } from "../../../src/recipe/spec.js";
import { HOME } from "../../rig/boardsmith.js";
import { ASSETS, cardSpec } from "../../rig/card.js";
import { opensuseSpec } from "../../rig/opensuse.js";

const PRJCONF = "Prefer: gettext-runtime-mini\n%define _with_x 1\n";

describe("a project's configuration", () => {
  test("gets lvm2 for its image repository alone, and keeps what it had", () => {
    expect(injectLvm2(PRJCONF, "images")).toBe(`${PRJCONF}
# lvm2 in the build root of images: begin (kept by boardsmith)
%if "%_repository" == "images"
Type: kiwi
Repotype: staticlinks
Patterntype: none
Required: lvm2
%endif
# lvm2 in the build root of images: end
`);
    expect(injectLvm2("", "images")).toMatch(/^# lvm2/);
  });

  test("is the same when it is injected again, and follows another repository's name", () => {
    const once = injectLvm2("A: b", "images");
    expect(injectLvm2(once, "images")).toBe(once);
    const moved = injectLvm2(`${once}Prefer: x\n`, "cards");
    expect(moved).toContain('%if "%_repository" == "cards"');
    expect(moved).not.toContain('"images"');
    expect(moved).toMatch(/^A: b\n/);
    expect(moved).toMatch(/Prefer: x\n$/);
  });
});

const imageFile = (name: string) => ASSETS.text(`rootfs/files/${name}`);

describe("config.sh", () => {
  const { provision } = opensuseSpec(false);
  const script = (firstboot: Spec["provision"]["firstboot"], more: Partial<Spec["provision"]> = {}) =>
    configScript({ name: "card", provision: { ...provision, users: [], firstboot, ...more } }, imageFile);

  test("has the first boot ask for root's password where nobody could log in", () => {
    const asks = script({ kind: "password" });
    expect(asks).toContain("usermod -p '*' root\n");
    expect(asks).toContain(`cat >/usr/lib/boardsmith/firstboot <<'END'\n#!/bin/sh\n`);
    expect(asks).toContain("systemctl enable boardsmith-firstboot.service\n");
    const key = [{ name: "root", groups: [], sshKeys: ["ssh-ed25519 AAAA ada"] }];
    expect(script({ kind: "password" }, { users: key })).not.toContain("boardsmith-firstboot");
  });

  test.each([
    ["yast", [": >/var/lib/YaST2/reconfig_system", "systemctl enable YaST2-Firstboot.service"], ": >/etc/machine-id"],
    [
      "jeos",
      [
        "cat >>/etc/jeos-firstboot.conf <<'END'",
        "JEOS_TIMEZONE='Europe/Berlin'",
        "systemctl enable jeos-firstboot.service",
      ],
      ": >/etc/machine-id",
    ],
    [
      "systemd",
      ["systemctl unmask systemd-firstboot.service", "usermod -p '!unprovisioned' root", "rm -f /etc/vconsole.conf"],
      "echo uninitialized >/etc/machine-id",
    ],
  ] as const)("hands over to %s as the board's own images do", (kind, lines, machineId) => {
    const text = script({ kind }, { timezone: "Europe/Berlin", locale: "en_US.UTF-8" });
    for (const line of [...lines, machineId]) expect(text.split("\n")).toContain(line);
    expect(text.includes("systemctl mask systemd-firstboot.service")).toBe(kind !== "systemd");
  });
});

describe("a project's files", () => {
  test.each([
    ["partitions", false],
    ["lvm", true],
  ])("%s: are what OBS builds from", async (name, lvm) => {
    const files = obsProject(opensuseSpec(lvm), "home:ada:cards", PRJCONF, imageFile);
    const text = files
      .map((file) => `== ${file.path}${file.executable ? " (executable)" : ""}\n${file.text}`)
      .join("\n");
    await expect(text).toMatchFileSnapshot(`project-${name}.txt`);
  });

  test("are for rpm packages only", () => {
    expect(() => kiwiSystem(cardSpec())).toThrow(
      'recipe "card" has no `rootfs: rpm`, and KIWI builds root filesystems of rpm packages only',
    );
  });

  test("are uploaded by osc", () => {
    expect(oscCalls("home:ada:cards", "card")[1]).toBe(
      'osc meta prjconf home:ada:cards -F _config -m "lvm2 in the build root of images"',
    );
  });
});

describe("an export", () => {
  test("holds the recipe's overlays as one archive, is the same when it is made again, and loses what the recipe loses", async () => {
    const cwd = mkdtempSync(join(tmpdir(), "boardsmith-export-"));
    try {
      mkdirSync(join(cwd, "recipes"));
      cpSync(join(HOME, "recipes/keys"), join(cwd, "recipes/keys"), { recursive: true });
      mkdirSync(join(cwd, "over/etc"), { recursive: true });
      writeFileSync(join(cwd, "over/etc/motd"), "hello\n");
      writeFileSync(join(cwd, "tool"), "#!/bin/sh\n");
      const recipe = readFileSync(join(HOME, "recipes/base/opensuse.yaml"), "utf8").replaceAll("../keys", "keys");
      const over = '  overlays: [{ from: ../over }, { from: ../tool, to: /usr/local/bin, mode: "0755" }]\n';
      const write = (more: string) =>
        writeFileSync(
          join(cwd, "recipes/mine.yaml"),
          `board: cubieboard\ndescription: mine\n${recipe.replace("provision:\n", `provision:\n${more}`)}`,
        );
      const run = async () => {
        const [stdout, stderr] = [new PassThrough(), new PassThrough()];
        const { signal } = new AbortController();
        const cli: Cli = { cwd, env: {}, stdout, stderr, stdin: process.stdin, signal, home: HOME };
        const code = await dispatch(cli, ["obs", "export", "mine", "out"]).catch((error) => explainError(cli, error));
        stdout.end();
        stderr.end();
        expect([code, await text(stderr)]).toEqual([0, ""]);
        return (await text(stdout)).trimEnd().split("\n");
      };
      write(over);
      expect(await run()).toEqual([
        "out/_meta",
        "out/_config",
        "out/mine/_multibuild",
        "out/mine/_service",
        "out/mine/mine.kiwi",
        "out/mine/config.sh",
        "out/mine/editbootinstall.sh",
        "out/mine/root.tar.gz",
      ]);
      const archive = join(cwd, "out/mine/root.tar.gz");
      const listed = execFileSync("tar", ["--numeric-owner", "-tvzf", archive], { encoding: "utf8" });
      expect(
        listed
          .trimEnd()
          .split("\n")
          .map((line) => line.replace(/ +/g, " ").replace(/ \d{4}-\d\d-\d\d \d\d:\d\d/, "")),
      ).toEqual(["drwxr-xr-x 0/0 0 etc/", "-rw-r--r-- 0/0 6 etc/motd", "-rwxr-xr-x 0/0 10 usr/local/bin/tool"]);
      const once = readdirSync(join(cwd, "out/mine")).map((name) => readFileSync(join(cwd, "out/mine", name)));
      await run();
      expect(readdirSync(join(cwd, "out/mine")).map((name) => readFileSync(join(cwd, "out/mine", name)))).toEqual(once);
      write("");
      expect(await run()).not.toContain("out/mine/root.tar.gz");
      expect(existsSync(archive)).toBe(false);
    } finally {
      rmSync(cwd, { recursive: true, force: true });
    }
  });

  test("is not made of a recipe that is built from a description already", () => {
    const spec = opensuseSpec(false);
    const description = { path: "/kiwi", shown: "../kiwi", kind: "tree", sha256: "" } as const;
    const kiwi = { description, profiles: [], removes: false, lvm: false };
    const rootfs = { ...(spec.rootfs as RpmRootfsSpec), kiwi };
    expect(() => kiwiSystem({ ...spec, rootfs })).toThrow(
      'recipe "card-opensuse" is built from a KIWI description already',
    );
  });
});

describe("a build root", () => {
  test("has lvm2 by one of the ways that OBS knows", () => {
    const root = (line: string) => checkBuildRoot(parseBuildRoot(["preinstall bash", line]), "prjconf", "images").found;
    expect(root("required lvm2")).toBe("Required: lvm2");
    expect(root("support lvm2")).toBe("Support: lvm2");
    expect(root("kiwi lvm2")).toBe("Substitute: kiwi-setup:image");
  });

  test("without it is told in the first second, with the lines to add", () => {
    const { found, diagnostics } = checkBuildRoot(parseBuildRoot(["required bash", "type kiwi"]), "prjconf", "images");
    expect(found).toBeUndefined();
    expect(diagnostics).toEqual([
      {
        severity: "error",
        code: "obs-no-lvm2",
        message:
          'vgs not found in the build root: prjconf gives repository "images" no lvm2, and KIWI would fail after an hour with `Command "vgs" not found in the environment`',
        help: expect.stringMatching(/^add "Required: lvm2" for the repository:\n# lvm2 in the build root/),
      },
    ]);
  });
});
