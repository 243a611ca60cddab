import { spawn } from "node:child_process";
import { closeSync, createReadStream, openSync } from "node:fs";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { peek } from "./forward.js";
import { SourceFailed } from "./image-source.js";
import { MAGIC_LENGTH, type Packing, packingOf, UNPACKERS } from "./packing.js";

/** Bytes read ahead of gunzip. */
const READ = 1024 * 1024;

/** Packed bytes: a file that a program can be handed as it is, or a stream. */
export type Packed = { readonly file: string } | { readonly chunks: AsyncIterable<Buffer> };

/** The bare image in packed bytes. The unpacking program runs beside us, and its exit code counts: xz gives data before it fails. */
export function unpacked(name: string, packed: Packed, packing: Exclude<Packing, "zip">): AsyncIterable<Buffer> {
  return packing === "gzip" ? gunzipped(name, packed) : byProgram(name, packed, packing);
}

/** What may be packed is unpacked, what is bare stays: for streams, whose first bytes cannot be looked at beforehand. */
export async function* unpackedStream(name: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { head, whole } = await peek(chunks, MAGIC_LENGTH);
  const packing = packingOf(head);
  if (packing === "zip") throw new SourceFailed(`${name} holds a zip, which can be read from a file of its own only`);
  yield* packing === undefined ? whole : unpacked(name, { chunks: whole }, packing);
}

async function* gunzipped(name: string, packed: Packed): AsyncGenerator<Buffer> {
  const input =
    "file" in packed ? createReadStream(packed.file, { highWaterMark: READ }) : Readable.from(packed.chunks);
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  let broken: unknown;
  input.once("error", (error: Error) => {
    broken = error;
    gunzip.destroy(error);
  });
  try {
    yield* input.pipe(gunzip);
  } catch (error) {
    throw broken ?? new SourceFailed(`${name} is damaged: ${(error as Error).message}`);
  } finally {
    input.destroy();
  }
}

async function* byProgram(name: string, packed: Packed, packing: keyof typeof UNPACKERS): AsyncGenerator<Buffer> {
  const { program, args } = UNPACKERS[packing];
  const file = "file" in packed ? openSync(packed.file, "r") : undefined;
  const child = spawn(program, args, { stdio: [file ?? "pipe", "pipe", "pipe"] });
  if (file !== undefined) closeSync(file);
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  ended.catch(() => {});
  let broken: unknown;
  if ("chunks" in packed && child.stdin) {
    const input = Readable.from(packed.chunks).once("error", (error) => {
      broken = error;
      child.kill();
    });
    // A program that fails closes its input; its exit code tells more than our EPIPE.
    child.stdin.on("error", () => input.destroy());
    input.pipe(child.stdin);
  }
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    const code = await ended;
    if (broken !== undefined) throw broken;
    if (code !== 0) {
      const why = said.trim().split("\n").at(-1) ?? "";
      throw new SourceFailed(`${name} is damaged: ${why === "" ? `${program} ended with ${code}` : why}`);
    }
  } finally {
    child.kill();
  }
}
