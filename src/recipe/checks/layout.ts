import type { Diagnostic } from "../../diagnostic/diagnostic.js";
import { find, keyOf, listAt, type Placed, textAt } from "../../diagnostic/placed.js";
import { formatSize, parseSize } from "../../util/size.js";
import { type Check, wrong } from "./check.js";
import { parsePartitionSize, sizeOf } from "./layout-size.js";
import { twice } from "./users.js";

/** Below this, a filesystem has too few clusters to be FAT32 (Microsoft's fatgen103: at least 65525). */
const SMALLEST_FAT32 = 33 * 1024 ** 2;
/** The same for FAT16 (at least 4085 clusters), and what flashing may have to write for every card. */
const SMALLEST_FAT16 = 3 * 1024 ** 2;
const LARGEST_FAT16 = 128 * 1024 ** 2;
const SMALLEST_ROOT = 16 * 1024 ** 2;
const LARGEST_MBR = 2 ** 32 * 512;

/** Layout rules that hold whatever the files' sizes will be; bytes and overlaps are checked again when placed. */
export const checkLayout: Check = (root, board) => {
  const image = { size: bytesAt(root, "image", "size"), align: bytesAt(root, "image", "align") };
  const partitions = listAt(root, "image", "partitions");
  const found: Diagnostic[] = [
    ...badSizes(root, partitions),
    ...contents(root, partitions),
    ...filesystems(partitions),
    ...twice(
      partitions.map((one) => textAt(one, "name")),
      "partition",
    ),
  ];
  const align = image.align?.bytes ?? 1024 ** 2;
  if (image.align && (align < 512 || (align & (align - 1)) !== 0 || align > 64 * 1024 ** 2)) {
    const help = "use a power of two from 512 B to 64 MiB; 1MiB suits every card";
    found.push(wrong("bad-alignment", `partitions cannot be aligned to ${formatSize(align)}`, image.align.at, help));
  }
  if (image.size && image.size.bytes % 512 !== 0) {
    found.push(wrong("bad-size", "an image is made of whole sectors of 512 bytes", image.size.at));
  }
  const table = textAt(root, "image", "table")?.text ?? "mbr";
  const fifth = partitions[4];
  if (table === "mbr" && fifth) {
    const help = "leave partitions out; logical partitions are not made";
    found.push(
      wrong("too-many-partitions", `MBR holds four partitions, and here are ${partitions.length}`, fifth.at, help),
    );
  }
  const size = image.size?.bytes ?? 2 * 1024 ** 3;
  if (table === "mbr" && size > LARGEST_MBR) {
    found.push(wrong("bad-size", "MBR cannot reach beyond 2 TiB", image.size?.at ?? root.at));
  }
  if (board) found.push(...capacity(root, partitions, size, Math.max(board.spl.reserved, align), board.name));
  return found;
};

function bytesAt(
  root: Placed,
  ...path: readonly string[]
): { readonly bytes: number; readonly at: Placed["at"] } | undefined {
  const value = find(root, ...path);
  if (value?.kind !== "scalar") return undefined;
  const bytes = typeof value.value === "number" ? value.value : parseSize(String(value.value));
  return bytes === undefined ? undefined : { bytes, at: value.at };
}

function badSizes(root: Placed, partitions: readonly Placed[]): readonly Diagnostic[] {
  const bare = ["size", "align"].flatMap((key) => {
    const text = textAt(root, "image", key);
    return text && parseSize(text.text) === undefined
      ? [wrong("bad-size", `"${text.text}" is no size`, text.at, "expected bytes with a unit, such as 64MiB or 2GiB")]
      : [];
  });
  const sized = partitions.flatMap((partition) => {
    const text = textAt(partition, "size");
    return text && parsePartitionSize(text.text) === undefined
      ? [wrong("bad-size", `"${text.text}" is no size`, text.at, "expected 64MiB, content, content + 64MiB or rest")]
      : [];
  });
  const rest = partitions.filter((partition) => "rest" in (sizeOf(partition) ?? {}));
  const more = rest
    .slice(1)
    .map((partition) =>
      wrong(
        "two-rests",
        "only one partition can have the rest",
        find(partition, "size")?.at ?? partition.at,
        "give this one a size",
        [{ message: "the first one", at: (rest[0] && find(rest[0], "size")?.at) ?? partition.at }],
      ),
    );
  return [...bare, ...sized, ...more];
}

