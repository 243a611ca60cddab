import type { PackagePin } from "../../recipe/pins.js";
import type { InstalledPackage, Inventory } from "../../rootfs/inventory/inventory.js";
import { purl } from "../purl.js";
import { type Component, sha256Hash } from "./component.js";

/** The rootfs's packages: with licences as they state them, and the digest of the file that the lock pins for each. */
export function packageComponents(
  inventory: Inventory | undefined,
  pins: readonly PackagePin[] | undefined,
): readonly Component[] {
  const pinned = new Map((pins ?? []).map((pin) => [`${pin.name} ${pin.version} ${pin.arch}`, pin]));
  return (inventory?.packages ?? []).map((one): Component => {
    const url = packageUrl(one, inventory?.os);
    const pin = pinned.get(`${one.name} ${one.version} ${one.arch}`);
    return {
      type: "library",
      "bom-ref": url,
      name: one.name,
      version: one.version,
      ...(pin ? { hashes: [sha256Hash(pin.sha256)] } : {}),
      ...(one.licences ? { licenses: one.licences.map((license) => ({ license })) } : {}),
      purl: url,
    };
  });
}

/** `upstream` is the source package, by which a distribution's advisories go. */
function packageUrl({ kind, name, version, arch, source }: InstalledPackage, os: Inventory["os"]): string {
  return purl(kind, [os?.id ?? "debian", name], version, {
    arch,
    distro: os?.codename ?? os?.version,
    upstream: source,
  });
}
