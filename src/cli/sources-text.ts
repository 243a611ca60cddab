import type { Place, Verdict } from "../sources/verdict.js";
import { columns } from "./columns.js";

/** One recipe's sources for people: a line each, in columns. */
export function sourcesText(title: string, verdicts: readonly Verdict[]): string {
  const rows = verdicts.map((one) => [`  ${one.state}`, one.name, one.kind, one.pin ?? "not locked", detail(one)]);
  return `${title}\n${columns(rows)}`;
}

function detail(verdict: Verdict): string {
  const { files } = verdict;
  const [first] = files;
  const places = files.length === 1 && first ? first.map(shown).join("; ") : several(files);
  return `${places}${MEANING[verdict.state] ?? ""}`;
}

/** What a state means that its place alone does not tell. */
const MEANING: { readonly [state in Verdict["state"]]?: string } = {
  stored: "; locked, and in the store",
  kept: "; its packages are locked",
};

/** Of many files only what is missing is told, and of that the first. */
function several(files: Verdict["files"]): string {
  const missing = files.filter((places) => !places.some(({ answer }) => answer.kind === "there"));
  const [first] = missing;
  if (first === undefined) return `all ${files.length} files`;
  const reasons = new Set(missing.flat().map(reason));
  if (missing.length === files.length && reasons.size === 1) return [...reasons].join("");
  return `${missing.length} of ${files.length} are missing, such as ${first.map(shown).join("; ")}`;
}

function shown(place: Place): string {
  const { url, mirror, answer } = place;
  const where = mirror === undefined ? url : `${url} by way of ${mirror}`;
  if (answer.kind === "there") return answer.note === undefined ? where : `${where} (${answer.note})`;
  return `${where}: ${reason(place)}`;
}

function reason({ answer }: Place): string {
  return answer.kind === "there" ? "there" : answer.reason;
}
