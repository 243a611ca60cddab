import type { ConsoleLine } from "./console.js";

/** The console as its log file: each line behind the seconds since power-on at which it began. */
export function serialLog(lines: readonly ConsoleLine[]): string {
  return lines.map(({ seconds, text }) => `[${seconds.toFixed(3).padStart(9)}] ${text}\n`).join("");
}
