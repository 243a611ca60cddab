import { z } from "zod";
import { form, size, text } from "./text.js";

const Partition = z.strictObject({
  name: form(/^[a-z][a-z0-9-]{0,15}$/, "a partition's name of lower-case letters, digits and dashes").describe(
    "Name, for messages and as the label's default.",
  ),
  content: z
    .enum(["boot", "root", "empty"])
    .describe("boot: kernel, DTB and boot configuration. root: the rootfs. empty: a bare filesystem."),
  filesystem: z.enum(["fat32", "ext4"]).describe("fat32 for boot, ext4 for root."),
  size: size().describe(
    "Bytes (`64MiB`), `content`, `content + 64MiB` (as large as its content plus slack), or `rest`.",
  ),
  label: text().optional().describe("Filesystem label; without it, the name."),
});

/** `image:` — the card's layout. SPL and U-Boot are placed by the board. */
export const Image = z.strictObject({
  table: z.enum(["mbr", "gpt"]).default("mbr").describe("Partition table."),
  size: size().default("2GiB").describe("Size of the whole image."),
  align: size().default("1MiB").describe("Partitions start at multiples of this."),
  partitions: z
    .array(Partition)
    .min(1)
    .default([
      { name: "boot", content: "boot", filesystem: "fat32", size: "64MiB" },
      { name: "root", content: "root", filesystem: "ext4", size: "rest" },
    ])
    .describe("Partitions in the card's order."),
  compress: z
    .array(z.enum(["xz", "zst"]))
    .default([])
    .describe("Compressed copies to make beside the image."),
});
