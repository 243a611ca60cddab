import { describe, expect, test } from "vitest";
import { checkBuildRoot, parseBuildRoot } from "../../../src/obs/build-root.js";
import { kiwiSystem } from "../../../src/obs/kiwi-system.js";
import { injectLvm2 } from "../../../src/obs/prjconf.js";
import { obsProject, oscCalls } from "../../../src/obs/project.js";
import { cardSpec } from "../../rig/card.js";
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

describe("a project's files", () => {
  test.each([
    ["partitions", false],
    ["lvm", true],
  ])("%s: are what OBS builds from", async (name, lvm) => {
    const files = obsProject(opensuseSpec(lvm), "home:ada:cards", PRJCONF);
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
