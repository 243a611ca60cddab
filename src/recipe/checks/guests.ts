import type { Diagnostic } from "../../diagnostic/diagnostic.js";
import { entriesAt, find, keyOf, listAt, type Placed, textAt } from "../../diagnostic/placed.js";
import { didYouMean } from "../../diagnostic/suggest.js";
import { formatSize, parseSize } from "../../util/size.js";
import { type Check, doubtful, wrong } from "./check.js";
import { twice } from "./users.js";

/** What Xen keeps for itself: its heap, 32 MiB at least, its frame table and its own code. */
const XEN_OWN = 64 * 1024 ** 2;
/** dom0's where the recipe says nothing. */
const DOM0_DEFAULT = "512MiB";
const MiB = 1024 ** 2;

type Guest = ReturnType<typeof entriesAt>[number];

/** Rules for Xen's guests: kernels, disks, bridges, memory. What their volumes have to be like, checkGroups says. */
export const checkGuests: Check = (root, board) => {
  const guests = entriesAt(root, "guests");
  const [first] = guests;
  if (first === undefined) return [];
  const disks = guests.flatMap((guest) => listAt(guest.value, "disks"));
  const vifs = guests.flatMap((guest) => listAt(guest.value, "vifs"));
  return [
    ...(find(root, "xen")
      ? []
      : [
          wrong(
            "guests-without-xen",
            "guests need Xen, and this recipe has none",
            keyOf(root, ["guests"]),
            "say under `xen:` where it comes from",
          ),
        ]),
    ...guests.flatMap((guest) => [
      ...checkKernel(root, guest),
      ...checkInitramfs(guest),
      ...checkDom0less(root, guest),
      ...checkDisks(guest),
    ]),
    ...checkVolumes(root, disks),
    ...vifs.flatMap((vif) => checkBridge(root, vif)),
    ...twice(
      vifs.map((vif) => textAt(vif, "mac")),
      "hardware address",
    ),
    ...checkMemory(root, guests, board),
  ];
};

function checkKernel(root: Placed, { name, key, value }: Guest): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const kernel = textAt(value, "kernel");
  if (kernel?.text === "domU" && !find(root, "guest-kernel")) {
    const help = "say `guest-kernel:`, or `kernel: dom0` for the same kernel as dom0's";
    found.push(wrong("guest-no-kernel", "this recipe has no kernel for guests", kernel.at, help));
  }
  if (/^Domain-0$/i.test(name)) {
    found.push(wrong("reserved-name", `Xen calls dom0 "${name}"`, key, "choose another"));
  }
  return found;
}

/** Boardsmith's own initramfs for guests loads modules of a kernel of the recipe's, and mounts a disk that is named. */
function checkInitramfs({ name, value }: Guest): readonly Diagnostic[] {
  const ramdisk = textAt(value, "ramdisk");
  if (ramdisk?.text !== "minimal") return [];
  const related = [{ message: "such an initramfs is asked for here", at: ramdisk.at }];
  const kernel = textAt(value, "kernel");
  const found: Diagnostic[] = [];
  if (kernel && !["dom0", "domU"].includes(kernel.text)) {
    const message = `boardsmith's initramfs has modules of the recipe's kernels, and "${name}" starts another`;
    const help = "say `kernel: dom0` or `domU`, or give it that kernel's own `ramdisk:`";
    found.push(wrong("guest-other-kernel", message, kernel.at, help, related));
  }
  if (listAt(value, "disks").length === 0) {
    const message = `boardsmith's initramfs mounts a disk, and "${name}" has none`;
    found.push(wrong("guest-no-root", message, ramdisk.at, "give the guest a disk, or an initramfs of yours (./x)"));
  } else if (!listAt(value, "arguments").some((one) => textAt(one)?.text.startsWith("root="))) {
    const message = `boardsmith's initramfs mounts what root= names, and "${name}" has no such argument`;
    found.push(wrong("guest-no-root", message, ramdisk.at, "say `arguments: [root=/dev/xvda, ro]`"));
  }
  return found;
}

