import { conceal } from "../plan/conceal.js";
import type { Plan, ToolImage } from "../plan/step.js";
import type { Pins } from "../recipe/pins.js";
import type { Spec } from "../recipe/spec.js";
import type { Result } from "../store/store.js";
import { canonical, type Json, sha256 } from "../util/canonical.js";

/** What a manifest is made from. */
export interface ManifestFacts {
  readonly plan: Plan;
  readonly results: ReadonlyMap<string, Result>;
  readonly spec: Spec;
  readonly pins: Pins;
  /** Text of the rootfs step's `packages` output: name, version and architecture, a package per line. */
  readonly packages: string;
  /** Text of the proof step's `proof` output; undefined when the image was not booted. */
  readonly proof: string | undefined;
}

/**
 * The bill of what is in an image: pins, steps with keys and output digests, tool images, packages, verdict.
 * Depends on the build alone (no times but the epoch, no paths of this machine, no secrets), so that two builds
 * of one lock file have the same manifest. Ends with a newline.
 */
export function manifest({ plan, results, spec, pins, packages, proof }: ManifestFacts): string {
  const verdict = proof === undefined ? undefined : (JSON.parse(proof) as { verdict?: string; summary?: string });
  const bill = {
    format: 1,
    recipe: spec.name,
    description: spec.description,
    board: spec.board.name,
    epoch: spec.epoch,
    proven: verdict?.verdict === "proven",
    proof: verdict === undefined ? null : { verdict: verdict.verdict ?? null, summary: verdict.summary ?? null },
    files: plan.exports.flatMap(({ step, output, as }) => {
      const object = results.get(step)?.outputs[output];
      return object ? [{ name: as, step, output, size: object.size, ...digestOf(object) }] : [];
    }),
    sources: conceal(pins.sources as unknown as Parameters<typeof conceal>[0]),
    steps: plan.steps.map(({ step, key }) => ({
      id: step.id,
      key,
      outputs: Object.fromEntries(
        Object.entries(results.get(step.id)?.outputs ?? {}).map(([name, object]) => [name, digestOf(object)]),
      ),
    })),
    tools: toolsOf(plan).map((tool) => ({ ...tool, id: sha256(canonical(tool as unknown as Json)) })),
    packages: packages
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([name]) => name)
      .map(([name = "", version = "", arch = ""]) => ({ name, version, arch })),
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

/** An image's digest in the store leaves its holes out; calling it sha256 would make people compare it with sha256sum. */
function digestOf(object: { readonly digest: string; readonly kind: "file" | "sparse" }) {
  return object.kind === "sparse" ? { sparseDigest: object.digest } : { sha256: object.digest };
}

function toolsOf(plan: Plan): readonly ToolImage[] {
  const tools = plan.steps.flatMap(({ step }) =>
    step.action.kind === "container" ? [step.action.tool] : step.action.tools,
  );
  const unique = new Map(tools.map((tool) => [canonical(tool as unknown as Json), tool]));
  return [...unique.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
