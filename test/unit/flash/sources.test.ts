import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { crc32, deflateRawSync, gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { mapOf } from "../../../src/flash/image-map.js";
import { bmapNames } from "../../../src/flash/source/bmap-names.js";
import type { ImageSource } from "../../../src/flash/source/image-source.js";
import { openSource } from "../../../src/flash/source/open-source.js";
import { httpServer } from "../../rig/http-server.js";
import { tempFolder } from "../../rig/temp-folder.js";
import { noise, toyImage } from "../../rig/toy-image.js";

const IMAGE = Buffer.concat([noise(300_000, 1), Buffer.alloc(500_000), noise(100_000, 2)]);
const signal = new AbortController().signal;

async function open(word: string, stdin: readonly Buffer[] = []): Promise<ImageSource> {
  return await openSource(word, { stdin: Readable.from(stdin), signal, scratch: await tempFolder(), log: () => {} });
}

/** All of it, read as a writer does: in pieces, some of them skipped. */
async function content(source: ImageSource): Promise<Buffer> {
  await using reader = await source.open(signal);
  const bytes = Buffer.alloc(IMAGE.length);
  let at = 0;
  for (let got = -1; got !== 0 && at < bytes.length; at += got)
    got = await reader.read(bytes.subarray(at, at + 70_000), at);
  expect(await reader.end()).toBe(at);
  return bytes;
}

const pack = (program: string, bytes: Buffer) => execFileSync(program, ["-c"], { input: bytes, maxBuffer: 1e8 });

/** A zip as info-zip makes them, deflated or stored. */
function zip(files: Readonly<Record<string, Buffer>>, method: 0 | 8 = 8): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, bytes] of Object.entries(files)) {
    const data = method === 8 ? deflateRawSync(bytes) : bytes;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), common, Buffer.from(name), data]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\u0001\u0002\u0014\u0000"), common, rest, Buffer.from(name)]));
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", "latin1");
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}

const PACKED: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  img: (bytes) => bytes,
  "img.xz": (bytes) => pack("xz", bytes),
  "img.gz": (bytes) => gzipSync(bytes),
  "img.zst": (bytes) => pack("zstd", bytes),
  "img.bz2": (bytes) => pack("bzip2", bytes),
  zip: (bytes) => zip({ "README.md": Buffer.from("read me"), "card.img": bytes }),
  "img.zip": (bytes) => zip({ "card.img": bytes }, 0),
};

describe.each(Object.entries(PACKED))("an image as .%s", (ending, packer) => {
  const bytes = packer(IMAGE);

  it("is read from a file, from standard input and from a web server", async () => {
    const path = join(await tempFolder(), `card.${ending}`);
    writeFileSync(path, bytes);
    expect((await content(await open(path))).equals(IMAGE)).toBe(true);
    const piped = await open("-", [bytes.subarray(0, 3), bytes.subarray(3)]);
    expect((await content(piped)).equals(IMAGE)).toBe(true);
    await using server = await httpServer({ [`/card.${ending}`]: { body: bytes, etag: '"1"' } });
    expect((await content(await open(`${server.url}/card.${ending}`))).equals(IMAGE)).toBe(true);
  });

  it("is known by its first bytes, whatever its name", async () => {
    const path = join(await tempFolder(), "image");
    writeFileSync(path, bytes);
    expect((await content(await open(path))).equals(IMAGE)).toBe(true);
  });

  it.skipIf(ending === "img")("that is cut off is refused or fails, and is never taken for whole", async () => {
    const path = join(await tempFolder(), `card.${ending}`);
    writeFileSync(path, bytes.subarray(0, bytes.length - 40_000));
    await expect(open(path).then(content)).rejects.toThrow(/is damaged|is cut off/);
    if (!ending.includes("zip"))
      await expect(open("-", [bytes.subarray(0, bytes.length - 40_000)]).then(content)).rejects.toThrow(/is damaged/);
  });
});

describe("the size of a packed image", () => {
  it("is known before it is read where the format says it", async () => {
    const folder = await tempFolder();
    const sizes: Record<string, number | undefined> = {};
    for (const [ending, packer] of Object.entries(PACKED)) {
      writeFileSync(join(folder, `card.${ending}`), packer(IMAGE));
      if (ending === "img.zst") execFileSync("zstd", ["-qf", join(folder, "card.img")]);
      sizes[ending] = (await open(join(folder, `card.${ending}`))).size;
    }
    const size = IMAGE.length;
    expect(sizes).toEqual({ img: size, "img.xz": size, "img.zst": size, zip: size, "img.zip": size });
  });
});