/** Xen gives a guest that it starts itself memory, CPUs and a console; disks and networks come from dom0's toolstack. */
function checkDom0less(root: Placed, { name, value }: Guest): readonly Diagnostic[] {
  const dom0less = find(value, "dom0less");
  if (dom0less?.kind !== "scalar" || dom0less.value !== true) return [];
  const devices = ["disks", "vifs"].flatMap((key) => find(value, key) ?? []);
  const inside = ["kernel", "ramdisk"].flatMap((key) => {
    const file = textAt(value, key);
    return file?.text.startsWith("/") ? [file] : [];
  });
  const related = [{ message: "started by Xen", at: dom0less.at }];
  const model = find(root, "fast-model");
  return [
    ...(model
      ? [
          doubtful(
            "guest-card-only",
            `"${name}" starts on the card only: an image for a fast model starts dom0 alone`,
            dom0less.at,
            "leave `dom0less: true` out where it is to run on the model, too",
          ),
        ]
      : []),
    ...devices.map(({ at }) =>
      wrong(
        "dom0less-device",
        `Xen starts "${name}" itself, and disks and networks come from dom0's toolstack`,
        at,
        "leave them out, or leave `dom0less: true` out",
        related,
      ),
    ),
    ...inside.map(({ at }) =>
      wrong(
        "dom0less-file",
        `Xen starts "${name}" before dom0's root filesystem is there`,
        at,
        "name a file of yours (./x) instead, which is put beside dom0's kernel",
        related,
      ),
    ),
  ];
}

function checkDisks({ value }: Guest): readonly Diagnostic[] {
  const disks = listAt(value, "disks");
  return [
    ...disks.flatMap(checkDisk),
    ...twice(
      disks.map((disk) => textAt(disk, "target")),
      "disk",
    ),
  ];
}

function checkDisk(disk: Placed): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const kinds = ["volume", "file", "tap"].flatMap((key) => find(disk, key) ?? []);
  const [kind, second] = kinds;
  if (kind === undefined) {
    found.push(wrong("missing-kind", "a disk is a volume, a file or a tap", disk.at, "say `volume: GROUP/VOLUME`"));
  }
  if (second) found.push(wrong("two-kinds", "a disk is a volume or a file, not both", second.at, "keep one"));
  const target = textAt(disk, "target");
  if (target && !/^xvd[a-p]\d{0,2}$/.test(target.text)) {
    const message = `a guest's disk named "${target.text}" is no disk of Xen's, and cannot come and go while it runs`;
    found.push(wrong("guest-disk-name", message, target.at, "name it xvda, xvdb and so on"));
  }
  for (const slow of ["file", "tap"].flatMap((key) => find(disk, key) ?? [])) {
    const message = "statistics of this disk cannot be read: blkback counts them, and it serves volumes only";
    found.push(doubtful("guest-no-statistics", message, slow.at, "use a logical volume: `volume: GROUP/VOLUME`"));
  }
  for (const key of ["size", "content", "from"]) {
    const value = find(disk, key);
    const made = find(disk, "volume") && find(disk, "size");
    if (value && !made && kind) {
      const help = find(disk, "volume") ? "give `size:`, which makes the volume" : "leave it out";
      found.push(wrong("guest-volume-only", `"${key}" is for a volume that is made here`, value.at, help));
    }
  }
  return found;
}

