import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { extract } from "tar-stream";
import type { OpRun } from "./op.js";
import { input, stopAt } from "./stop-at.js";

/**
 * A device tree from the kernel's tar of them (input `dtbs`): below its vendor's folder, or without one, as arm's lay
 * before Linux 6.5. Stops the step with `missing` and what there is instead when the kernel comes without it.
 */
export async function kernelTree(
  run: OpRun,
  path: string,
  missing: { readonly code: string; readonly message: string },
): Promise<Buffer> {
  const archive = extract();
  const read = pipeline(createReadStream(input(run, "dtbs")), archive);
  // Awaited below; until then a broken tar must not count as an unhandled rejection.
  read.catch(() => {});
  const flat = path.split("/").at(-1);
  const names: string[] = [];
  let found: Buffer | undefined;
  for await (const entry of archive) {
    const name = entry.header.name.replace(/^\.\//, "");
    if (name === path || (name === flat && !found)) found = await whole(entry as AsyncIterable<Buffer>);
    else entry.resume();
    if (name.endsWith(".dtb")) names.push(name);
  }
  await read;
  if (!found) {
    const help = instead(path, names);
    stopAt(run, [{ severity: "error", ...missing, help }], "the kernel has no device tree for the board");
  }
  return found ?? Buffer.alloc(0);
}

async function whole(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

function instead(path: string, names: readonly string[]): string {
  const family = path.split("/").at(-1)?.split("-")[0] ?? "";
  const near = names.filter((name) => name.includes(`${family}-`)).slice(0, 8);
  const built = near.length > 0 ? `it has ${near.join(", ")}` : `it has ${names.length} others`;
  return `${built}; is the board's machine (CONFIG_MACH_…) switched on, and is the kernel new enough to know the board?`;
}
