import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { type Header, pack } from "tar-stream";

/** Writes a tar of entries in their order, of one time. */
export async function writeTar(
  path: string,
  entries: readonly (Partial<Header> & { readonly name: string; readonly content?: string | Buffer })[],
): Promise<void> {
  const archive = pack();
  const written = pipeline(archive, createWriteStream(path));
  for (const { content, ...header } of entries) {
    const bytes = Buffer.from(content ?? "");
    const full = { uid: 0, gid: 0, mtime: new Date(1_600_000_000_000), ...header };
    if (header.type === undefined || header.type === "file") archive.entry({ ...full, size: bytes.length }, bytes);
    else archive.entry(full);
  }
  archive.finalize();
  await written;
}
