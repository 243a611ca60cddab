import type { Tree } from "../tree.js";
import { licencesOf } from "./copyright.js";
import type { InstalledPackage } from "./inventory.js";

/** The installed packages of dpkg's database, with their licences. */
export function debianPackages(tree: Tree): readonly InstalledPackage[] {
  return parseStatus(tree.text("var/lib/dpkg/status") ?? "").map((one) => {
    const licences = licencesOf(tree.text(`usr/share/doc/${one.name}/copyright`) ?? "");
    return licences.length > 0 ? { ...one, licences } : one;
  });
}

/** The installed packages in the text of dpkg's /var/lib/dpkg/status, sorted; see deb-control(5). */
export function parseStatus(text: string): readonly InstalledPackage[] {
  return text
    .split(/\n\n+/)
    .flatMap((stanza) => {
      const field = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, "m").exec(stanza)?.[1]?.trim();
      const [name, version, arch] = [field("Package"), field("Version"), field("Architecture")];
      if (!name || !version || !arch || !field("Status")?.endsWith(" installed")) return [];
      // `Source: util-linux (2.41-5)` when the versions differ, too.
      const source = field("Source")?.split(/\s/)[0];
      return [
        {
          kind: "deb" as const,
          name,
          version,
          arch,
          ...(source && source !== name ? { source } : {}),
        },
      ];
    })
    .sort((a, b) => order(a.name, b.name) || order(a.arch, b.arch));
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
