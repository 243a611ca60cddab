/** Lines after one was typed: `-NAME` takes that thing's away, another line of a name that is there replaces it. */
export function edited(lines: readonly string[], typed: string): readonly string[] {
  const nameOf = (line: string) => line.split(" ")[0];
  if (typed.startsWith("-")) return lines.filter((line) => nameOf(line) !== typed.slice(1).trim());
  const line = typed.replace(/\s+/g, " ").trim();
  const at = lines.findIndex((one) => nameOf(one) === nameOf(line));
  return at < 0 ? [...lines, line] : lines.map((one, i) => (i === at ? line : one));
}
