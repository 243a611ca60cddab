import { describe, expect, it } from "vitest";
import { Refused } from "../../../src/diagnostic/failure.js";
import { renderDiagnostics } from "../../../src/diagnostic/render.js";
import { describeDisk } from "../../../src/flash/drives/describe.js";
import { findDrive } from "../../../src/flash/drives/find-drive.js";
import { type JudgedDisk, judgeDisks } from "../../../src/flash/drives/judge.js";
import { readDriveFacts } from "../../../src/flash/drives/read-facts.js";
import { driveDiagnostics, sizeDiagnostics } from "../../../src/flash/drives/refuse-drives.js";
import { type FakeDisk, fakeMachine } from "../../rig/sysfs.js";
import { tempFolder } from "../../rig/temp-folder.js";

const USB = "pci0000:00/0000:00:14.0/usb1/1-4/1-4:1.0/host4/target4:0:0/4:0:0:0";

const READER: FakeDisk = {
  name: "sdb",
  number: "8:16",
  gib: 29,
  bus: USB,
  removable: true,
  files: { "device/vendor": "Generic ", "device/model": "STORAGE DEVICE  " },
  udev: { ID_SERIAL_SHORT: "000000000272" },
  links: ["usb-Generic_STORAGE_DEVICE_000000000272-0:0"],
  partitions: [
    { name: "sdb1", number: "8:17", gib: 1, udev: { ID_FS_TYPE: "vfat", ID_FS_LABEL: "BOOT" } },
    { name: "sdb2", number: "8:18", gib: 28, udev: { ID_FS_TYPE: "ext4" } },
  ],
};

/** A laptop as most are: LUKS and LVM on NVMe, swap in a volume and in memory, a slot for cards, a snap or two. */
const LAPTOP: readonly FakeDisk[] = [
  {
    name: "nvme0n1",
    number: "259:0",
    gib: 476,
    bus: "pci0000:00/0000:00:1d.0/nvme/nvme0",
    files: { "device/model": "SAMSUNG MZVLB512", "device/serial": "S4EVNX0M" },
    partitions: [
      { name: "nvme0n1p1", number: "259:1", gib: 1, udev: { ID_FS_TYPE: "vfat" } },
      { name: "nvme0n1p2", number: "259:2", gib: 475, udev: { ID_FS_TYPE: "crypto_LUKS" }, holders: ["dm-0"] },
    ],
  },
  {
    name: "dm-0",
    number: "254:0",
    gib: 475,
    bus: "virtual",
    files: { "dm/uuid": "CRYPT-LUKS2-aa-root" },
    holders: ["dm-1", "dm-2"],
  },
  { name: "dm-1", number: "254:1", gib: 400, bus: "virtual", files: { "dm/uuid": "LVM-aaaa" } },
  { name: "dm-2", number: "254:2", gib: 16, bus: "virtual", files: { "dm/uuid": "LVM-bbbb" } },
  { name: "zram0", number: "253:0", gib: 4, bus: "virtual" },
  {
    name: "loop3",
    number: "7:3",
    gib: 1,
    bus: "virtual",
    files: { "loop/backing_file": "/var/lib/snapd/core.snap" },
    readOnly: true,
  },
  {
    name: "mmcblk0",
    number: "179:0",
    gib: 59,
    bus: "pci0000:00/0000:00:1c.4/rtsx_pci_sdmmc.0/mmc_host/mmc0/mmc0:aaaa",
    files: { "device/type": "SD", "device/name": "SN64G", "device/serial": "0x7a3c1d52" },
    links: ["mmc-SN64G_0x7a3c1d52"],
  },
  READER,
];
const LAPTOP_MOUNTS = `22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/mapper/vg-root rw
30 22 259:1 / /boot/efi rw,relatime shared:2 - vfat /dev/nvme0n1p1 rw
31 22 7:3 / /snap/core/1 ro,nodev - squashfs /dev/loop3 ro
32 22 8:17 / /run/media/ada/my\\040card rw - vfat /dev/sdb1 rw
33 22 0:44 / /run/user/1000 rw - tmpfs tmpfs rw`;

async function machine(
  disks: readonly FakeDisk[],
  mountinfo: string,
  swaps: readonly string[] = [],
  image?: string,
): Promise<readonly JudgedDisk[]> {
  const root = await tempFolder();
  fakeMachine(root, disks, mountinfo, swaps);
  return judgeDisks(readDriveFacts(root), image);
}

