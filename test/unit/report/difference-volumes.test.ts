import { expect, it } from "vitest";
import { physicalVolume } from "../../../src/disk/lvm/physical-volume.js";
import { DATA_START, extentsIn } from "../../../src/disk/lvm/volume-group.js";
import { writeMbr } from "../../../src/disk/mbr.js";
import { compareImages } from "../../../src/report/difference/compare.js";
import { imageContent } from "../../../src/report/difference/image-content.js";

const MiB = 1024 ** 2;
const START = MiB;
const SIZE = 16 * MiB;
const EXTENT = 64 * 1024;

/** An image with one volume group: `root` of an extent, `data` of `extents`, and this in data's third byte. */
function image(extents: number, third: number) {
  const bytes = Buffer.alloc(START + SIZE);
  bytes.set(writeMbr({ diskId: "0badcafe", partitions: [{ start: START, size: SIZE, type: 0x8e, active: false }] }));
  const physical = { id: "p".repeat(32), size: SIZE, extents: extentsIn(SIZE, EXTENT), device: "/dev/mmcblk0p1" };
  const volumes = [
    { name: "root", id: "r".repeat(32), firstExtent: 0, extents: 1 },
    { name: "data", id: "d".repeat(32), firstExtent: 1, extents },
  ];
  const group = { name: "system", id: "g".repeat(32), extentSize: EXTENT, physical, volumes, epoch: 0 };
  bytes.set(physicalVolume(group), START);
  bytes.writeUInt8(third, START + DATA_START + EXTENT + 2);
  const read = (offset: number, length: number) => bytes.subarray(offset, offset + length);
  return { content: imageContent(read, bytes.length), read };
}

it("volumes are compared one by one", () => {
  expect(compareImages(image(3, 1), image(3, 1)).partitions).toEqual([]);
  const content = expect.stringMatching(/^sha256:/);
  expect(compareImages(image(3, 1), image(3, 2)).partitions).toEqual([
    { what: "1 system/data content", from: content, to: content },
  ]);
  expect(compareImages(image(3, 1), image(4, 1)).partitions).toEqual([
    { what: "1 volumes", from: "root 65536, data 196608", to: "root 65536, data 262144" },
    { what: "1 system/data content", from: content, to: content },
    { what: "1 system/data size", from: "196608", to: "262144" },
  ]);
});
