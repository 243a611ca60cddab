import { describe, expect, it } from "vitest";
import { parseGpt, writeGpt } from "../../../src/disk/gpt.js";
import { parseMbr, writeMbr } from "../../../src/disk/mbr.js";

const MiB = 1024 ** 2;

describe("MBR", () => {
  it("reads back what it wrote", () => {
    const mbr = {
      diskId: "0a1b2c3d",
      partitions: [
        { start: MiB, size: 40 * MiB, type: 0x0c, active: true },
        { start: 41 * MiB, size: 20_000 * MiB, type: 0x83, active: false },
      ],
    };
    expect(parseMbr(writeMbr(mbr))).toEqual(mbr);
    expect(parseMbr(new Uint8Array(512))).toBeUndefined();
    expect(() => writeMbr({ ...mbr, partitions: Array(5).fill(mbr.partitions[0]) })).toThrow("an MBR has four entries");
  });
});

describe("GPT", () => {
  const gpt = {
    diskUuid: "01234567-89ab-5cde-8f01-23456789abcd",
    size: 8 * MiB,
    entriesAt: MiB - 16384,
    firstUsable: MiB,
    partitions: [
      {
        start: MiB,
        size: MiB,
        type: "0fc63daf-8483-4772-8e79-3d69d8477de4",
        uuid: "11111111-2222-5333-8444-555555555555",
        name: "röot",
        bootable: true,
      },
    ],
  };
  const disk = new Uint8Array(gpt.size);
  for (const { offset, bytes } of writeGpt(gpt)) disk.set(bytes, offset);

  it("reads back what it wrote, from the backup too when the primary is damaged", () => {
    const read = (image: Uint8Array) => parseGpt((offset, length) => image.subarray(offset, offset + length), gpt.size);
    expect(read(disk)).toEqual(gpt);
    const damaged = Uint8Array.from(disk);
    damaged[600] = 0xff;
    expect(read(damaged)?.partitions).toEqual(gpt.partitions);
    damaged[gpt.size - 500] = 0xff;
    expect(read(damaged)).toBeUndefined();
  });
});
