import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CpioEntry, cpio } from "../../../src/initramfs/cpio.js";

/** Reads an archive as buffer-format.rst of the kernel describes it, and nothing else. */
function read(bytes: Buffer) {
  const found: { path: string; mode: number; content: string; device: string; ino: number; time: number }[] = [];
  for (let at = 0; ; ) {
    expect(bytes.toString("latin1", at, at + 6)).toBe("070701");
    const field = (index: number) =>
      Number.parseInt(bytes.toString("latin1", at + 6 + index * 8, at + 14 + index * 8), 16);
    const start = Math.ceil((at + 110 + field(11)) / 4) * 4;
    const path = bytes.toString("utf8", at + 110, at + 110 + field(11) - 1);
    expect(bytes[at + 110 + field(11) - 1]).toBe(0);
    const end = start + field(6);
    if (path === "TRAILER!!!") {
      expect(bytes.subarray(end).every((byte) => byte === 0)).toBe(true);
      return found;
    }
    const device = `${field(9)}:${field(10)}`;
    found.push({
      path,
      mode: field(1),
      content: bytes.toString("latin1", start, end),
      device,
      ino: field(0),
      time: field(5),
    });
    at = Math.ceil(end / 4) * 4;
  }
}

describe("a cpio archive", () => {
  it("begins with the header that the kernel reads", () => {
    const bytes = cpio([{ path: "init", mode: 0o755, what: { file: Buffer.from("#!/bin/sh\n") } }], 0x65536f00);
    expect(bytes.toString("latin1", 0, 128)).toBe(
      "070701" + // magic
        "00000001000081ED000000000000000000000001" + // ino, a file of mode 755, root's, one link
        "65536F000000000A" + // time, size
        "00000000000000000000000000000000" + // devices
        "0000000500000000init\0\0" + // 110 bytes of header and the name fill 116
        "#!/bin/sh\n\0\0",
    );
    expect(bytes.length % 512).toBe(0);
  });

  it("holds folders, links and devices", () => {
    const bytes = cpio(
      [
        { path: "dev", mode: 0o755, what: { folder: true } },
        { path: "dev/console", mode: 0o600, what: { char: { major: 5, minor: 1 } } },
        { path: "bin", mode: 0o777, what: { link: "usr/bin" } },
      ],
      1,
    );
    expect(read(bytes)).toEqual([
      { path: "dev", mode: 0o040755, content: "", device: "0:0", ino: 1, time: 1 },
      { path: "dev/console", mode: 0o020600, content: "", device: "5:1", ino: 2, time: 1 },
      { path: "bin", mode: 0o120777, content: "usr/bin", device: "0:0", ino: 3, time: 1 },
    ]);
  });

  it("gives back every name and every byte", () => {
    const entry = fc.record({
      path: fc.string({ minLength: 1 }).filter((name) => !name.includes("\0") && name !== "TRAILER!!!"),
      mode: fc.integer({ min: 0, max: 0o777 }),
      bytes: fc.uint8Array({ maxLength: 40 }),
    });
    fc.assert(
      fc.property(fc.array(entry), (files) => {
        const entries = files.map(({ path, mode, bytes }): CpioEntry => ({ path, mode, what: { file: bytes } }));
        expect(read(cpio(entries, 7)).map(({ path, mode, content }) => ({ path, mode, content }))).toEqual(
          files.map(({ path, mode, bytes }) => ({
            path: Buffer.from(path).toString("utf8"),
            mode: mode | 0o100000,
            content: Buffer.from(bytes).toString("latin1"),
          })),
        );
        expect(cpio(entries, 7).equals(cpio(entries, 7))).toBe(true);
      }),
    );
  });
});
