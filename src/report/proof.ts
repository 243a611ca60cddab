import type { Proof } from "../emulate/proof.js";

/** A proof for people, a line each: stages with their times, checks, what went wrong and what to do. */
export function proofLines(proof: Proof): readonly string[] {
  const stages = proof.stages.map(({ stage, seconds }) => `${stage} ${seconds.toFixed(1)} s`).join(", ");
  const checks = proof.checks.map((check) => {
    const why = check.reason === undefined ? "" : `: ${check.reason}`;
    return `  ${MARKS[check.verdict]} ${check.name}${why}`;
  });
  const { failure } = proof;
  return [
    ...(stages === "" ? [] : [`stages: ${stages}`]),
    ...checks,
    ...(proof.powerOff === undefined ? [] : [`power-off: ${proof.powerOff}`]),
    `${VERDICTS[proof.verdict]}: ${proof.summary}`,
    ...(failure?.line === undefined ? [] : [`  the console said: ${failure.line}`]),
    ...(failure ? [`  ${failure.remedy}`] : []),
  ];
}

const MARKS = { passed: "✓", failed: "✗", skipped: "-" } as const;

const VERDICTS = {
  proven: "proven",
  "proven-to-kernel": "proven in part",
  failed: "failed",
  "not-emulated": "not emulated",
} as const;
