import { z } from "zod";
import { form, path, size, text } from "./text.js";

const mount = () =>
  form(/^(\/[A-Za-z0-9_.-]+)+$/, "an absolute folder such as /srv")
    .optional()
    .describe("Folder that an empty filesystem is mounted on.");

/** Names that lvm2 takes (lvm(8), "Valid names"); `reserved-name` says which of them it keeps for itself. */
const lvmName = (what: string) =>
  form(/^[A-Za-z0-9_+.][A-Za-z0-9_+.-]{0,54}$/, `a ${what}'s name of letters, digits, _ + . and -`);

const Volume = z.strictObject({
  name: lvmName("logical volume").describe("Name of the logical volume."),
  content: z
    .enum(["root", "empty", "swap", "payload"])
    .describe("root: the rootfs. empty: a bare ext4. swap: swap space. payload: a file of yours, byte for byte."),
  size: size().describe(
    "Bytes (`1GiB`), hundredths of the group (`40%`), `content`, `content + 64MiB`, or `rest`; rounded up to extents.",
  ),
  label: text().optional().describe("Label of its filesystem or swap space; without it, the name."),
  mount: mount(),
  from: path().optional().describe("File that a payload's volume holds."),
});

const Partition = z.strictObject({
  name: form(/^[a-z][a-z0-9-]{0,15}$/, "a partition's name of lower-case letters, digits and dashes").describe(
    "Name, for messages and as the label's default.",
  ),
  content: z
    .enum(["boot", "root", "empty", "provision", "lvm"])
    .describe(
      "boot: kernel, DTB and boot configuration. root: the rootfs. empty: a bare filesystem. provision: what makes each card its own, or what `provision.firstboot` gives Ignition or Combustion. lvm: a volume group.",
    ),
  filesystem: z
    .enum(["fat32", "fat16", "ext4"])
    .optional()
    .describe("fat32 for boot, ext4 for root, fat16 for provision (its default); none for lvm."),
  size: size().describe(
    "Bytes (`64MiB`), `content`, `content + 64MiB` (as large as its content plus slack), or `rest`.",
  ),
  label: text()
    .optional()
    .describe("Filesystem label; without it, the name, or for provision what its reader looks for."),
  mount: mount(),
  group: lvmName("volume group").optional().describe("lvm: name of the volume group."),
  "extent-size": size().optional().describe("lvm: size of an extent, a power of two; without it, 4MiB."),
  volumes: z.array(Volume).optional().describe("lvm: logical volumes, in their order on the card."),
});

/** `image:` — the card's layout. SPL and U-Boot are placed by the board. */
export const Image = z.strictObject({
  table: z.enum(["mbr", "gpt"]).default("mbr").describe("Partition table."),
  size: size().default("2GiB").describe("Size of the whole image."),
  align: size().default("1MiB").describe("Partitions start at multiples of this."),
  partitions: z
    .array(Partition)
    .default([
      { name: "boot", content: "boot", filesystem: "fat32", size: "64MiB" },
      { name: "root", content: "root", filesystem: "ext4", size: "rest" },
    ])
    .describe("Partitions in the card's order. With `netboot:`, none unless some are named."),
  compress: z
    .array(z.enum(["xz", "zst"]))
    .default([])
    .describe("Compressed copies to make beside the image."),
});
