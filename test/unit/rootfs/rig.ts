import { execFileSync } from "node:child_process";
import { emit } from "../../../src/rootfs/emit.js";
import { type Bytes, type Entry, entries } from "../../../src/rootfs/entries.js";
import { FindingsList } from "../../../src/rootfs/findings.js";
import { encodeHeader, padding } from "../../../src/rootfs/header.js";
import { Tree } from "../../../src/rootfs/tree.js";

export const EPOCH = 1_700_000_000;

/** A buffer as the rootfs room reads it. */
export function memory(data: Buffer): Bytes {
  return { size: data.length, read: (offset, length) => Buffer.from(data.subarray(offset, offset + length)) };
}

/** All of a tree's tar. */
export function bytesOf(tree: Tree): Buffer {
  const pieces = [...emit(tree)].map((piece) =>
    Buffer.isBuffer(piece) ? piece : piece.bytes.read(piece.offset, piece.length),
  );
  return Buffer.concat(pieces);
}

export interface Member {
  readonly flag?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly link?: string;
  readonly content?: string | Buffer;
  readonly mtime?: number;
  readonly major?: number;
  readonly minor?: number;
  readonly records?: ReadonlyMap<string, Buffer>;
}

/** A tar of these members; a name with a slash at its end is a folder, a text alone is a file. */
export function tarOf(members: { readonly [name: string]: Member | string }): Buffer {
  const blocks = Object.entries(members).map(([name, member]) => {
    const one: Member = typeof member === "string" ? { content: member } : member;
    const content = Buffer.from(one.content ?? "");
    const flag = one.flag ?? (one.link !== undefined ? "2" : name.endsWith("/") ? "5" : "0");
    const header = {
      name: `./${name === "/" ? "" : name}`,
      mode: one.mode ?? (flag === "5" ? 0o755 : flag === "2" ? 0o777 : 0o644),
      uid: one.uid ?? 0,
      gid: one.gid ?? 0,
      size: content.length,
      mtime: one.mtime ?? EPOCH,
      flag,
      link: one.link ?? "",
      major: one.major ?? 0,
      minor: one.minor ?? 0,
    };
    return Buffer.concat([encodeHeader(header, one.records), content, Buffer.alloc(padding(content.length))]);
  });
  const total = blocks.reduce((sum, block) => sum + block.length, 0);
  return Buffer.concat([...blocks, Buffer.alloc(1024 + ((10240 - ((total + 1024) % 10240)) % 10240))]);
}

export function treeOf(members: { readonly [name: string]: Member | string }): Tree {
  return Tree.of(memory(tarOf(members)), EPOCH);
}

export function members(tar: Buffer): Map<string, Entry> {
  return new Map([...entries(memory(tar))].map((entry) => [entry.path, entry]));
}

export function contentOf(entry: Entry | undefined): string | undefined {
  return entry?.content.bytes.read(entry.content.offset, entry.content.length).toString();
}

/** What GNU tar lists: mode, owner, name, link. Sizes and times are left out. */
export function listing(tree: Tree): string[] {
  const text = execFileSync("tar", ["--numeric-owner", "-tvf", "-"], { input: bytesOf(tree), encoding: "utf8" });
  return text
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/^(\S+) (\S+)\s+\S+ \S+ \S+ /, "$1 $2 "));
}

/** Runs one piece of provisioning and gives what it found, mistakes as `message (help)`. */
export function found(run: (findings: FindingsList) => void): { notes: string[]; mistakes: string[] } {
  const findings = new FindingsList();
  run(findings);
  const mistakes = findings.mistakes.map(({ message, help }) =>
    help === undefined ? message : `${message} (${help})`,
  );
  return { notes: findings.notes, mistakes };
}

export const NONE = { notes: [], mistakes: [] };
