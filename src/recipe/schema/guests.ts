import { z } from "zod";
import { form, path, size, text } from "./text.js";

const KERNEL = /^(dom0|domU|\.{0,2}\/.*[^/])$/;

const Disk = z.strictObject({
  volume: form(/^[^/]+\/[^/]+$/, "a logical volume such as vm/web")
    .optional()
    .describe("Logical volume of the card, `GROUP/VOLUME`, served by blkback (`phy`). One of volume, file and tap."),
  file: form(/^\/.*[^/]$/, "an absolute path in dom0")
    .optional()
    .describe("A raw file in dom0, served by QEMU (`qdisk`), which counts no statistics."),
  tap: form(/^\/.*[^/]$/, "an absolute path in dom0")
    .optional()
    .describe("A raw file in dom0, served by blktap; for the toolstacks of 2012."),
  target: text().describe("What the guest calls it: `xvda`."),
  "read-only": z.boolean().default(false).describe("The guest may not write to it."),
  size: size()
    .optional()
    .describe("Makes the volume on the card: bytes, `content`, `40%` or `rest`, as for the group's other volumes."),
  content: z
    .enum(["empty", "swap", "payload"])
    .optional()
    .describe("What a volume made here holds; without it, an empty ext4, or the payload where `from` names one."),
  from: path().optional().describe("File that is the volume's content, byte for byte: a filesystem, or a whole disk."),
});

const Vif = z.strictObject({
  bridge: form(/^[A-Za-z0-9_.-]{1,15}$/, "an interface such as br0").describe(
    "Bridge of dom0: an interface of `provision: network` that has `bridge:`.",
  ),
  mac: form(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/, "an address such as 00:16:3e:00:00:01")
    .optional()
    .describe("Hardware address; without it, one of Xen's (00:16:3e) made from recipe, board, guest and number."),
});

const Guest = z.strictObject({
  kernel: form(KERNEL, "dom0, domU, a file of yours (./x), or an absolute path in dom0")
    .default("dom0")
    .describe(
      "`dom0`: the recipe's kernel. `domU`: its `guest-kernel`. A file of yours when it starts with `./` or `../`; an absolute path is one in dom0's root filesystem.",
    ),
  ramdisk: form(/^(minimal|\.{0,2}\/.*[^/])$/, "minimal, a file of yours (./x), or an absolute path in dom0")
    .optional()
    .describe(
      "Initramfs. `minimal`: boardsmith's own, which loads what a guest of the recipe's kernel needs for its disks and interfaces, and mounts what `root=` among its arguments names, an ext4. Or a file of yours, or an absolute path in dom0's root filesystem.",
    ),
  arguments: z
    .array(form(/^\S+$/, "one kernel argument without spaces; give each its own list entry"))
    .default([])
    .describe("Kernel arguments behind console=."),
  memory: size().describe("Memory, in whole MiB."),
  vcpus: z.int().min(1).max(8).default(1).describe("Virtual CPUs."),
  disks: z.array(Disk).default([]).describe("Disks, the first one first."),
  vifs: z.array(Vif).default([]).describe("Network interfaces."),
  autostart: z.boolean().default(false).describe("Start it with the board."),
  dom0less: z
    .boolean()
    .default(false)
    .describe("Xen starts it itself, beside dom0: it has a console and memory, no disks and no network."),
});

/** `guests:` — by name. */
export const Guests = z
  .record(form(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/, "a guest's name of letters, digits, _ . and -"), Guest)
  .default({});
