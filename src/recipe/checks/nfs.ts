import type { Diagnostic } from "../../diagnostic/diagnostic.js";
import { find, keyOf, listAt, type Placed, textAt } from "../../diagnostic/placed.js";
import { type Check, doubtful, wrong } from "./check.js";
import { twice } from "./users.js";

/** Folders without whose own content a board does not boot. */
const OF_THE_SYSTEM = /^\/(?:bin|boot|dev|etc|lib[^/]*|proc|root|run|sbin|sys|usr|var)$/;
/** Options of a mount that boardsmith gives itself, and the key that they follow from. */
const TAKEN: { readonly [option: string]: string } = {
  vers: "version",
  nfsvers: "version",
  minorversion: "version",
  nofail: "required",
  _netdev: "required",
};
const PACKAGES = {
  mounts: { what: "NFS is mounted", distro: "nfs-common", rpm: "nfs-client" },
  exports: { what: "folders are exported", distro: "nfs-kernel-server", rpm: "nfs-kernel-server" },
} as const;

/** Mounts that hide the system or each other, options that contradict a key, packages that are missed. */
export const checkNfs: Check = (root) => {
  const mounts = listAt(root, "provision", "nfs", "mounts");
  const exports = listAt(root, "provision", "nfs", "exports");
  return [
    ...mounts.flatMap((mount) => [...hides(mount), ...options(mount)]),
    ...sameFolder(root, mounts),
    ...twice(
      exports.map((one) => textAt(one, "path")),
      "exported folder",
    ),
    ...(mounts.length > 0 ? lacking(root, "mounts") : []),
    ...(exports.length > 0 ? lacking(root, "exports") : []),
  ];
};

function hides(mount: Placed): readonly Diagnostic[] {
  const at = textAt(mount, "at");
  if (!at || !OF_THE_SYSTEM.test(at.text)) return [];
  const message = `an NFS mount on ${at.text} would hide what the board boots with`;
  return [wrong("mount-over-system", message, at.at, "mount it below /srv or /mnt")];
}

function options(mount: Placed): readonly Diagnostic[] {
  return listAt(mount, "options").flatMap((option) => {
    const text = textAt(option);
    const key = text && TAKEN[text.text.replace(/=.*$/, "")];
    if (!text || key === undefined) return [];
    const message = `the option "${text.text}" follows from \`${key}:\``;
    return [wrong("option-taken", message, text.at, `leave it out, and say \`${key}:\` where it should be otherwise`)];
  });
}

/** The first mount on a folder counts, be it of a partition, of a volume or of a server. */
function sameFolder(root: Placed, mounts: readonly Placed[]): readonly Diagnostic[] {
  const partitions = listAt(root, "image", "partitions");
  const local = [...partitions, ...partitions.flatMap((one) => listAt(one, "volumes"))];
  return twice([...local.map((one) => textAt(one, "mount")), ...mounts.map((one) => textAt(one, "at"))], "mount point");
}

/** What does the work has to be in the rootfs; dependencies may bring it, so this is a doubt and provisioning the judge. */
function lacking(root: Placed, side: keyof typeof PACKAGES): readonly Diagnostic[] {
  const kind = (["distro", "rpm"] as const).find((one) => find(root, "rootfs", one));
  const packages = find(root, "rootfs", "packages");
  if (kind === undefined || packages?.kind !== "list") return [];
  const { what, [kind]: name } = PACKAGES[side];
  if (packages.values.some((one) => one.kind === "scalar" && one.value === name)) return [];
  return [
    doubtful(
      "no-nfs-package",
      `${what}, and ${name} is not among the packages`,
      keyOf(root, ["provision", "nfs", side]),
      `add \`${name}\` to rootfs.packages`,
    ),
  ];
}
