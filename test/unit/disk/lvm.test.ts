import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { placeLayout } from "../../../src/disk/layout.js";
import { metadataText } from "../../../src/disk/lvm/metadata.js";
import { physicalVolume } from "../../../src/disk/lvm/physical-volume.js";
import { mapperName, type VolumeGroup } from "../../../src/disk/lvm/volume-group.js";
import { rootArguments } from "../../../src/disk/root-device.js";
import { swapHeader } from "../../../src/disk/swap.js";
import type { GroupSpec, ImageSpec, VolumeSpec } from "../../../src/recipe/spec.js";
import { imageSteps } from "../../../src/steps/image.js";
import { ASSETS, CARD_BOARD, CARD_IMAGE, cardSpec } from "../../rig/card.js";

const MiB = 1024 ** 2;
const spl = CARD_BOARD.spl;
const volume = (name: string, size: VolumeSpec["size"], more: Partial<VolumeSpec> = {}): VolumeSpec => ({
  name,
  content: "empty",
  label: name,
  size,
  ...more,
});
const withGroup = (volumes: readonly VolumeSpec[], more: Partial<GroupSpec> = {}): ImageSpec => ({
  ...CARD_IMAGE,
  partitions: [
    ...CARD_IMAGE.partitions.slice(0, 1),
    { name: "pv", content: "lvm", size: { rest: true }, group: "system", extentSize: 4 * MiB, volumes, ...more },
  ],
});
const ROOT = volume("root", { bytes: 100 * MiB }, { content: "root" });

const GROUP: VolumeGroup = {
  name: "system",
  id: "a".repeat(32),
  extentSize: 4 * MiB,
  physical: { id: "b".repeat(32), size: 200 * MiB, extents: 49, device: "/dev/mmcblk0p2" },
  volumes: [{ name: "root", id: "c".repeat(32), firstExtent: 3, extents: 20 }],
  epoch: 1_700_000_000,
};

describe("a volume group's metadata", () => {
  it("are lvm2's text", async () => {
    await expect(metadataText(GROUP)).toMatchFileSnapshot("lvm-metadata.txt");
    expect(metadataText({ ...GROUP, volumes: [] })).not.toContain("logical_volumes");
  });

  // What lvm2 2.03.16 itself computed over these bytes (pvck --dump headers).
  it("lie where the label says, with the checksums that lvm2 computes", () => {
    const bytes = Buffer.from(physicalVolume(GROUP));
    expect(bytes.toString("latin1", 512, 520)).toBe("LABELONE");
    expect(bytes.toString("latin1", 544, 576)).toBe("b".repeat(32));
    expect(bytes.readBigUInt64LE(576)).toBe(BigInt(200 * MiB));
    expect(bytes.toString("latin1", 4608, 4616)).toBe("system {");
    expect(bytes.at(-1)).toBe(0);
    expect(bytes.readBigUInt64LE(4096 + 48)).toBe(BigInt(bytes.length - 4608));
  });

  it("refuse more volumes than their area holds", () => {
    const volumes = Array.from({ length: 3000 }, (_, index) => ({
      name: `volume-${index}`,
      id: "c".repeat(32),
      firstExtent: index,
      extents: 1,
    }));
    expect(() => physicalVolume({ ...GROUP, volumes })).toThrow("the volume group's metadata outgrow their area");
  });
});

