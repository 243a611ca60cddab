import type { Chosen } from "../kiwi/chosen.js";
import type { KiwiDescription } from "../kiwi/read-description.js";
import { below, type XmlElement } from "../kiwi/read-xml.js";
import type { Left } from "./left.js";

/** Attributes of an image type that a board's facts or the layout say here. */
const SAID = new Set(
  "image primary filesystem firmware bootpartition bootfilesystem bootpartsize devicepersistency kernelcmdline initrd_system installboot bootloader bootloader_console format fsmountoptions efipartsize target_blocksize".split(
    " ",
  ),
);
const TYPE: { readonly [element: string]: string } = {
  bootloader: "U-Boot is the board's own, and boardsmith writes it",
  initrd: "an initramfs is boot.initramfs",
  containerconfig: "cards are no containers",
  machine: "cards are no virtual machines",
  vagrantconfig: "cards are no virtual machines",
  partitions: "write them under image.partitions",
  luksformat: "encrypted partitions are not known here",
};
const PREFERENCES: { readonly [element: string]: string } = {
  "bootsplash-theme": "there is no splash",
  "bootloader-theme": "there is no boot menu",
  "release-version": "repositories are named by their URLs",
};
const IMAGE: { readonly [element: string]: string } = {
  include: "parts in other files are not read",
  drivers: "drivers come with the kernel",
  strip: "nothing is stripped",
  product: "products are zypper's; name packages",
};

/** What a description says that no other part of the import has a word for, in the file's order. */
export function leftovers({ root }: KiwiDescription, chosen: Chosen): readonly Left[] {
  const left: Left[] = [];
  const leave = ({ at }: XmlElement, what: string, why: string) => left.push({ what, at, why });
  for (const child of root.children) {
    const why = IMAGE[child.name];
    if (why !== undefined) leave(child, child.name, why);
  }
  for (const preferences of chosen.sections("preferences")) {
    for (const child of preferences.children) {
      const why = PREFERENCES[child.name];
      if (why !== undefined) leave(child, child.name, why);
    }
  }
  for (const section of chosen.sections("packages")) {
    const { type } = section.attributes;
    const gone = type === "delete" || type === "uninstall";
    for (const child of section.children) {
      const name = child.attributes.name ?? "";
      if (gone)
        leave(child, `${type} ${name}`, "nothing is taken out again: keep it out with rootfs.exclude if it can be");
      else if (child.name === "archive") leave(child, `archive ${name}`, "unpack it, and lay it over as an overlay");
      else if (child.name === "product") leave(child, `product ${name}`, "only zypper knows products: name packages");
    }
  }
  const { type } = chosen;
  if (type === undefined) return left;
  if (type.attributes.image !== "oem") leave(type, `image ${type.attributes.image}`, "the image is a card");
  for (const [name, value] of Object.entries(type.attributes)) {
    if (!SAID.has(name)) leave(type, `${name}="${value}"`, "cards have no such setting");
  }
  for (const child of type.children) {
    const why = TYPE[child.name];
    if (why !== undefined) leave(child, child.name, why);
  }
  for (const setting of below(type, "oemconfig").flatMap(({ children }) => children)) {
    if (!["oem-resize", "oem-swap", "oem-swapsize"].includes(setting.name)) {
      leave(setting, setting.name, "KIWI's installer and its first boot are not on the card");
    }
  }
  return left;
}
