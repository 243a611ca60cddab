import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { pack } from "tar-stream";

/** A file that fits into memory. */
export interface SmallFile {
  /** Its path, without a leading slash. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly mode?: number;
}

/** Writes a tar of files: folders before what is in them, all of one time (seconds) and root's. */
export async function writeSmallTar(path: string, files: readonly SmallFile[], epoch: number): Promise<void> {
  const archive = pack();
  const written = pipeline(archive, createWriteStream(path));
  const own = { uid: 0, gid: 0, mtime: new Date(epoch * 1000) };
  const folders = new Set(
    files.flatMap(({ name }) => (name.includes("/") ? [name.slice(0, name.lastIndexOf("/"))] : [])),
  );
  for (const folder of folders) archive.entry({ ...own, name: `${folder}/`, type: "directory", mode: 0o755 });
  for (const { name, bytes, mode = 0o644 } of files) archive.entry({ ...own, name, mode }, Buffer.from(bytes));
  archive.finalize();
  await written;
}