const reasons = (disks: readonly JudgedDisk[]) =>
  Object.fromEntries(disks.map(({ disk, refusals }) => [disk.name, refusals.map(({ text }) => text)]));

describe("a laptop", () => {
  it("offers the card in its slot, and says of everything else why not", async () => {
    const disks = await machine(LAPTOP, LAPTOP_MOUNTS, ["/dev/dm-2", "/dev/zram0"], "254:1");
    expect(reasons(disks)).toEqual({
      "dm-0": [
        "holds the running system (/ is on dm-1)",
        "holds the image",
        "is swapped to (/dev/dm-2)",
        "is part of LVM (dm-0 carries dm-1)",
        "is no disk but a volume of the device mapper",
      ],
      "dm-1": [
        "holds the running system (/ is on dm-1)",
        "holds the image",
        "is no disk but a volume of the device mapper",
      ],
      "dm-2": ["is swapped to (/dev/dm-2)", "is no disk but a volume of the device mapper"],
      loop3: ["is read-only", "is mounted (loop3 on /snap/core/1)", "is a loop device (/var/lib/snapd/core.snap)"],
      mmcblk0: [],
      nvme0n1: [
        "holds the running system (/ is on dm-1)",
        "holds the image",
        "is swapped to (/dev/dm-2)",
        "is part of an open LUKS volume (nvme0n1p2 carries dm-0)",
        "is built in (nvme)",
        "is larger than 256 GiB (476 GiB)",
      ],
      sdb: ["is mounted (sdb1 on /run/media/ada/my card)"],
      zram0: ["is swapped to (/dev/zram0)", "is memory (zram)"],
    });
  });

  it("describes a drive so that it is recognised", async () => {
    const disks = await machine(LAPTOP, LAPTOP_MOUNTS);
    const of = (name: string) => disks.filter(({ disk }) => disk.name === name).map(describeDisk)[0];
    expect(of("sdb")).toBe(
      'Generic STORAGE DEVICE, 29 GiB, usb, serial 000000000272; partitions: sdb1 "BOOT" vfat 1 GiB on /run/media/ada/my card, sdb2 ext4 28 GiB',
    );
    expect(of("mmcblk0")).toBe("SN64G, 59 GiB, sd, serial 0x7a3c1d52; no partitions");
  });

  it("finds a drive by path, name and serial number, and knows which of them stay", async () => {
    const disks = await machine(LAPTOP, LAPTOP_MOUNTS);
    const find = (word: string) => findDrive(word, disks, "/", describeDisk);
    expect(find("/dev/mmcblk0")).toMatchObject({
      place: { path: "/dev/mmcblk0", capacity: 59 * 1024 ** 3, block: 512 },
      stable: false,
    });
    expect(find("mmcblk0").stable).toBe(false);
    expect(find("0x7a3c1d52")).toMatchObject({ place: { name: "mmcblk0" }, stable: true });
    expect(() => find("/dev/sdb1")).toThrow("/dev/sdb1 is a partition of sdb");
    expect(() => find("/dev/sdc")).toThrow("there is no drive /dev/sdc");
  });

  it("overrides what a flag names and nothing else", async () => {
    const disks = await machine(LAPTOP, LAPTOP_MOUNTS);
    const say = (word: string, ...allowed: string[]) =>
      renderDiagnostics(driveDiagnostics([findDrive(word, disks, "/", describeDisk)], new Set(allowed)));
    expect(say("sdb", "--unmount")).toBe("");
    expect(say("sdb", "--allow-large")).toBe(`error: sdb is mounted (sdb1 on /run/media/ada/my card) [drive-refused]
  help: if you mean it, add --unmount

1 error`);
    const all = ["--unmount", "--allow-large", "--allow-built-in", "--allow-loop", "--allow-file"];
    expect(say("nvme0n1", ...all)).toContain("nvme0n1 holds the running system (/ is on dm-1)");
    expect(say("zram0", ...all)).toContain("zram0 is memory (zram)");
    expect(say("dm-1", ...all)).toContain("dm-1 is no disk but a volume of the device mapper");
  });

  it("refuses a drive named twice, and one that the image does not fit on", async () => {
    const disks = await machine(LAPTOP, LAPTOP_MOUNTS);
    const twice = ["mmcblk0", "0x7a3c1d52"].map((word) => findDrive(word, disks, "/", describeDisk));
    expect(driveDiagnostics(twice, new Set()).map(({ message }) => message)).toEqual([
      "0x7a3c1d52 is named twice (/dev/mmcblk0)",
    ]);
    expect(sizeDiagnostics(twice.slice(1), 60 * 1024 ** 3).map(({ message }) => message)).toEqual([
      "the image has 64424509440 bytes and 0x7a3c1d52 only 63350767616",
    ]);
  });
});

