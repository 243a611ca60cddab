/**
 * bmap: an XML file that says which 4096-byte blocks of an image matter, with a checksum for each run of them, so that
 * writing a card copies those only and proves what it read.
 *
 *   <Range chksum="SHA-256"> FIRST-LAST </Range>     blocks, both ends included; a single block is one number
 *   <BmapFileChecksum>                                SHA-256 of the file itself with 64 zeros in this place
 *
 * Versions: 1.2 without checksums, 1.3 with SHA-1 (`sha1=`, BmapFileSHA1), 2.0 (for a while called 1.4) with any.
 * Source: bmaptool, BmapCreate.py and BmapCopy.py.
 */
import { createHash } from "node:crypto";
import type { Range } from "./ranges.js";

export const BMAP_BLOCK = 4096;

export interface BmapRange {
  /** Block numbers, both included. */
  readonly first: number;
  readonly last: number;
  /** Hex digest of the range's bytes; undefined where the version has none. */
  readonly checksum?: string;
}

export interface Bmap {
  readonly imageSize: number;
  readonly blockSize: number;
  readonly blocks: number;
  readonly mappedBlocks: number;
  /** Name as node:crypto has it; undefined for versions without checksums. */
  readonly algorithm?: string;
  readonly ranges: readonly BmapRange[];
}

/** A bmap 2.0 for byte ranges (whole blocks, sorted, the last may end with the image) and their SHA-256 digests. */
export function writeBmap(imageSize: number, ranges: readonly (Range & { readonly sha256: string })[]): string {
  const blocks = Math.ceil(imageSize / BMAP_BLOCK);
  const lines: string[] = [];
  let mapped = 0;
  for (const range of ranges) {
    const first = range.start / BMAP_BLOCK;
    const last = Math.ceil(range.end / BMAP_BLOCK) - 1;
    if (!Number.isInteger(first)) throw new Error(`range at ${range.start} does not start with a block`);
    mapped += last - first + 1;
    lines.push(`        <Range chksum="${range.sha256}"> ${first === last ? first : `${first}-${last}`} </Range>`);
  }
  const zeros = "0".repeat(64);
  const text = `<?xml version="1.0" ?>
<!-- Blocks of the image that have to be written; all others are free space. -->
<bmap version="2.0">
    <ImageSize> ${imageSize} </ImageSize>
    <BlockSize> ${BMAP_BLOCK} </BlockSize>
    <BlocksCount> ${blocks} </BlocksCount>
    <MappedBlocksCount> ${mapped} </MappedBlocksCount>
    <ChecksumType> sha256 </ChecksumType>
    <BmapFileChecksum> ${zeros} </BmapFileChecksum>
    <BlockMap>
${lines.join("\n")}
    </BlockMap>
</bmap>
`;
  return text.replace(zeros, createHash("sha256").update(text).digest("hex"));
}

/** Reads a bmap of version 1.2 to 2.0. Throws when it is none, is inconsistent, or does not have its own checksum. */
export function parseBmap(text: string): Bmap {
  const bare = text.replace(/<!--[\s\S]*?-->/g, "");
  const version = /<bmap\s+version\s*=\s*"(\d+\.\d+)"/.exec(bare)?.[1];
  if (!version) throw new Error("not a bmap file");
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 2 || (major === 2 && minor > 0)) throw new Error(`bmap version ${version} is newer than 2.0`);
  const element = (name: string): string | undefined =>
    new RegExp(`<${name}>\\s*([^<]*?)\\s*</${name}>`).exec(bare)?.[1];
  const number = (name: string): number => {
    const value = Number(element(name) ?? Number.NaN);
    if (!Number.isSafeInteger(value) || value < 0) throw new Error(`bmap without a proper ${name}`);
    return value;
  };
  const old = major === 1 && minor === 3;
  const algorithm = major >= 2 || minor >= 4 ? element("ChecksumType") : old ? "sha1" : undefined;
  if (algorithm) verifyOwn(text, algorithm, element(old ? "BmapFileSHA1" : "BmapFileChecksum"));

  const imageSize = number("ImageSize");
  const blockSize = number("BlockSize");
  const blocks = number("BlocksCount");
  if (blockSize === 0 || Math.ceil(imageSize / blockSize) !== blocks) {
    throw new Error(`bmap of ${imageSize} bytes and ${blocks} blocks of ${blockSize} is inconsistent`);
  }
  const ranges: BmapRange[] = [];
  let next = 0;
  let mapped = 0;
  for (const [, attributes = "", from = "", to] of bare.matchAll(
    /<Range([^>]*)>\s*(\d+)\s*(?:-\s*(\d+)\s*)?<\/Range>/g,
  )) {
    const first = Number(from);
    const last = to === undefined ? first : Number(to);
    if (first < next || last < first || last >= blocks) throw new Error(`bmap range ${first}-${last} is out of place`);
    next = last + 1;
    mapped += last - first + 1;
    const checksum = /(?:chksum|sha1)\s*=\s*"([0-9a-f]+)"/.exec(attributes)?.[1];
    ranges.push({ first, last, ...(checksum ? { checksum } : {}) });
  }
  const mappedBlocks = number("MappedBlocksCount");
  if (mapped !== mappedBlocks) throw new Error(`bmap says ${mappedBlocks} mapped blocks and lists ${mapped}`);
  return { imageSize, blockSize, blocks, mappedBlocks, ...(algorithm ? { algorithm } : {}), ranges };
}

function verifyOwn(text: string, algorithm: string, checksum: string | undefined): void {
  if (!checksum) throw new Error("bmap without its own checksum");
  const zeroed = text.replace(checksum, "0".repeat(checksum.length));
  if (createHash(algorithm).update(zeroed).digest("hex") !== checksum) {
    throw new Error("the bmap's own checksum is wrong: the file is damaged");
  }
}
