import { plan } from "../../src/plan/plan.js";
import type { Input, Plan, Step, ToolImage } from "../../src/plan/step.js";

/** A tool image that nobody makes. */
export const TOOL: ToolImage = {
  name: "build",
  base: { distro: "debian", suite: "trixie" },
  packages: ["gcc", "make"],
};

/** A container step with one output named `result`. */
export function step(
  id: string,
  inputs: readonly Input[],
  more: Partial<Step> & { readonly script?: string } = {},
): Step {
  const { script = `make ${id}`, ...rest } = more;
  return {
    id,
    title: `Make ${id}`,
    inputs,
    outputs: [{ name: "result", kind: "file" }],
    action: { kind: "container", tool: TOOL, script, env: {}, network: "none", caps: [], caches: [] },
    ...rest,
  };
}

/** The output of another step as an input of the same name. */
export const from = (id: string): Input => ({ name: id, from: { step: id, output: "result" } });

/** a → b → d, c → d: `text` goes into a, `side` into c. */
export function diamond(text = "one", side = "side"): Plan {
  return plan(
    "toy",
    [
      step("a", [{ name: "text", from: { text } }], { weight: "io" }),
      step("b", [from("a")]),
      step("c", [{ name: "text", from: { text: side } }]),
      step("d", [from("b"), from("c")]),
    ],
    [{ step: "d", output: "result", as: "toy.img" }],
  );
}
