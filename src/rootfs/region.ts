import { didYouMean } from "../diagnostic/suggest.js";
import { addPackages } from "./add-packages.js";
import type { Findings } from "./findings.js";
import { initOf } from "./init.js";
import type { Tree } from "./tree.js";

/** Sets LANG for everybody, where systemd (locale.conf) and Debian (default/locale) read it. */
export function locale(tree: Tree, name: string, findings: Findings): void {
  const text = `LANG=${name}\n`;
  tree.write("etc/locale.conf", text);
  const debian = "etc/default/locale";
  if (tree.get(debian) && tree.resolve(debian) !== tree.resolve("etc/locale.conf")) tree.write(debian, text);
  else if (!tree.has(debian) && tree.has("etc/debian_version")) tree.symlink(debian, "../locale.conf");
  if (!hasLocale(tree, name)) {
    findings.note(`warning: locale ${name} is not in the rootfs, so programs fall back to C`);
  }
}

/** glibc keeps locales as folders or in one archive, with the codeset in lower case without hyphens. */
function hasLocale(tree: Tree, name: string): boolean {
  if (/^(C|POSIX)(\.utf-?8)?$/i.test(name)) return true;
  const [language = "", codeset] = name.split(".");
  const kept = codeset === undefined ? language : `${language}.${codeset.toLowerCase().replaceAll("-", "")}`;
  if (tree.has(`usr/lib/locale/${kept}`) || tree.has(`usr/lib/locale/${name}`)) return true;
  return tree.read("usr/lib/locale/locale-archive")?.includes(`${kept}\0`) ?? false;
}

const ZONES = "usr/share/zoneinfo";

/** Sets the time zone: /etc/localtime, and Debian's /etc/timezone. */
export function timezone(tree: Tree, zone: string, findings: Findings): void {
  if (!tree.has(ZONES)) {
    // Without any zone the C library reads UTC.
    if (/^(Etc\/)?(UTC|GMT|Zulu)$/.test(zone)) return;
    findings.mistake(
      "no-timezones",
      `timezone ${zone}: the rootfs has no time zones`,
      addPackages(tree, { debian: "tzdata", opensuse: "timezone" }),
    );
    return;
  }
  const node = tree.get(`${ZONES}/${zone}`);
  if (!node || node.type === "folder") {
    findings.mistake(
      "unknown-timezone",
      `timezone ${zone}: the rootfs has no such zone`,
      didYouMean(zone, zones(tree)),
    );
    return;
  }
  tree.symlink("etc/localtime", `/usr/share/zoneinfo/${zone}`);
  if (tree.has("etc/timezone") || tree.has("etc/debian_version")) tree.write("etc/timezone", `${zone}\n`);
}

function zones(tree: Tree): string[] {
  const prefix = `${ZONES}/`;
  return [...tree.nodes()]
    .filter((node) => node.path.startsWith(prefix) && node.type !== "folder")
    .map((node) => node.path.slice(prefix.length))
    .filter((zone) => /^[A-Z]/.test(zone));
}

/** Sets the keyboard of local consoles, for systemd (vconsole.conf) and Debian (default/keyboard). */
export function keymap(tree: Tree, map: string, findings: Findings): void {
  if (initOf(tree) === "systemd") tree.write("etc/vconsole.conf", `KEYMAP=${map}\n`);
  if (tree.has("etc/debian_version")) {
    const [layout = map, variant = ""] = map.split("-");
    tree.write(
      "etc/default/keyboard",
      `XKBMODEL="pc105"\nXKBLAYOUT="${layout}"\nXKBVARIANT="${variant}"\nXKBOPTIONS=""\n\nBACKSPACE="guess"\n`,
    );
  }
  if (!["bin/loadkeys", "usr/bin/loadkeys", "sbin/loadkmap", "bin/setupcon"].some((tool) => tree.has(tool))) {
    findings.note(
      `warning: keymap ${map} has no effect: the rootfs has no loadkeys (kbd; on Debian console-setup, too)`,
    );
  }
}
