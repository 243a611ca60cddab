import type { RunEvent } from "../../src/run/events.js";
import type { Ran } from "./boardsmith.js";

/** Which steps ran and which were reused, from `--json`. */
export function outcome(ran: Ran): { ran: string[]; reused: string[]; outcome?: string } {
  const events = ran.stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as RunEvent);
  const of = (type: RunEvent["type"]) => events.flatMap((e) => (e.type === type && "step" in e ? [e.step] : [])).sort();
  const end = events.find((e) => e.type === "run-finished");
  return {
    ran: of("step-started"),
    reused: of("step-reused"),
    outcome: end?.type === "run-finished" ? end.outcome : undefined,
  };
}
