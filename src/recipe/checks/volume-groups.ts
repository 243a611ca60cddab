import type { Diagnostic } from "../../diagnostic/diagnostic.js";
import { find, listAt, type Placed, textAt } from "../../diagnostic/placed.js";
import { formatSize, parseSize } from "../../util/size.js";
import { type Check, wrong } from "./check.js";
import { volumeSizeOf } from "./layout-size.js";
import { twice } from "./users.js";

/** Keys that only a partition with `content: lvm` has. */
const GROUP_KEYS = ["group", "extent-size", "volumes"];
/** Names that lvm2 keeps for volumes of its own (lvm2, lib/misc/lvm-string.c). */
const RESERVED_VOLUME =
  /^(\.{1,2}|snapshot.*|pvmove.*)$|_(cdata|cmeta|corig|cpool|cvol|imeta|iorig|mimage|mlog|pmspare|rimage|rmeta|tdata|tmeta|vdata|vorigin|wcorig)/;
/** A group's folder is /dev/NAME, and lvm2 refuses a name that is there already: what Linux makes in every /dev. */
const RESERVED_GROUP =
  /^(\.{1,2}|block|bus|char|console|cpu.*|disk|dm-.*|fd|full|fuse|gpiochip\d+|hwrng|i2c-\d+|initctl|input|kmsg|log|loop.*|mapper|mem|mmcblk.*|mqueue|mtd.*|net|null|port|ptmx|pts|ram\d*|random|rtc\d*|sd[a-z]\d*|shm|snd|stderr|stdin|stdout|tty.*|urandom|watchdog\d*|zero|zram\d*)$/;
/** device-mapper's longest name, where dashes of the two names count twice (Linux, include/uapi/linux/dm-ioctl.h). */
const LONGEST_MAPPED = 127;

/** Rules for volume groups and their volumes that hold whatever the files' sizes will be. */
export const checkGroups: Check = (root) => {
  const partitions = listAt(root, "image", "partitions");
  const groups = partitions.filter((partition) => textAt(partition, "content")?.text === "lvm");
  const lvm = find(root, "lvm");
  const off = lvm?.kind === "scalar" && lvm.value === false ? lvm : undefined;
  return [
    ...partitions.filter((one) => !groups.includes(one)).flatMap(onlyInGroups),
    ...groups.flatMap(checkGroup),
    ...partitions.flatMap(mounts),
    ...partitions.flatMap((partition) => listAt(partition, "volumes").flatMap(mounts)),
    ...twice(
      groups.map((group) => textAt(group, "group")),
      "volume group",
    ),
    ...(off && groups[0]
      ? [
          wrong(
            "lvm-off",
            "`lvm: false` leaves out of the kernel what this volume group needs",
            off.at,
            "leave it out",
            [{ message: "the volume group", at: groups[0].at }],
          ),
        ]
      : []),
  ];
};

function onlyInGroups(partition: Placed): readonly Diagnostic[] {
  return GROUP_KEYS.flatMap((key) => {
    const value = find(partition, key);
    return value ? [wrong("lvm-only", `"${key}" is for a partition with \`content: lvm\``, value.at)] : [];
  });
}

function checkGroup(group: Placed): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const volumes = listAt(group, "volumes");
  for (const key of ["group", "volumes"]) {
    if (!find(group, key))
      found.push(wrong("missing-key", `a partition with \`content: lvm\` needs "${key}"`, group.at));
  }
  for (const key of ["filesystem", "label", "mount"]) {
    const value = find(group, key);
    if (value) found.push(wrong("lvm-only", `a volume group has no ${key}; its volumes do`, value.at, "leave it out"));
  }
  const extent = textAt(group, "extent-size");
  const bytes = extent && parseSize(extent.text);
  if (extent && (bytes === undefined || bytes < 64 * 1024 || bytes > 1024 ** 3 || (bytes & (bytes - 1)) !== 0)) {
    found.push(
      wrong("bad-size", `"${extent.text}" is no extent size`, extent.at, "expected a power of two from 64KiB to 1GiB"),
    );
  }
  found.push(
    ...names(
      textAt(group, "group"),
      volumes.map((volume) => textAt(volume, "name")),
    ),
    ...twice(
      volumes.map((volume) => textAt(volume, "name")),
      "volume",
    ),
    ...volumes.flatMap(checkVolume),
    ...sizes(group, volumes),
  );
  return found;
}

type Name = ReturnType<typeof textAt>;

