import { kconfigLine } from "./merge.js";

/** A fragment's text with these symbols set: other lines and comments stay, new symbols follow at the end. */
export function writeFragment(text: string, symbols: ReadonlyMap<string, string>): string {
  const left = new Map(symbols);
  const lines = text === "" ? [] : text.replace(/\n$/, "").split("\n");
  const kept = lines.flatMap((line) => {
    const symbol = (/^CONFIG_(\w+)=/.exec(line) ?? /^# CONFIG_(\w+) is not set/.exec(line))?.[1];
    if (symbol === undefined || !symbols.has(symbol)) return [line];
    const value = left.get(symbol);
    left.delete(symbol);
    return value === undefined ? [] : [kconfigLine(symbol, value)];
  });
  return [...kept, ...[...left].map(([symbol, value]) => kconfigLine(symbol, value)), ""].join("\n");
}
