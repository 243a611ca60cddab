import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import type { Op } from "./op.js";
import { input } from "./stop-at.js";

/** SHA-256 over a whole image, holes as zeroes, as sha256sum gives it: the store's own digest leaves holes out. */
export const checksum: Op = async (run) => {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(input(run, "image"), { highWaterMark: 4 << 20, signal: run.signal })) {
    hash.update(chunk as Buffer);
  }
  await writeFile(run.out("sha256"), `${hash.digest("hex")}\n`);
};
