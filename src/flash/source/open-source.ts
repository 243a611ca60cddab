import { createHash } from "node:crypto";
import { existsSync, readFileSync, type Stats, statSync } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { refuse } from "../../diagnostic/failure.js";
import { fetchWhole, PACE } from "../../ops/download.js";
import { bmapNames } from "./bmap-names.js";
import { forwardReader, peek } from "./forward.js";
import { httpStream, remoteFile, remoteText } from "./http-stream.js";
import type { ImageSource } from "./image-source.js";
import { SourceFailed } from "./image-source.js";
import { packedSize } from "./packed-size.js";
import { MAGIC_LENGTH, packingOf } from "./packing.js";
import { unpacked, unpackedStream } from "./unpack.js";
import { type ZipEntry, zipContent, zipEntries } from "./zip.js";

/** What openSource may touch. */
export interface SourceRoom {
  readonly stdin: AsyncIterable<Buffer>;
  readonly signal: AbortSignal;
  /** Where a zip from the network or standard input is put, since a zip is read from its end. */
  readonly scratch: string;
  log(line: string): void;
}

/** Opens what a word means: `-` is standard input, an http(s) URL, or a file. Throws Refused or SourceFailed. */
export async function openSource(word: string, room: SourceRoom): Promise<ImageSource> {
  if (word === "-") return await fromStdin(room);
  if (/^https?:\/\//.test(word)) return await fromUrl(word, room);
  return await fromFile(word, word);
}

async function fromFile(path: string, name: string): Promise<ImageSource> {
  const stat = statOf(path);
  if (stat.isDirectory())
    throw refuse("image-is-a-folder", `${name} is a folder, not an image`, "name the image in it");
  if (!stat.isFile()) throw refuse("no-such-image", `${name} is no file`, 'an image from a pipe is named "-"');
  if (stat.size === 0) throw refuse("image-empty", `${name} is empty`);
  const packing = packingOf(await headOf(path));
  if (packing === "zip") return await fromZip(path, name, stat);
  const identity = digest(`${path} ${stat.size} ${stat.mtimeMs} ${stat.ino}`);
  const beside = bmapNames(path).find((one) => existsSync(one));
  const common = {
    name,
    identity,
    rereadable: true,
    ...(beside === undefined ? {} : { bmap: { text: readFileSync(beside, "utf8"), from: beside } }),
  };
  if (packing === undefined) return { ...common, size: stat.size, open: () => bareReader(path) };
  const size = await packedSize(path, name, packing);
  return {
    ...common,
    ...(size === undefined ? {} : { size }),
    open: async () => forwardReader(unpacked(name, { file: path }, packing)),
  };
}

async function bareReader(path: string) {
  const file = await open(path, "r");
  const { size } = await file.stat();
  return {
    read: async (into: Buffer, offset: number) => {
      let done = 0;
      while (done < into.length) {
        const { bytesRead } = await file.read(into, done, into.length - done, offset + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return done;
    },
    end: async () => size,
    [Symbol.asyncDispose]: () => file.close(),
  };
}

/** Endings that images have, for archives with several files. */
const IMAGE_NAME = /\.(?:img|raw|wic|sdcard|bin|iso|hddimg|rootfs)(?:\.(?:xz|gz|zst|bz2))?$/i;

async function fromZip(path: string, name: string, stat: Stats): Promise<ImageSource> {
  const entries = await zipEntries(path);
  const files = entries.filter((entry) => !/\.bmap$/i.test(entry.name));
  const images = files.filter((entry) => IMAGE_NAME.test(entry.name));
  const candidates = images.length > 0 ? images : files;
  const [image] = candidates;
  if (image === undefined || candidates.length > 1) {
    const list = candidates.map((entry) => entry.name).join(", ");
    throw refuse(
      "zip-without-one-image",
      image === undefined ? `${name} holds no image` : `${name} holds ${candidates.length} images: ${list}`,
      "unpack it and name the image",
    );
  }
  const beside = [image.name, basename(image.name)].flatMap(bmapNames);
  const bmap = entries.find((entry) => beside.includes(entry.name));
  const outside = bmapNames(path).find((one) => existsSync(one));
  const bare = !/\.(?:xz|gz|zst|bz2)$/i.test(image.name);
  return {
    name,
    rereadable: true,
    identity: digest(`${path} ${stat.size} ${stat.mtimeMs} ${stat.ino}`),
    ...(bare ? { size: image.size } : {}),
    ...(bmap ? { bmap: { text: await textOf(path, bmap), from: `${name}, ${bmap.name}` } } : {}),
    ...(!bmap && outside ? { bmap: { text: readFileSync(outside, "utf8"), from: outside } } : {}),
    open: async () => forwardReader(unpackedStream(`${name}, ${image.name}`, zipContent(path, image))),
  };
}

async function textOf(path: string, entry: ZipEntry): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of zipContent(path, entry)) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

async function fromUrl(url: string, room: SourceRoom): Promise<ImageSource> {
  const file = await remoteFile(url, room.signal);
  const { head, close } = await peek(httpStream(file, room.signal), MAGIC_LENGTH);
  const packing = packingOf(head);
  await close();
  if (packing === "zip") {
    const path = join(await mkdtemp(join(room.scratch, "zip-")), basename(new URL(url).pathname) || "image.zip");
    const failed = await fetchWhole(url, path, { signal: room.signal, pace: PACE, log: room.log });
    if (failed !== undefined) throw new SourceFailed(`${url}: ${failed}`);
    return {
      ...(await fromFile(path, url)),
      ...(file.validator ? { identity: digest(`${url} ${file.validator}`) } : {}),
    };
  }
  const bmap = await remoteBmap(url, room.signal);
  return {
    name: url,
    rereadable: true,
    ...(packing === undefined && file.length !== undefined ? { size: file.length } : {}),
    ...(file.validator === undefined ? {} : { identity: digest(`${url} ${file.length} ${file.validator}`) }),
    ...(bmap ? { bmap } : {}),
    open: async (signal) => forwardReader(unpackedStream(url, httpStream(file, signal))),
  };
}

async function remoteBmap(url: string, signal: AbortSignal) {
  const { origin, pathname, search } = new URL(url);
  for (const name of bmapNames(pathname)) {
    const from = `${origin}${name}${search}`;
    const text = await remoteText(from, signal);
    // Some servers answer anything with a page of theirs.
    if (text?.includes("<bmap")) return { text, from };
  }
  return undefined;
}

async function fromStdin(room: SourceRoom): Promise<ImageSource> {
  const { head, whole } = await peek(room.stdin, MAGIC_LENGTH);
  if (head.length === 0) throw refuse("image-empty", "nothing came on standard input");
  const name = "standard input";
  if (packingOf(head) !== "zip") {
    return { name, rereadable: false, open: async () => forwardReader(unpackedStream(name, whole)) };
  }
  const folder = await mkdtemp(join(room.scratch, "zip-"));
  const path = join(folder, "image.zip");
  {
    await using file = await open(path, "w");
    for await (const chunk of whole) await file.write(chunk);
  }
  try {
    return await fromFile(path, name);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function statOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EACCES") throw refuse("no-permission", `${path} may not be read`);
    throw refuse(
      "no-such-image",
      `there is no image ${path}`,
      "name an image file, an http(s) URL, a recipe, or - for standard input",
    );
  }
}

async function headOf(path: string): Promise<Buffer> {
  try {
    await using file = await open(path, "r");
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAGIC_LENGTH), 0, MAGIC_LENGTH, 0);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EACCES") throw refuse("no-permission", `${path} may not be read`);
    throw error;
  }
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
