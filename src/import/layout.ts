import type { Chosen } from "../kiwi/chosen.js";
import { below, type XmlElement } from "../kiwi/read-xml.js";
import type { Carried, Left } from "./left.js";

/** `image:` as a recipe writes it. */
export interface RecipeImage {
  readonly size: string;
  readonly partitions: readonly { readonly [key: string]: unknown }[];
}

const MiB = 1;
const GiB = 1024 * MiB;
/** What a card gets whose description leaves its size to KIWI. */
const SIZE = 4 * GiB;
const BOOT = 64;
/** KIWI gives a volume without a size room for its content alone; an empty one gets this. */
const VOLUME = 128;
/** Folders whose content comes from packages: a volume that hides it would be wrong. */
const FULL = /^\/(bin|boot|etc|lib|lib64|opt|root|sbin|usr|var)(\/|$)/;

/** Size, boot partition and volume group of the image type that is built. Sizes in MiB. */
export function layout({ type }: Chosen, at: XmlElement["at"]): Carried<RecipeImage> {
  const left: Left[] = [];
  const leave = (what: string, why: string, place = type?.at ?? at) => left.push({ what, at: place, why });
  const size = mebibytes(type && below(type, "size")[0]);
  if (size === undefined) leave("size", "KIWI makes the image as large as its content: here it is 4 GiB");
  else if (type && below(type, "size")[0]?.attributes.additive === "true") {
    leave("size", "it is meant to be added to the content's: here it is the image's");
  }
  const { filesystem, bootpartsize } = type?.attributes ?? {};
  if (filesystem !== undefined && filesystem !== "ext4") leave(`filesystem ${filesystem}`, "root filesystems are ext4");
  const boot = {
    name: "boot",
    content: "boot",
    filesystem: "fat32",
    size: `${Math.max(BOOT, Number(bootpartsize) || 0)}MiB`,
  };
  const group = type && below(type, "systemdisk")[0];
  // KIWI's default: a systemdisk is a volume group unless its filesystem has volumes itself.
  const root =
    group && filesystem !== "btrfs"
      ? volumes(group, swapOf(type), leave)
      : { name: "root", content: "root", filesystem: "ext4", size: "rest" };
  if (group && filesystem === "btrfs")
    leave("systemdisk", "its volumes are btrfs': there is one root filesystem", group.at);
  if (!group && swapOf(type) !== undefined)
    leave("swap space (oem-swap)", "swap space is a volume of a volume group here");
  return { value: { size: `${Math.max(size ?? SIZE, GiB)}MiB`, partitions: [boot, root] }, left };
}

function volumes(
  group: XmlElement,
  swap: number | undefined,
  leave: (what: string, why: string, at?: XmlElement["at"]) => void,
) {
  const all = below(group, "volume");
  const isRoot = ({ attributes }: XmlElement) => attributes.name === "@root" || attributes.mountpoint === "/";
  const found: { [key: string]: unknown }[] = [];
  for (const one of all.filter((volume) => !isRoot(volume))) {
    const { name = "", mountpoint, size, freespace } = one.attributes;
    const room = volumeSize(size ?? freespace ?? String(VOLUME));
    const mount = `/${(mountpoint ?? name).replace(/^\/+/, "")}`;
    if (name === "@swap") found.push({ name: "swap", content: "swap", size: room });
    else if (FULL.test(mount) || !/^(\/[A-Za-z0-9_.-]+)+$/.test(mount)) {
      const why = `packages put files into ${mount}, and volumes start empty: it is part of the root's`;
      leave(`volume ${name}`, why, one.at);
    } else found.push({ name: name.replace(/[^A-Za-z0-9_+.]/g, "-"), content: "empty", size: room, mount });
  }
  if (swap !== undefined && !found.some(({ content }) => content === "swap")) {
    found.push({ name: "swap", content: "swap", size: `${swap}MiB` });
  }
  const { size, freespace } = all.find(isRoot)?.attributes ?? {};
  const own =
    size !== undefined
      ? volumeSize(size)
      : freespace === "all"
        ? "rest"
        : `content + ${freespace && freespace !== "all" ? volumeSize(freespace) : "512MiB"}`;
  // KIWI's own rule: what nobody takes is the root's.
  const taken = [...found.map((volume) => volume.size), own].includes("rest");
  return {
    name: "pv",
    content: "lvm",
    size: "rest",
    group: group.attributes.name ?? "systemVG",
    volumes: [
      { name: "root", content: "root", size: taken || size !== undefined || freespace !== undefined ? own : "rest" },
      ...found,
    ],
  };
}

function swapOf(type: XmlElement | undefined): number | undefined {
  const [config] = type ? below(type, "oemconfig") : [];
  if (config === undefined || below(config, "oem-swap")[0]?.text !== "true") return undefined;
  return Number(below(config, "oem-swapsize")[0]?.text) || VOLUME;
}

function mebibytes(size: XmlElement | undefined): number | undefined {
  const number = Number(size?.text);
  return Number.isInteger(number) && number > 0 ? number * (size?.attributes.unit === "G" ? GiB : MiB) : undefined;
}

/** KIWI's sizes of volumes: `all`, or a number with M, G or nothing, which is M. */
function volumeSize(text: string): string {
  const [, number = "0", unit] = /^(\d+)([MG]?)$/.exec(text) ?? [];
  return text === "all" ? "rest" : `${number}${unit === "G" ? "GiB" : "MiB"}`;
}