function contents(root: Placed, partitions: readonly Placed[]): readonly Diagnostic[] {
  if (find(root, "netboot")) return [];
  const list = find(root, "image", "partitions");
  if (partitions.length === 0) {
    if (list?.kind !== "list") return [];
    return [
      wrong("no-partition", "a card without partitions boots nothing", list.at, "leave the key out, or say `netboot:`"),
    ];
  }
  const volumes = partitions.flatMap((partition) => listAt(partition, "volumes"));
  return ["boot", "root"].flatMap((content) => {
    const holders = [...partitions, ...volumes].filter((one) => textAt(one, "content")?.text === content);
    const [first, second] = holders;
    if (first === undefined) {
      // A misspelt content is reported as such; it may be the one that is missed here.
      const known = ["boot", "root", "empty", "provision", "lvm", "swap", "payload"];
      const unclear = [...partitions, ...volumes].some((one) => !known.includes(textAt(one, "content")?.text ?? ""));
      const at = keyOf(root, ["image", "partitions"]);
      return unclear
        ? []
        : [
            wrong(
              "no-partition",
              `${content === "boot" ? "no partition has" : "no partition and no volume has"} \`content: ${content}\``,
              at,
              "exactly one must",
            ),
          ];
    }
    if (second === undefined) return [];
    const related = [{ message: "the first one", at: textAt(first, "content")?.at ?? first.at }];
    const at = textAt(second, "content")?.at ?? second.at;
    return [
      wrong(
        "two-partitions",
        `two ${volumes.some((one) => holders.includes(one)) ? "partitions or volumes" : "partitions"} have \`content: ${content}\``,
        at,
        "exactly one must",
        related,
      ),
    ];
  });
}

function filesystems(partitions: readonly Placed[]): readonly Diagnostic[] {
  return partitions.flatMap((partition) => {
    const found: Diagnostic[] = [];
    const content = textAt(partition, "content")?.text;
    const filesystem = textAt(partition, "filesystem");
    const size = sizeOf(partition);
    const label = textAt(partition, "label");
    if (content !== undefined && content !== "lvm" && content !== "provision" && !find(partition, "filesystem")) {
      found.push(
        wrong(
          "missing-key",
          "this partition has no filesystem",
          partition.at,
          "say `filesystem: ext4` or `filesystem: fat32`",
        ),
      );
    }
    if (filesystem?.text === "fat16" && content !== "provision") {
      const message = "fat16 is for a small partition with `content: provision`";
      const help = `use ${content === "boot" ? "fat32" : "ext4"}`;
      found.push(wrong("wrong-filesystem", message, filesystem.at, help));
    } else if (content === "root" && filesystem?.text === "fat32") {
      found.push(
        wrong(
          "wrong-filesystem",
          "FAT keeps neither owners nor links, and a root filesystem needs both",
          filesystem.at,
          "use ext4",
        ),
      );
    }
    if (content === "boot" && filesystem?.text === "ext4") {
      found.push(
        wrong(
          "wrong-filesystem",
          "the boot partition is read by U-Boot and by other systems",
          filesystem.at,
          "use fat32",
        ),
      );
    }
    if (filesystem?.text === "fat32" && size && "bytes" in size && size.bytes < SMALLEST_FAT32) {
      const message = `${formatSize(size.bytes)} is too small for FAT32`;
      const help = `give it at least ${formatSize(SMALLEST_FAT32)}`;
      found.push(wrong("too-small", message, find(partition, "size")?.at ?? partition.at, help));
    }
    if (content === "provision" && (filesystem?.text ?? "fat16") === "fat16") {
      const bytes = size && "bytes" in size ? size.bytes : SMALLEST_FAT16;
      const at = find(partition, "size")?.at ?? partition.at;
      if (bytes < SMALLEST_FAT16 || bytes > LARGEST_FAT16) {
        const message = `${formatSize(bytes)} is too ${bytes < SMALLEST_FAT16 ? "small" : "large"} for a provisioning partition`;
        const help = `from ${formatSize(SMALLEST_FAT16)} to ${formatSize(LARGEST_FAT16)} will do; 8MiB is plenty`;
        found.push(wrong("provision-size", message, at, help));
      }
    }
    const longest = filesystem?.text === "fat32" || filesystem?.text === "fat16" ? 11 : 16;
    if (label && (Buffer.byteLength(label.text) > longest || !/^[\x20-\x7e]+$/.test(label.text))) {
      found.push(
        wrong(
          "bad-label",
          `a label of ${filesystem?.text ?? "ext4"} has at most ${longest} ASCII characters`,
          label.at,
        ),
      );
    }
    return found;
  });
}

function capacity(
  root: Placed,
  partitions: readonly Placed[],
  size: number,
  first: number,
  board: string,
): readonly Diagnostic[] {
  const fixed = partitions.flatMap((partition) => {
    const one = sizeOf(partition);
    return one && "bytes" in one ? [one.bytes] : [];
  });
  const taken = first + fixed.reduce((sum, bytes) => sum + bytes, 0);
  const rest = partitions.find((partition) => "rest" in (sizeOf(partition) ?? {}));
  const at = find(root, "image", "size")?.at ?? keyOf(root, ["image", "partitions"]);
  const sum = `${formatSize(first)} for ${board}'s SPL and U-Boot and ${formatSize(taken - first)} for partitions of fixed size`;
  if (taken > size) {
    return [
      wrong(
        "too-small",
        `the image has ${formatSize(size)}, and ${sum} do not fit`,
        at,
        `make it at least ${Math.ceil(taken / 1024 ** 2)}MiB`,
      ),
    ];
  }
  if (rest && size - taken < SMALLEST_ROOT) {
    const message = `${formatSize(size - taken)} are left for the rest: the image has ${formatSize(size)}, less ${sum}`;
    return [
      wrong("too-small", message, find(rest, "size")?.at ?? at, "make the image larger or the partitions smaller"),
    ];
  }
  return [];
}
