import type { Diagnostic } from "../../diagnostic/diagnostic.js";
import { find, listAt, type Placed, textAt } from "../../diagnostic/placed.js";
import { CARD_LABEL } from "../card-label.js";
import { type Check, doubtful, wrong } from "./check.js";

/** Packages of the wizards and of what reads a machine's configuration. All of them are openSUSE's. */
const PACKAGES: { readonly [kind: string]: string } = {
  yast: "yast2-firstboot",
  jeos: "jeos-firstboot",
  ignition: "ignition",
  combustion: "combustion",
};

/** What a first boot needs of the rest of the recipe: its package, an initramfs that it runs in, a filesystem that it reads. */
export const checkFirstBoot: Check = (root) => {
  const firstboot = find(root, "provision", "firstboot");
  const kind = kindOf(firstboot);
  const partitions = listAt(root, "image", "partitions").filter((one) => textAt(one, "content")?.text === "provision");
  const machine = kind === "ignition" || kind === "combustion";
  return [
    ...(firstboot && kind !== undefined ? [...system(root, kind, firstboot), ...packages(root, kind, firstboot)] : []),
    ...(firstboot && machine ? [...initramfs(root, kind, firstboot), ...filesystem(partitions, kind, firstboot)] : []),
    ...(machine ? [] : cards(root, partitions)),
  ];
};

function kindOf(firstboot: Placed | undefined): string | undefined {
  return textAt(firstboot)?.text ?? ["ignition", "combustion"].find((kind) => find(firstboot, kind));
}

function system(root: Placed, kind: string, firstboot: Placed): readonly Diagnostic[] {
  if (kind === "password" || kind === "none") return [];
  const busybox = find(root, "rootfs", "busybox");
  if (busybox) {
    const message = `firstboot: ${kind} is started by systemd, and a root filesystem of busybox has none`;
    const related = [{ message: "busybox is asked for here", at: busybox.at }];
    return [wrong("firstboot-needs-systemd", message, firstboot.at, "use `firstboot: password`", related)];
  }
  const distro = textAt(root, "rootfs", "distro");
  if (!distro || PACKAGES[kind] === undefined) return [];
  const message = `firstboot: ${kind} is openSUSE's, and ${distro.text} has no package of it`;
  const related = [{ message: "the distribution is named here", at: distro.at }];
  return [wrong("firstboot-elsewhere", message, firstboot.at, "use `firstboot: systemd`", related)];
}

/** Only doubtful, for another package or a pattern may bring it along; provisioning knows. */
function packages(root: Placed, kind: string, firstboot: Placed): readonly Diagnostic[] {
  const name = PACKAGES[kind];
  if (name === undefined || !find(root, "rootfs", "rpm")) return [];
  if (listAt(root, "rootfs", "packages").some((one) => textAt(one)?.text === name)) return [];
  const message = `firstboot: ${kind} comes with the package ${name}, which is not among the packages`;
  return [doubtful("firstboot-package", message, firstboot.at, `add ${name} to rootfs.packages`)];
}

function initramfs(root: Placed, kind: string, firstboot: Placed): readonly Diagnostic[] {
  if (find(root, "boot", "initramfs", "path")) return [];
  const said = find(root, "boot", "initramfs");
  const related = said ? [{ message: "the recipe's initramfs", at: said.at }] : [];
  return [
    wrong(
      "firstboot-needs-dracut",
      `${kind} runs in an initramfs that dracut made with its module ${kind}, and this recipe's has no such thing`,
      firstboot.at,
      "give one by `boot: { initramfs: { path: … } }`, or use another first boot",
      related,
    ),
  ];
}

function filesystem(partitions: readonly Placed[], kind: string, firstboot: Placed): readonly Diagnostic[] {
  const [first, second] = partitions;
  if (first === undefined) {
    const message = `${kind} reads its file from a filesystem labelled ${kind}, and the image has none`;
    const help = `add { name: ${kind}, content: provision, size: 8MiB } to image.partitions`;
    return [wrong("no-provision-partition", message, firstboot.at, help)];
  }
  if (second) {
    const related = [{ message: "the first one", at: first.at }];
    return [wrong("two-partitions", "two partitions have `content: provision`", second.at, "one is enough", related)];
  }
  const label = textAt(first, "label");
  // Combustion takes Ignition's as well, so that one drive can serve both.
  const known = kind === "ignition" ? ["ignition"] : ["combustion", "ignition"];
  if (label === undefined || known.some((one) => label.text === one || label.text === one.toUpperCase())) return [];
  const message = `${kind} looks for a filesystem labelled ${known.join(" or ")}`;
  return [wrong("bad-label", message, label.at, "leave the label out")];
}

/** Without a reader of its own, the partition is for what makes each card its own: `boardsmith flash --provision`. */
function cards(root: Placed, partitions: readonly Placed[]): readonly Diagnostic[] {
  const [first, second] = partitions;
  if (first === undefined) return [];
  const found: Diagnostic[] = [];
  if (second) {
    const related = [{ message: "the first one", at: first.at }];
    const message = "two partitions have `content: provision`";
    found.push(wrong("two-partitions", message, second.at, "one is enough", related));
  }
  const filesystem = textAt(first, "filesystem");
  if (filesystem && filesystem.text !== "fat16") {
    const message = "what makes a card its own is written to a FAT16 while the card is flashed";
    found.push(wrong("provision-filesystem", message, filesystem.at, "leave the key out, or say `filesystem: fat16`"));
  }
  const label = textAt(first, "label");
  if (label && ![CARD_LABEL, "CIDATA"].includes(label.text)) {
    const message = `boardsmith's first boot looks for a filesystem labelled ${CARD_LABEL}, cloud-init for one labelled CIDATA`;
    found.push(wrong("bad-label", message, label.at, "leave the label out"));
  }
  const netboot = find(root, "netboot");
  if (netboot) {
    const message = "over the network there is no card of one's own: every board has the server's root filesystem";
    const related = [{ message: "the root filesystem comes from here", at: netboot.at }];
    found.push(wrong("provision-without-card", message, first.at, "leave the partition out", related));
  }
  return found;
}
