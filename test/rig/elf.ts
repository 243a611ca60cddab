/** The least of a little-endian ELF file that a loader would read for its needs: program headers, a dynamic section, its strings. */
export function fakeElf(wants: {
  readonly bits: 32 | 64;
  readonly loader?: string;
  readonly libraries: readonly string[];
  readonly runpath?: string;
}): Buffer {
  const wide = wants.bits === 64;
  const size = wide ? 8 : 4;
  const base = 0x10000;
  const texts = [wants.loader ?? "", ...wants.libraries, wants.runpath ?? ""];
  const strings = Buffer.from(`\0${texts.map((text) => `${text}\0`).join("")}`);
  const at = (text: string): number => strings.indexOf(`\0${text}\0`) + 1;
  const dynamic = [
    ...wants.libraries.map((name) => [1, at(name)]),
    ...(wants.runpath === undefined ? [] : [[29, at(wants.runpath)]]),
    [5, base + 0x400],
    [0, 0],
  ];
  const bytes = Buffer.alloc(0x400 + strings.length);
  const word = (offset: number, value: number): void => {
    if (wide) bytes.writeBigUInt64LE(BigInt(value), offset);
    else bytes.writeUInt32LE(value, offset);
  };
  bytes.write("\x7fELF", 0, "latin1");
  bytes.set([wide ? 2 : 1, 1, 1], 4);
  const headers = [
    { type: 1, offset: 0, length: bytes.length },
    ...(wants.libraries.length > 0 ? [{ type: 2, offset: 0x200, length: dynamic.length * 2 * size }] : []),
    ...(wants.loader === undefined
      ? []
      : [{ type: 3, offset: 0x400 + at(wants.loader), length: wants.loader.length + 1 }]),
  ];
  word(wide ? 0x20 : 0x1c, 0x80);
  bytes.writeUInt16LE(64, wide ? 0x36 : 0x2a);
  bytes.writeUInt16LE(headers.length, wide ? 0x38 : 0x2c);
  headers.forEach(({ type, offset, length }, index) => {
    const start = 0x80 + index * 64;
    const first = start + (wide ? 8 : 4);
    bytes.writeUInt32LE(type, start);
    word(first, offset);
    word(first + size, base + offset);
    word(first + 3 * size, length);
  });
  dynamic.forEach(([tag = 0, value = 0], index) => {
    word(0x200 + index * 2 * size, tag);
    word(0x200 + index * 2 * size + size, value);
  });
  strings.copy(bytes, 0x400);
  return bytes;
}