/** Names that lvm2 would not take, alone or together. */
function names(group: Name, volumes: readonly Name[]): readonly Diagnostic[] {
  const length = (name: Name) => (name ? name.text.length + name.text.replaceAll(/[^-]/g, "").length : 0);
  const taken =
    group && RESERVED_GROUP.test(group.text)
      ? [
          wrong(
            "reserved-name",
            `a volume group "${group.text}" could not have its folder in /dev`,
            group.at,
            "choose another",
          ),
        ]
      : [];
  return [
    ...taken,
    ...volumes.flatMap((name) => {
      if (!name) return [];
      if (RESERVED_VOLUME.test(name.text)) {
        return [wrong("reserved-name", `lvm2 keeps the name "${name.text}" for itself`, name.at, "choose another")];
      }
      const mapped = length(group) + 1 + length(name);
      if (mapped <= LONGEST_MAPPED) return [];
      const message = `group and volume make a device name of ${mapped} characters, dashes counted twice; ${LONGEST_MAPPED} are the most`;
      return [wrong("name-too-long", message, name.at, "shorten one of them")];
    }),
  ];
}

function checkVolume(volume: Placed): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const content = textAt(volume, "content");
  const size = find(volume, "size");
  const from = find(volume, "from");
  if (size?.kind === "scalar" && size.value !== null && volumeSizeOf(volume) === undefined) {
    const help = "expected 64MiB, 40%, content, content + 64MiB or rest";
    found.push(wrong("bad-size", `"${size.source}" is no size`, size.at, help));
  }
  if (content?.text === "payload" && !from) {
    found.push(wrong("missing-key", 'a payload needs "from", the file it is', content.at));
  }
  if (from && content && content.text !== "payload") {
    found.push(wrong("lvm-only", `"from" is for a volume with \`content: payload\``, from.at));
  }
  if (content?.text === "swap" && "content" in (volumeSizeOf(volume) ?? {}) && size) {
    found.push(
      wrong("bad-size", "swap space has no content to be as large as", size.at, "give it a size such as 256MiB"),
    );
  }
  const label = textAt(volume, "label");
  if (label && (label.text.length > 16 || !/^[\x20-\x7e]+$/.test(label.text))) {
    found.push(wrong("bad-label", "a label of ext4 or swap has at most 16 ASCII characters", label.at));
  }
  return found;
}

/** One rest, and hundredths that leave room. */
function sizes(group: Placed, volumes: readonly Placed[]): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const at = (volume: Placed) => find(volume, "size")?.at ?? volume.at;
  const [first, ...more] = volumes.filter((volume) => "rest" in (volumeSizeOf(volume) ?? {}));
  for (const volume of more) {
    const related = first ? [{ message: "the first one", at: at(first) }] : [];
    found.push(
      wrong("two-rests", "only one volume of a group can have the rest", at(volume), "give this one a size", related),
    );
  }
  const shares = volumes.flatMap((volume) => {
    const size = volumeSizeOf(volume);
    return size && "percent" in size ? [{ volume, percent: size.percent }] : [];
  });
  const sum = shares.reduce((all, { percent }) => all + percent, 0);
  const last = shares.at(-1);
  if (last && (sum > 100 || (sum === 100 && first))) {
    const message = `the volumes take ${sum} % of the group${sum > 100 ? "" : ", and nothing is left for the rest"}`;
    found.push(wrong("too-small", message, at(last.volume), "make them smaller"));
  }
  const own = find(group, "size");
  const fixed = own?.kind === "scalar" ? parseSize(String(own.value)) : undefined;
  const needed = volumes.reduce((all, volume) => {
    const size = volumeSizeOf(volume);
    return all + (size && "bytes" in size ? size.bytes : 0);
  }, 1024 ** 2);
  if (own && fixed !== undefined && needed > fixed) {
    const message = `the volumes of fixed size take ${formatSize(needed)} with LVM's own megabyte, the partition has ${formatSize(fixed)}`;
    found.push(
      wrong("too-small", message, own.at, `make it at least ${Math.ceil(needed / 1024 ** 2)}MiB, or \`content\``),
    );
  }
  return found;
}

/** What has no filesystem of its own, or one whose place is known, is not mounted by a recipe's word. */
function mounts(holder: Placed): readonly Diagnostic[] {
  const mount = find(holder, "mount");
  const content = textAt(holder, "content")?.text;
  if (!mount || content === undefined || content === "empty" || content === "lvm") return [];
  const place = { boot: "/boot", root: "/" }[content];
  const what = content === "swap" ? "swap space" : content === "provision" ? "what a first boot is given" : "a payload";
  const message = place ? `what has \`content: ${content}\` is mounted on ${place}` : `${what} is not mounted`;
  return [wrong("mount-taken", message, mount.at, "leave it out")];
}
