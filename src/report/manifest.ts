import { conceal } from "../plan/conceal.js";
import { type BuildFacts, usedTools } from "./build-facts.js";

/**
 * The bill of what is in an image: pins, steps with keys and output digests, tool images, packages, verdict.
 * Depends on the build alone (no times but the epoch, no paths of this machine, no secrets), so that two builds
 * of one lock file have the same manifest. Ends with a newline.
 */
export function manifest(facts: BuildFacts): string {
  const { plan, results, spec, pins, packages, proof, imageSha256, xenRelease } = facts;
  const verdict = proof === undefined ? undefined : (JSON.parse(proof) as { verdict?: string; summary?: string });
  const bill = {
    format: 1,
    recipe: spec.name,
    description: spec.description,
    board: spec.board.name,
    epoch: spec.epoch,
    ...(xenRelease === undefined ? {} : { xen: xenRelease }),
    proven: verdict?.verdict === "proven",
    proof: verdict === undefined ? null : { verdict: verdict.verdict ?? null, summary: verdict.summary ?? null },
    files: plan.exports.flatMap(({ step, output, as }) => {
      const object = results.get(step)?.outputs[output];
      return object ? [{ name: as, step, output, size: object.size, ...digestOf(object, imageSha256) }] : [];
    }),
    sources: conceal(pins.sources as unknown as Parameters<typeof conceal>[0]),
    steps: plan.steps.map(({ step, key }) => ({
      id: step.id,
      key,
      outputs: Object.fromEntries(
        Object.entries(results.get(step.id)?.outputs ?? {}).map(([name, object]) => [name, digestOf(object)]),
      ),
    })),
    tools: usedTools(facts),
    packages: packages
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([name]) => name)
      .map(([name = "", version = "", arch = ""]) => ({ name, version, arch })),
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

/** An image's digest in the store leaves its holes out; calling it sha256 would make people compare it with sha256sum. */
function digestOf(object: { readonly digest: string; readonly kind: "file" | "sparse" }, sha256?: string) {
  if (object.kind === "file") return { sha256: object.digest };
  return { sparseDigest: object.digest, ...(sha256 === undefined ? {} : { sha256 }) };
}
