import type { Layout } from "../disk/layout.js";
import { formatSize } from "../util/size.js";

/** Narrow enough for any terminal. */
const WIDTH = 72;

interface Part {
  readonly name: string;
  readonly size: number;
}

/**
 * The card as a bar, each part as wide as it is large but never invisible, and below it what the letters stand for:
 *
 *   |b|rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr|sss|ddddddddddddddddddddddddddd|
 *   b boot 64 MiB, r root 1 GiB, s swap 128 MiB, d data 852 MiB of 2 GiB
 */
export function drawCard(layout: Layout | undefined): readonly string[] {
  if (layout === undefined) return [];
  const parts = layout.partitions.flatMap((partition): readonly Part[] => {
    if (partition.group === undefined) return [partition];
    const { volumes } = partition.group;
    const free = partition.size - volumes.reduce((sum, { size }) => sum + size, 0);
    // LVM's own megabyte is nobody's room.
    const room = free > partition.group.extentSize ? [{ name: `free in ${partition.group.name}`, size: free }] : [];
    return [...volumes.map(({ name, size }) => ({ name, size })), ...room];
  });
  const letters = lettersFor(parts);
  const room = WIDTH - parts.length - 1;
  const whole = parts.reduce((sum, { size }) => sum + size, 0);
  const bars = parts.map(({ size }, i) => (letters[i] ?? "?").repeat(Math.max(1, Math.round((size / whole) * room))));
  const words = parts.map(
    ({ name, size }, i) => `${letters[i] === "." ? "" : `${letters[i]} `}${name} ${formatSize(size)}`,
  );
  return [`|${bars.join("|")}|`, ...wrapped(words, ` of ${formatSize(layout.size)}`)];
}

/** The first letter that is not taken; a dot for what is free. */
function lettersFor(parts: readonly Part[]): readonly string[] {
  const taken = new Set<string>();
  return parts.map(({ name }) => {
    if (name.startsWith("free in ")) return ".";
    const letter =
      [...name, ..."abcdefghijklmnopqrstuvwxyz"].find((one) => /[a-z]/.test(one) && !taken.has(one)) ?? "?";
    taken.add(letter);
    return letter;
  });
}

function wrapped(words: readonly string[], end: string): readonly string[] {
  const lines: string[] = [""];
  for (const [i, word] of words.entries()) {
    const text = `${word}${i < words.length - 1 ? "," : end}`;
    const last = lines.at(-1) ?? "";
    if (last !== "" && last.length + 1 + text.length > WIDTH) lines.push(text);
    else lines[lines.length - 1] = last === "" ? text : `${last} ${text}`;
  }
  return lines;
}