describe("a server", () => {
  it("keeps its RAID, its volumes and its own disks", async () => {
    const sata = (name: string, number: string, more: Partial<FakeDisk> = {}): FakeDisk => ({
      name,
      number,
      gib: 200,
      bus: `pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/${name}`,
      files: { "device/vendor": "ATA     ", "device/model": "INTEL SSDSC2" },
      ...more,
    });
    const disks = await machine(
      [
        sata("sda", "8:0", { partitions: [{ name: "sda1", number: "8:1", gib: 200, holders: ["md0"] }] }),
        sata("sdb", "8:16", { partitions: [{ name: "sdb1", number: "8:17", gib: 200, holders: ["md0"] }] }),
        sata("sdc", "8:32", { udev: { ID_FS_TYPE: "LVM2_member" } }),
        sata("sdd", "8:48", {
          gib: 4000,
          partitions: [{ name: "sdd1", number: "8:49", gib: 4000, udev: { ID_FS_TYPE: "zfs_member" } }],
        }),
        sata("sde", "8:64"),
        { name: "md0", number: "9:0", gib: 200, bus: "virtual" },
        { name: "sdf", number: "8:80", gib: 0, bus: USB, removable: true },
      ],
      // btrfs gives its filesystems a number of its own.
      "22 1 0:31 /@ / rw,relatime shared:1 - btrfs /dev/md0 rw",
    );
    expect(reasons(disks)).toEqual({
      md0: ["holds the running system (/ is on md0)", "is no disk but a volume of a RAID"],
      sda: ["holds the running system (/ is on md0)", "is part of a RAID (sda1 carries md0)", "is built in (sata)"],
      sdb: ["holds the running system (/ is on md0)", "is part of a RAID (sdb1 carries md0)", "is built in (sata)"],
      sdc: ["is part of LVM (sdc)", "is built in (sata)"],
      sdd: [
        "is part of a ZFS pool (sdd1)",
        "is built in (sata)",
        "is larger than 256 GiB (3.9 TiB)".replace("3.9 TiB", "4000 GiB"),
      ],
      sde: ["is built in (sata)"],
      sdf: ["has no medium in it"],
    });
  });
});

describe("a board", () => {
  it("keeps its eMMC and the card it runs from", async () => {
    const mmc = (name: string, number: string, type: string, more: Partial<FakeDisk> = {}): FakeDisk => ({
      name,
      number,
      gib: 8,
      bus: `platform/soc/1c0f000.mmc/mmc_host/mmc0/${name}`,
      files: { "device/type": type },
      ...more,
    });
    const disks = await machine(
      [
        mmc("mmcblk0", "179:0", "SD", { partitions: [{ name: "mmcblk0p1", number: "179:1", gib: 8 }] }),
        mmc("mmcblk1", "179:8", "MMC"),
        mmc("mmcblk2", "179:16", "SD", { readOnly: true }),
      ],
      "22 1 179:1 / / rw,relatime - ext4 /dev/root rw",
      ["/swapfile"],
    );
    expect(reasons(disks)).toEqual({
      mmcblk0: ["holds the running system (/ is on mmcblk0p1)", "is swapped to (/swapfile)"],
      mmcblk1: ["is built in (emmc)"],
      mmcblk2: ["is read-only"],
    });
  });
});

it("a plain file is a drive when its size could be one's", async () => {
  const { writeFile } = await import("node:fs/promises");
  const folder = await tempFolder();
  await writeFile(`${folder}/card`, Buffer.alloc(4096));
  await writeFile(`${folder}/odd`, Buffer.alloc(100));
  const find = (word: string) => findDrive(word, [], folder, describeDisk);
  expect(find("card")).toMatchObject({ place: { capacity: 4096 }, refusals: [{ override: "--allow-file" }] });
  expect(() => find("odd")).toThrow(Refused);
  expect(() => find(".")).toThrow(". is a folder, not a drive");
});
