// Holds the house's arrows: a room imports only from itself and from rooms above it, and the pure rooms touch
// neither files, network nor terminal. Prints every breach and exits 1.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const src = join(dirname(fileURLToPath(import.meta.url)), "..", "src");

/** Top to bottom; rooms in one row may not see each other. */
const ROWS = [
  ["util"],
  ["diagnostic"],
  ["board", "kconfig"],
  ["recipe"],
  ["disk", "rootfs"],
  ["initramfs", "kiwi"],
  ["obs"],
  ["plan"],
  ["steps"],
  ["store"],
  ["engine"],
  ["emulate"],
  ["ops"],
  ["lock"],
  ["run"],
  ["sources"],
  ["report"],
  ["flash"],
  ["wizard"],
  ["cli"],
];
const PURE = new Set([
  "util",
  "diagnostic",
  "board",
  "recipe",
  "disk",
  "rootfs",
  "initramfs",
  "kconfig",
  "kiwi",
  "obs",
  "plan",
  "steps",
]);
const IMPURE =
  /^(node:(fs|net|http|https|child_process|os|tty|worker_threads|stream|readline).*|dockerode|node-fetch|inquirer|listr2)$/;

const rank = new Map(ROWS.flatMap((row, index) => row.map((room) => [room, index])));
const breaches = [];
for (const entry of readdirSync(src, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !entry.name.endsWith(".ts")) continue;
  const file = join(entry.parentPath, entry.name);
  const room = relative(src, file).split(sep)[0];
  if (!rank.has(room)) breaches.push(`${relative(src, file)}: "${room}" is no room of the house`);
  const text = readFileSync(file, "utf8");
  for (const [, typeOnly, target] of text.matchAll(/^(?:import|export)\s(type\s)?[^;]*?from\s+"([^"]+)"/gm)) {
    if (!target.startsWith(".")) {
      if (PURE.has(room) && IMPURE.test(target))
        breaches.push(`src/${relative(src, file)}: a pure room imports ${target}`);
      continue;
    }
    const other = relative(src, resolve(dirname(file), target)).split(sep)[0];
    if (other === room) continue;
    const upwards = rank.get(other) < rank.get(room);
    // A type alone makes no dependency at run time, but the order still holds for everything but recipe ↔ board.
    const pair = typeOnly && room === "recipe" && other === "board";
    if (!upwards && !pair) breaches.push(`src/${relative(src, file)}: ${room} may not import from ${other}`);
  }
}
for (const breach of breaches) console.error(breach);
process.exit(breaches.length === 0 ? 0 : 1);
