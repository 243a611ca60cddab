import { createHash } from "node:crypto";
import { open, writeFile } from "node:fs/promises";
import type { Op } from "./op.js";
import { input } from "./stop-at.js";

/** One buffer for all of it: a stream would allocate 2 GiB in pieces, most of them holes. */
const PIECE = 4 << 20;

/** SHA-256 over a whole image, holes as zeroes, as sha256sum gives it: the store's own digest leaves holes out. */
export const checksum: Op = async (run) => {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(PIECE);
  await using image = await open(input(run, "image"), "r");
  for (;;) {
    run.signal.throwIfAborted();
    const { bytesRead } = await image.read(buffer, 0, PIECE);
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
  }
  await writeFile(run.out("sha256"), `${hash.digest("hex")}\n`);
};
