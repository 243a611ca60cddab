import type { Mirror } from "../../util/mirror.js";

/** Begins each line that tells an installed package: `NAME VERSION`. */
export const PACKAGE_MARK = "boardsmith-package ";

/** Shell text that rewrites apt's sources below $1 for mirrors; the originals are kept beside as *.boardsmith. */
export function useMirrors(mirrors: readonly Mirror[]): string {
  if (mirrors.length === 0) return "";
  // The longest address first: of several that fit, it is the one that is meant.
  const edits = [...mirrors]
    .sort((a, b) => b.from.length - a.from.length)
    .map(({ from, to }) => `-e ${quote(`s|${sedPattern(from)}|${sedText(to)}|g`)}`);
  return `for f in "$1"/etc/apt/sources.list "$1"/etc/apt/sources.list.d/*.list "$1"/etc/apt/sources.list.d/*.sources; do
  [ ! -f "$f" ] || { cp "$f" "$f.boardsmith" && sed -i ${edits.join(" ")} "$f"; }
done
`;
}

/** Shell text that undoes useMirrors. */
export const FORGET_MIRRORS = `for f in "$1"/etc/apt/sources.list "$1"/etc/apt/sources.list.d/*.list "$1"/etc/apt/sources.list.d/*.sources; do
  [ ! -f "$f.boardsmith" ] || mv "$f.boardsmith" "$f"
done
`;

/**
 * Shell text that installs packages into the running container and tells the version of each installed one.
 * Names are data of ours, checked by the recipe's schema where they are a user's.
 */
export function aptScript(packages: readonly string[], mirrors: readonly Mirror[]): string {
  return `set -eu
set -- ""
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
${useMirrors(mirrors)}apt="apt-get -q -o Acquire::Retries=3 -o Acquire::Languages=none -o Dpkg::Use-Pty=0 -o APT::Install-Recommends=false"
$apt -o APT::Update::Error-Mode=any update
$apt install -y -- ${packages.map(quote).join(" ")}
apt-get clean
rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/dpkg.log /var/cache/ldconfig/aux-cache
${mirrors.length > 0 ? FORGET_MIRRORS : ""}dpkg-query -W -f '${PACKAGE_MARK}\${Package} \${Version}\\n'
`;
}

/** One word for sh. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function sedPattern(text: string): string {
  return text.replace(/[\\.*[\]^$|]/g, "\\$&");
}

function sedText(text: string): string {
  return text.replace(/[\\&|]/g, "\\$&");
}