describe("placing a volume group", () => {
  it("gives volumes whole extents behind LVM's first megabyte, in their order", () => {
    const image = withGroup([
      ROOT,
      volume("some", { percent: 40 }),
      volume("swap", { bytes: 5 * MiB }, { content: "swap" }),
      volume("data", { rest: true }),
    ]);
    const { layout } = placeLayout(image, spl, {});
    const pv = layout?.partitions[1];
    // 256 MiB less 44 for what comes before, less LVM's own: 52 extents.
    expect(pv).toMatchObject({ offset: 44 * MiB, size: 212 * MiB, filesystem: "lvm2" });
    expect(pv?.group?.extents).toBe(52);
    expect(pv?.group?.volumes.map(({ firstExtent, extents }) => [firstExtent, extents])).toEqual([
      [0, 25],
      [25, 20],
      [45, 2],
      [47, 5],
    ]);
  });

  const messages = (image: ImageSpec, contents = {}) =>
    placeLayout(image, spl, contents).diagnostics.map(({ code, message, help }) => `${code}: ${message} (${help})`);

  it("names group, partition and sizes where volumes do not fit", () => {
    expect(messages(withGroup([ROOT, volume("data", { bytes: 200 * MiB })]))).toEqual([
      'layout-group-too-small: the volumes of group "system" take 300 MiB, partition "pv" has room for 208 MiB in extents of 4 MiB (make the partition larger, or a volume smaller)',
    ]);
    expect(messages(withGroup([ROOT, volume("most", { bytes: 108 * MiB }), volume("data", { rest: true })]))).toEqual([
      'layout-group-too-small: nothing is left of group "system" for volume "data": partition "pv" has room for 208 MiB (make the partition larger, or another volume smaller)',
    ]);
  });

  it("names the volume whose content does not fit", () => {
    const root = { entries: 1000, folders: 10, blocks: 30_000, lostAttributes: 0 };
    expect(messages(withGroup([ROOT]), { root })).toEqual([
      'layout-content-too-large: the content of volume "system/root" takes 117.2 MiB, its ext4 of 100 MiB has room for 94.4 MiB (make the volume at least 127 MiB, or use `size: content`)',
    ]);
    const guest = volume("guest", { bytes: 8 * MiB }, { content: "payload" });
    expect(messages(withGroup([ROOT, guest]), { payloads: { "system/guest": 9 * MiB } })).toEqual([
      'layout-content-too-large: the payload of volume "system/guest" has 9 MiB, the volume 8 MiB (make the volume larger, or use `size: content`)',
    ]);
  });

  it("makes a partition as large as its volumes where it is to be", () => {
    const volumes = [{ ...ROOT, size: { content: { slack: 3 * MiB } } }, volume("data", { bytes: 10 * MiB })];
    const root = { entries: 10, folders: 1, blocks: 1000, lostAttributes: 0 };
    const { layout } = placeLayout(withGroup(volumes, { size: { content: { slack: 0 } } }), spl, { root });
    const pv = layout?.partitions[1];
    const extents = pv?.group?.volumes.reduce((sum, one) => sum + one.extents, 0);
    expect(pv?.size).toBe(MiB + (extents ?? 0) * 4 * MiB);
    expect(pv?.group?.extents).toBe(extents);
  });

  it("never gives volumes that overlap or leave their partition", () => {
    const size = fc.oneof(
      fc.integer({ min: 1, max: 60 * MiB }).map((bytes) => ({ bytes })),
      fc.integer({ min: 1, max: 100 }).map((percent) => ({ percent })),
      fc.integer({ min: 0, max: 20 * MiB }).map((slack) => ({ content: { slack } })),
      fc.constant({ rest: true as const }),
    );
    const extent = fc.integer({ min: 16, max: 26 }).map((power) => 2 ** power);
    fc.assert(
      fc.property(fc.array(size, { maxLength: 6 }), extent, (sizes, extentSize) => {
        const volumes = sizes.map((one, index) => volume(`v${index}`, one));
        const { layout } = placeLayout(withGroup(volumes, { extentSize }), spl, {});
        const pv = layout?.partitions[1];
        if (!pv?.group) return;
        let end = pv.offset + MiB;
        for (const one of pv.group.volumes) {
          expect(one.offset).toBe(end);
          expect(one.size).toBe(one.extents * extentSize);
          expect(one.extents).toBeGreaterThan(0);
          end += one.size;
        }
        expect(end).toBeLessThanOrEqual(pv.offset + pv.size);
      }),
    );
  });
});

describe("the way to a root volume", () => {
  const spec = cardSpec(withGroup([volume("data", { bytes: 20 * MiB }), { ...ROOT, name: "the-root" }]));

  it("is told to the kernel with lvm2's own name and uuid", () => {
    const { layout } = placeLayout(spec.image, spl, {});
    if (!layout) throw new Error("no layout");
    expect(rootArguments(spec, layout)).toEqual([
      expect.stringMatching(
        /^dm-mod\.create="system-the--root,LVM-[0-9A-Za-z]{64},,rw,0 204800 linear PARTUUID=1db155d0-02 43008"$/,
      ),
      "dm-mod.waitfor=PARTUUID=1db155d0-02",
      "root=/dev/dm-0",
      "rootwait",
    ]);
    expect(mapperName("a-b", "c--d")).toBe("a--b-c----d");
  });

  it("is refused where it follows from contents", () => {
    const open = cardSpec(withGroup([volume("data", { content: { slack: 0 } }), ROOT]));
    expect(() => imageSteps(open, ASSETS)).toThrow(
      'the kernel sets up root volume "system/root" itself and must be told where it lies, which `size: content` leaves open',
    );
  });
});

it("a swap header is mkswap's", () => {
  const uuid = "11111111-2222-4333-8444-555555555555";
  const page = swapHeader({ size: 16 * MiB, uuid, label: "swap" });
  expect(page.readUInt32LE(1028)).toBe(4095);
  expect(page.toString("hex", 1036, 1052)).toBe(uuid.replaceAll("-", ""));
  expect(page.toString("latin1", 4086)).toBe("SWAPSPACE2");
});