describe("a web server that drops the connection", () => {
  it("is asked for the rest", async () => {
    // One request for its head, one for its first bytes, and then the image.
    const first = [{ status: 200 }, { dropAfter: 1_000_000 }, { dropAfter: 400_000 }];
    await using server = await httpServer({ "/card.img": { body: IMAGE, etag: '"1"', first } });
    const source = await open(`${server.url}/card.img`);
    expect((await content(source)).equals(IMAGE)).toBe(true);
    expect(server.requests.filter((line) => line.includes("bytes=")).length).toBe(1);
  });

  it("gives one clear message when there is nothing", async () => {
    await using server = await httpServer();
    await expect(open(`${server.url}/card.img`)).rejects.toThrow(`${server.url}/card.img: HTTP 404 Not Found`);
  });
});

describe("a bmap", () => {
  it("is looked for where bmaptool does", () => {
    expect(bmapNames("/a/card.img.xz")).toEqual(["/a/card.img.xz.bmap", "/a/card.img.bmap", "/a/card.bmap"]);
  });

  it("is found beside a file, in its zip and on its server", async () => {
    const toy = toyImage();
    const folder = await tempFolder();
    writeFileSync(join(folder, "card.img"), toy.bytes);
    writeFileSync(join(folder, "card.img.bmap"), toy.bmap);
    expect((await open(join(folder, "card.img"))).bmap?.from).toBe(join(folder, "card.img.bmap"));
    writeFileSync(join(folder, "other.zip"), zip({ "card.img": toy.bytes, "card.bmap": Buffer.from(toy.bmap) }));
    expect((await open(join(folder, "other.zip"))).bmap).toEqual({
      text: toy.bmap,
      from: `${folder}/other.zip, card.bmap`,
    });
    await using server = await httpServer({
      "/card.img.gz": { body: gzipSync(toy.bytes) },
      "/card.img.bmap": { body: Buffer.from(toy.bmap) },
    });
    expect((await open(`${server.url}/card.img.gz`)).bmap?.from).toBe(`${server.url}/card.img.bmap`);
  });

  it("of another image, or a damaged one, is refused", () => {
    const toy = toyImage();
    expect(() => mapOf(toy.bmap, "toy.bmap", 5)).toThrow(
      `toy.bmap is for an image of ${toy.bytes.length} bytes, and this one has 5`,
    );
    expect(() => mapOf(toy.bmap.replace("> 0 <", "> 1 <"), "toy.bmap", undefined)).toThrow(
      /toy.bmap cannot be used: the bmap's own checksum is wrong/,
    );
    expect(() => mapOf("<html>", "toy.bmap", undefined)).toThrow("toy.bmap cannot be used: not a bmap file");
  });
});

describe("a word that means no image", () => {
  it.each([
    ["a folder", async () => await tempFolder(), /is a folder, not an image/],
    ["nothing", async () => join(await tempFolder(), "none.img"), /there is no image/],
    ["an empty file", async () => file("card.img", Buffer.alloc(0)), /is empty/],
    [
      "a zip with two images",
      async () => file("a.zip", zip({ "a.img": IMAGE, "b.img": IMAGE })),
      /holds 2 images: a.img, b.img/,
    ],
    ["a zip without any", async () => file("a.zip", zip({ "a.bmap": IMAGE })), /holds no image/],
    ["a damaged xz", async () => file("a.xz", PACKED["img.xz"]?.(IMAGE).fill(7, 1000, 2000) ?? IMAGE), /is damaged/],
  ])("%s", async (_, make, message) => {
    const word = await make();
    await expect(open(word).then(content)).rejects.toThrow(message);
  });

  it("a program that is not installed is named with its package", async () => {
    const path = await file("card.img.xz", pack("xz", IMAGE));
    const before = process.env.PATH;
    onTestFinished(() => {
      process.env.PATH = before;
    });
    process.env.PATH = "/nowhere";
    await expect(open(path)).rejects.toThrow(`${path} is packed, and xz is not installed to unpack it`);
  });
});

async function file(name: string, bytes: Buffer): Promise<string> {
  const path = join(await tempFolder(), name);
  writeFileSync(path, bytes);
  expect(readFileSync(path).length).toBe(bytes.length);
  return path;
}