/** Volumes that disks name have to be on the card, in nobody else's use. */
function checkVolumes(root: Placed, disks: readonly Placed[]): readonly Diagnostic[] {
  const partitions = listAt(root, "image", "partitions");
  const there = partitions.flatMap((partition) =>
    listAt(partition, "volumes").flatMap((volume) => {
      const [group, name] = [textAt(partition, "group")?.text, textAt(volume, "name")?.text];
      return group !== undefined && name !== undefined ? [{ name: `${group}/${name}`, volume }] : [];
    }),
  );
  const groups = partitions.flatMap((partition) => textAt(partition, "group")?.text ?? []);
  const named = disks.map((disk) => textAt(disk, "volume"));
  const missing = named.flatMap((name) => {
    if (name === undefined || !/^[^/]+\/[^/]+$/.test(name.text)) return [];
    const one = there.find((volume) => volume.name === name.text);
    const group = name.text.slice(0, name.text.indexOf("/"));
    if (one === undefined) {
      const message = groups.includes(group)
        ? `volume group "${group}" has no volume "${name.text.slice(group.length + 1)}"`
        : `the card has no volume group "${group}"`;
      const help = groups.includes(group)
        ? "give `size:` to make it, or name one that is there"
        : (didYouMean(group, groups) ?? "add a partition with `content: lvm` to `image: partitions`");
      return [wrong("guest-no-volume", message, name.at, help)];
    }
    const mine = textAt(one.volume, "content")?.text === "root" ? "dom0's root filesystem" : undefined;
    const use = mine ?? (find(one.volume, "mount") ? "mounted in dom0" : undefined);
    if (use === undefined) return [];
    const help = "give the guest a volume of its own";
    return [wrong("guest-volume-taken", `volume "${name.text}" is ${use}; two would write to it`, name.at, help)];
  });
  return [...missing, ...twice(named, "guests' volume")];
}

function checkBridge(root: Placed, vif: Placed): readonly Diagnostic[] {
  const bridge = textAt(vif, "bridge");
  const network = listAt(root, "provision", "network");
  const bridges = network.flatMap((one) => (find(one, "bridge") ? (textAt(one, "interface")?.text ?? []) : []));
  if (bridge === undefined || bridges.includes(bridge.text)) return [];
  const help =
    bridges.length > 0
      ? didYouMean(bridge.text, bridges)
      : `add \`{ interface: ${bridge.text}, bridge: [eth0], dhcp: true }\` to provision.network`;
  return [wrong("guest-no-bridge", `dom0 has no bridge "${bridge.text}"`, bridge.at, help)];
}

/** Xen, dom0 and all guests that start with the board run at once; each other guest has to fit beside dom0 alone. */
function checkMemory(root: Placed, guests: readonly Guest[], board: Parameters<Check>[1]): readonly Diagnostic[] {
  const sized = guests.flatMap(({ name, value }) => {
    const at = find(value, "memory")?.at;
    const bytes = bytesAt(value, "memory");
    const starts = ["autostart", "dom0less"].some((key) => {
      const said = find(value, key);
      return said?.kind === "scalar" && said.value === true;
    });
    return at === undefined ? [] : [{ name, at, bytes, starts }];
  });
  const odd = sized.flatMap(({ at, bytes }) => {
    if (bytes !== undefined && bytes > 0 && bytes % MiB === 0) return [];
    return [wrong("bad-size", "a guest's memory is whole MiB", at, "expected a size such as 256MiB")];
  });
  const dom0 = bytesAt(root, "xen", "dom0", "memory") ?? parseSize(DOM0_DEFAULT) ?? 0;
  if (board === undefined || odd.length > 0) return odd;
  const left = board.dram.size - XEN_OWN - dom0;
  const parts = `${formatSize(board.dram.size)} of ${board.name}, less ${formatSize(XEN_OWN)} for Xen and ${formatSize(dom0)} for dom0`;
  const together = sized.filter(({ starts }) => starts);
  const sum = together.reduce((all, { bytes = 0 }) => all + bytes, 0);
  const last = together.at(-1);
  const alone = sized.filter(({ starts, bytes = 0 }) => bytes > left && !(starts && sum > left));
  const help = "give the guests or dom0 less";
  return [
    ...alone.map(({ name, at, bytes = 0 }) =>
      wrong(
        "guests-too-large",
        `"${name}" has ${formatSize(bytes)}, and there are ${formatSize(Math.max(0, left))}: the ${parts}`,
        at,
        help,
      ),
    ),
    ...(last && sum > left
      ? [
          wrong(
            "guests-too-large",
            `the guests that start with the board have ${formatSize(sum)}, and there are ${formatSize(Math.max(0, left))}: the ${parts}`,
            last.at,
            help,
          ),
        ]
      : []),
  ];
}

function bytesAt(root: Placed, ...path: readonly string[]): number | undefined {
  const value = find(root, ...path);
  return value?.kind === "scalar" && value.value !== null ? parseSize(String(value.value)) : undefined;
}
