/** The lines of two texts, marked `-`, `+` or with a blank, with three lines around each change and `…` for the rest. */
export function lineDiff(before: string, after: string): readonly string[] {
  const [a, b] = [before, after].map((text) => text.replace(/\n$/, "").split("\n")) as [string[], string[]];
  const marked = walk(a, b, commonLengths(a, b));
  const near = (i: number) => marked.slice(Math.max(0, i - 3), i + 4).some((line) => !line.startsWith(" "));
  return marked.flatMap((line, i) => (near(i) ? [line] : i > 0 && !near(i - 1) ? [] : ["…"]));
}

/** Lengths of the longest common subsequences of what is left from each pair of lines on. */
function commonLengths(a: readonly string[], b: readonly string[]): readonly (readonly number[])[] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const row = lengths[i] as number[];
      row[j] = a[i] === b[j] ? 1 + at(lengths, i + 1, j + 1) : Math.max(at(lengths, i + 1, j), at(lengths, i, j + 1));
    }
  }
  return lengths;
}

function walk(a: readonly string[], b: readonly string[], lengths: readonly (readonly number[])[]): readonly string[] {
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push(`  ${a[i++]}`);
      j++;
    } else if (j < b.length && (i === a.length || at(lengths, i, j + 1) > at(lengths, i + 1, j))) {
      lines.push(`+ ${b[j++]}`);
    } else lines.push(`- ${a[i++]}`);
  }
  return lines;
}

function at(lengths: readonly (readonly number[])[], i: number, j: number): number {
  return lengths[i]?.[j] ?? 0;
}
