import { describe, expect, test } from "vitest";
import { conceal } from "../../../src/plan/conceal.js";
import { explain, type Remembered, summary } from "../../../src/plan/explain.js";
import { plan } from "../../../src/plan/plan.js";
import type { Plan, Step } from "../../../src/plan/step.js";
import type { Json } from "../../../src/util/canonical.js";
import { from, step, TOOL } from "../../rig/small-plan.js";

const remembered = (made: Plan): Remembered =>
  Object.fromEntries(made.steps.map(({ step, key, facts }) => [step.id, { key, facts: conceal(facts) }]));

const one = (made: Step): Plan => plan("toy", [made], []);

/** What changed between two makings of the last step. */
const between = (was: Plan, is: Plan, id = is.steps.at(-1)?.step.id ?? "") => explain(is, remembered(was), id);

const op = (args: Json, code = "c1"): Plan =>
  one({ ...step("provision", []), action: { kind: "op", op: "provision", args, tools: [], scripts: {}, code } });

const local = (shown: string, sha256: string) => ({
  local: { path: `/x/${shown}`, shown, kind: "file" as const, sha256 },
});

describe("in the recipe's words", () => {
  test("nothing changed, or never built", () => {
    expect(between(one(step("k", [])), one(step("k", [])))).toEqual([]);
    expect(explain(one(step("k", [])), {}, "k")).toBeUndefined();
  });

  test("a local file, by the name the recipe gives it", () => {
    const kernel = (shown: string, sha256: string) =>
      one(step("kernel", [{ name: "patch", from: local(shown, sha256) }]));
    expect(between(kernel("kernel/a.patch", "1"), kernel("kernel/a.patch", "2"))).toEqual([
      { what: "kernel/a.patch changed", detail: [] },
    ]);
    expect(between(kernel("kernel/a.patch", "1"), kernel("kernel/b.patch", "2"))).toEqual([
      { what: "kernel/b.patch instead of kernel/a.patch", detail: [] },
    ]);
    expect(between(one(step("kernel", [])), kernel("kernel/a.patch", "1"))).toEqual([
      { what: "kernel/a.patch was added to kernel", detail: [] },
    ]);
    expect(between(kernel("kernel/a.patch", "1"), one(step("kernel", [])))).toEqual([
      { what: "kernel/a.patch was removed from kernel", detail: [] },
    ]);
  });

  test("a text, with the lines that changed", () => {
    const kernel = (text: string) => one(step("kernel", [{ name: "slim.config", from: { text } }]));
    expect(between(kernel("CONFIG_DM=y\nCONFIG_USB=y\n"), kernel("CONFIG_DM=y\nCONFIG_USB=m\n"))).toEqual([
      { what: "slim.config of kernel changed", detail: ["-CONFIG_USB=y", "+CONFIG_USB=m"] },
    ]);
    const long = (tail: string) => Array.from({ length: 30 }, (_, at) => `CONFIG_${at}=${tail}`).join("\n");
    expect(between(kernel(long("y")), kernel(long("n")))?.[0]?.detail).toHaveLength(9);
    expect(between(kernel("a\nb\n"), kernel("b\na\n"))).toEqual([
      { what: "slim.config of kernel changed", detail: ["only the order or the white space of its lines"] },
    ]);
  });

  test("a tool image's packages", () => {
    const kernel = (packages: readonly string[], suite = "trixie") =>
      one({
        ...step("kernel", []),
        action: {
          kind: "container",
          tool: { ...TOOL, packages, base: { distro: "debian", suite } },
          script: "",
          env: {},
          network: "none",
          caps: [],
          caches: [],
        },
      });
    expect(between(kernel(["gcc", "make"]), kernel(["ccache", "gcc"], "forky"))).toEqual([
      {
        what: "tool image build changed",
        detail: ["package ccache added", "package make removed", "suite: trixie → forky"],
      },
    ]);
  });

  test("a script, a setting, an op's arguments and its code", () => {
    expect(between(one(step("k", [], { script: "make\n" })), one(step("k", [], { script: "make -j2\n" })))).toEqual([
      { what: "the script of k changed", detail: ["-make", "+make -j2"] },
    ]);
    const setting = (env: { [name: string]: string }) =>
      one({
        ...step("k", []),
        action: { kind: "container", tool: TOOL, script: "", env, network: "none", caps: [], caches: [] },
      });
    expect(between(setting({ DEFCONFIG: "sunxi_defconfig" }), setting({ DEFCONFIG: "multi_v7_defconfig" }))).toEqual([
      { what: "setting DEFCONFIG: sunxi_defconfig → multi_v7_defconfig", detail: [] },
    ]);
    const args = (hostname: string, groups: string[]) => ({
      hostname,
      users: [
        { name: "ada", groups },
        { name: "bob", groups: [] },
      ],
    });
    expect(between(op(args("cubie", ["sudo"])), op(args("board", ["sudo", "dialout"]), "c2"))).toEqual([
      { what: "recipe: hostname: cubie → board", detail: [] },
      { what: "recipe: users.ada.groups: dialout added", detail: [] },
      { what: `boardsmith's own code for "provision" changed`, detail: [] },
    ]);
  });

  test("a need is followed to what changed there, and told once", () => {
    const build = (version: string) =>
      plan(
        "toy",
        [
          step("source:linux", [], { identity: { package: "linux", version } }),
          step("kernel", [from("source:linux")]),
          step("modules", [from("source:linux")]),
          step("image", [from("kernel"), from("modules")]),
        ],
        [],
      );
    const changes = between(build("6.12.100"), build("6.12.107"), "image");
    expect(changes).toEqual([{ what: "source:linux is another pin", detail: ["version: 6.12.100 → 6.12.107"] }]);
    expect(summary(changes ?? [])).toBe("source:linux is another pin: version: 6.12.100 → 6.12.107");
  });

  test("a summary names three and counts the rest", () => {
    const changes = ["a", "b", "c", "d", "e"].map((what) => ({ what, detail: [] }));
    expect(summary(changes)).toBe("a; b; c; 2 more");
  });
});

describe("secrets", () => {
  const hash = (salt: string) => `$6$${salt}$${"x".repeat(86)}`;
  test("are blotted out by name and by looks", () => {
    expect(
      conceal({
        args: { users: [{ name: "ada", passwordHash: hash("s") }], wifi: { psk: "open sesame", ssid: "home" } },
        inputs: { shadow: { text: `ada:${hash("s")}:19000::` } },
        script: 'echo "$1$2 $HOME"',
      }),
    ).toEqual({
      args: { users: [{ name: "ada", passwordHash: "(secret)" }], wifi: { psk: "(secret)", ssid: "home" } },
      inputs: { shadow: { text: "ada:(secret):19000::" } },
      script: 'echo "$1$2 $HOME"',
    });
  });

  test("a changed one is told without its value", () => {
    const user = (salt: string) => op({ users: [{ name: "ada", passwordHash: hash(salt) }] });
    expect(between(user("one"), user("two"))).toEqual([{ what: "a secret of the recipe changed", detail: [] }]);
  });
});
