/**
 * What a program needs to be started: its loader and its libraries, from an ELF file's program headers.
 *
 *   header     0 7f "ELF" | 4 class (1: 32 bits, 2: 64) | 5 data (1: little-endian) | 0x1c / 0x20 program headers at
 *              0x2a / 0x36 size of one | 0x2c / 0x38 how many
 *   program    type u32 | 32 bits: offset, vaddr, paddr, filesz | 64 bits: flags, offset, vaddr, paddr, filesz
 *   dynamic    (tag, value) words: 1 NEEDED, 5 STRTAB (an address), 15 RPATH, 29 RUNPATH (offsets into STRTAB)
 *
 * Source: elf(5); System V ABI, chapters 4 and 5.
 */
export interface ElfNeeds {
  /** The loader, e.g. `/lib/ld-linux-armhf.so.3`; absent for libraries and static programs. */
  readonly loader?: string;
  /** Names of libraries, e.g. `libc.so.6`. */
  readonly libraries: readonly string[];
  /** Folders to look in first. */
  readonly folders: readonly string[];
}

const LOAD = 1;
const DYNAMIC = 2;
const INTERP = 3;
const TAG = { needed: 1, strings: 5, rpath: 15, runpath: 29 };

/** Reads the needs of a little-endian ELF file; undefined when it is none, or damaged. */
export function elfNeeds(bytes: Buffer): ElfNeeds | undefined {
  if (bytes.length < 64 || bytes.toString("latin1", 0, 4) !== "\x7fELF" || bytes[5] !== 1) return undefined;
  try {
    return read(bytes, bytes[4] === 2);
  } catch (error) {
    // Buffer says so where an offset leads out of the file.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function read(bytes: Buffer, wide: boolean): ElfNeeds {
  const word = (at: number): number => (wide ? Number(bytes.readBigUInt64LE(at)) : bytes.readUInt32LE(at));
  const size = wide ? 8 : 4;
  const table = word(wide ? 0x20 : 0x1c);
  const step = bytes.readUInt16LE(wide ? 0x36 : 0x2a);
  const count = bytes.readUInt16LE(wide ? 0x38 : 0x2c);
  const programs = Array.from({ length: count }, (_, index) => {
    const at = table + index * step;
    const first = at + (wide ? 8 : 4);
    return {
      type: bytes.readUInt32LE(at),
      offset: word(first),
      address: word(first + size),
      length: word(first + 3 * size),
    };
  });
  const text = (at: number): string => bytes.toString("utf8", at, bytes.indexOf(0, at));
  const loader = programs.find(({ type }) => type === INTERP);
  const dynamic = programs.find(({ type }) => type === DYNAMIC);
  const entries: { tag: number; value: number }[] = [];
  for (let at = dynamic?.offset ?? 0; dynamic && at < dynamic.offset + dynamic.length; at += 2 * size) {
    if (word(at) === 0) break;
    entries.push({ tag: word(at), value: word(at + size) });
  }
  const address = entries.find(({ tag }) => tag === TAG.strings)?.value ?? 0;
  const home = programs.find(
    (one) => one.type === LOAD && address >= one.address && address < one.address + one.length,
  );
  const strings = home ? address - home.address + home.offset : address;
  const texts = (...tags: readonly number[]): readonly string[] =>
    entries.filter(({ tag }) => tags.includes(tag)).map(({ value }) => text(strings + value));
  return {
    ...(loader ? { loader: text(loader.offset) } : {}),
    libraries: texts(TAG.needed),
    folders: texts(TAG.rpath, TAG.runpath).flatMap((list) => list.split(":")),
  };
}
