import type { Proof } from "./proof.js";

/** A proof as its JSON file: the same order of keys always, seconds to a tenth, a line end at the end. */
export function proofJson(proof: Proof): string {
  const seconds = (value: number): number => Math.round(value * 10) / 10;
  const { machine, card, failure } = proof;
  const document = {
    format: "boardsmith boot proof 1",
    recipe: proof.recipe,
    board: proof.board,
    verdict: proof.verdict,
    summary: proof.summary,
    failure: failure && {
      name: failure.name,
      stage: failure.stage,
      message: failure.message,
      line: failure.line,
      remedy: failure.remedy,
    },
    stages: proof.stages.map(({ stage, seconds: at }) => ({ stage, seconds: seconds(at) })),
    checks: proof.checks.map((check) => ({
      name: check.name,
      verdict: check.verdict,
      reason: check.reason,
      command: check.command,
      exitCode: check.exitCode,
      seconds: check.seconds === undefined ? undefined : seconds(check.seconds),
      output: check.output,
    })),
    access: proof.access,
    powerOff: proof.powerOff,
    machine: machine && { name: machine.name, memory: machine.memory, command: machine.command },
    card: card && { image: card.image, size: card.size, changed: card.changed },
    host: { load: Math.round(proof.host.load * 100) / 100 },
    versions: Object.fromEntries(Object.entries(proof.versions).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
