/**
 * A package URL, `pkg:deb/debian/lvm2@2.03.31-2?arch=armhf&distro=trixie`. Qualifiers are sorted, and those without a
 * value left out. See https://github.com/package-url/purl-spec
 */
export function purl(
  type: "deb" | "generic",
  path: readonly string[],
  version: string | undefined,
  qualifiers: { readonly [name: string]: string | undefined } = {},
): string {
  const words = Object.entries(qualifiers)
    .filter((one): one is [string, string] => one[1] !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${encode(value)}`);
  const at = version === undefined ? "" : `@${encode(version)}`;
  return `pkg:${type}/${path.map(encode).join("/")}${at}${words.length > 0 ? `?${words.join("&")}` : ""}`;
}

/** As encodeURIComponent, but for the colon, which purl keeps. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll("%3A", ":");
}
