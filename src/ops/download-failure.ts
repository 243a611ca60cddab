import type { Diagnostic } from "../diagnostic/diagnostic.js";
import type { Failure } from "./download.js";

/** One diagnostic for a download (`source "linux"`) that no URL gave: wrong content counts more than an absent host. */
export function downloadFailure(what: string, sha256: string, failures: readonly Failure[]): Diagnostic {
  const wrong = failures.find((failure) => failure.got !== undefined);
  if (wrong?.got) {
    const { size, sha256: got } = wrong.got;
    return {
      severity: "error",
      code: "hash-mismatch",
      message: `${what}: ${wrong.url} gave ${size} bytes with sha256 ${got}, but the recipe asks for ${sha256}${others(failures, wrong)}`,
      help: "if the project replaced the file, check it and put the new sha256 into the recipe; if not, do not trust that host",
    };
  }
  const [first] = failures;
  const origin = first === undefined ? "FROM" : (/^[a-z]+:\/\/[^/]+\//i.exec(first.url)?.[0] ?? first.url);
  return {
    severity: "error",
    code: "unreachable",
    message: `${what} cannot be fetched: ${failures.map(({ url, reason }) => `${url}: ${reason}`).join("; ")}`,
    help: `if the file moved or its host is gone, name another place for it: --mirror ${origin}=https://mirror.example/`,
  };
}

function others(failures: readonly Failure[], wrong: Failure): string {
  const rest = failures.filter((failure) => failure !== wrong);
  return rest.length === 0 ? "" : `; ${rest.map(({ url, reason }) => `${url}: ${reason}`).join("; ")}`;
}
