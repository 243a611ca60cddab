import type { Range } from "./entries.js";
import { encodeHeader, padding } from "./header.js";
import type { Node, Tree } from "./tree.js";

/** tar's record: an archive is filled up to a multiple of it. */
const RECORD = 10240;

const FLAGS = { file: "0", hardlink: "1", symlink: "2", char: "3", block: "4", folder: "5", fifo: "6" } as const;

/**
 * A tree as a tar, in pieces to write one after the other: bytes of its own, and ranges of the tars it came from.
 * What was not touched is one range after another, byte for byte; neighbouring ranges are joined.
 */
export function* emit(tree: Tree): Generator<Buffer | Range> {
  let open: Range | undefined;
  let total = 0;
  for (const piece of pieces(tree)) {
    total += piece.length;
    if (Buffer.isBuffer(piece)) {
      if (open) yield open;
      open = undefined;
      yield piece;
    } else if (open && open.bytes === piece.bytes && open.offset + open.length === piece.offset) {
      open = { ...open, length: open.length + piece.length };
    } else {
      if (open) yield open;
      open = piece;
    }
  }
  if (open) yield open;
  const end = 1024;
  yield Buffer.alloc(end + ((RECORD - ((total + end) % RECORD)) % RECORD));
}

function* pieces(tree: Tree): Generator<Buffer | Range> {
  for (const node of tree.nodes()) {
    if (node.raw) {
      yield node.raw;
      continue;
    }
    yield head(node);
    if (node.type !== "file" || node.content.length === 0) continue;
    yield node.content;
    const fill = padding(node.content.length);
    if (fill > 0) yield Buffer.alloc(fill);
  }
}

function head(node: Node): Buffer {
  const below = (path: string) => `./${path}`;
  return encodeHeader(
    {
      name: node.type === "folder" && node.path !== "" ? `${below(node.path)}/` : below(node.path),
      mode: node.mode,
      uid: node.uid,
      gid: node.gid,
      size: node.type === "file" ? node.content.length : 0,
      mtime: node.mtime,
      flag: FLAGS[node.type],
      link: node.type === "hardlink" ? below(node.link ?? "") : (node.link ?? ""),
      major: node.device?.major ?? 0,
      minor: node.device?.minor ?? 0,
    },
    node.records,
  );
}
