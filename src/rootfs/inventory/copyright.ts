/**
 * Licences in a package's /usr/share/doc/NAME/copyright, where it is machine-readable. It is a list of stanzas like
 *
 *     Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
 *
 *     Files: *
 *     Copyright: 1975-2010 Ulla Upstream
 *     License: GPL-2+
 *      text…
 *
 * Stanzas of files name the licences that apply; stanzas without files only give texts.
 * See https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
 */
export function licencesOf(text: string): readonly Licence[] {
  if (!/^Format(-Specification)?:\s*\S*(copyright-format|dep5)/im.test(text.slice(0, 1000))) return [];
  const found = new Map<string, Licence>();
  for (const stanza of text.split(/\n[ \t]*\n/)) {
    if (!/^(Files|Format)(-Specification)?:/im.test(stanza)) continue;
    const said = /^License:[ \t]*(.*)$/im.exec(stanza)?.[1]?.trim();
    if (said) found.set(said, licence(said));
  }
  const byWords = new Map([...found.values()].map((one) => ["id" in one ? one.id : one.name, one]));
  return [...byWords].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

/** SPDX's id, or the words of whoever wrote it down where SPDX has none for them. */
export type Licence = { readonly id: string } | { readonly name: string };

const SAME = new Set(
  "Apache-2.0 Artistic-2.0 BSD-2-Clause BSD-3-Clause BSD-4-Clause BSL-1.0 CC-BY-3.0 CC-BY-4.0 CC-BY-SA-3.0 CC-BY-SA-4.0 CC0-1.0 FSFAP FSFUL FSFULLR ISC MIT-0 MPL-1.1 MPL-2.0 OpenSSL Unlicense WTFPL X11 Zlib curl".split(
    " ",
  ),
);
const OTHER: Readonly<Record<string, string>> = {
  "0BSD": "0BSD",
  "BSD-2-clause": "BSD-2-Clause",
  "BSD-3-clause": "BSD-3-Clause",
  "BSD-4-clause": "BSD-4-Clause",
  Expat: "MIT",
  zlib: "Zlib",
  "PSF-2": "PSF-2.0",
};

/** One of Debian's short names; what is more than one licence stays in Debian's words. */
function licence(name: string): Licence {
  if (SAME.has(name)) return { id: name };
  const other = OTHER[name];
  if (other !== undefined) return { id: other };
  const [, family = "", number = "", later] = /^(A?GPL|LGPL|GFDL)-(\d(?:\.\d)*)(\+?)$/.exec(name) ?? [];
  if (family === "") return { name };
  // Debian writes GPL-2 or GPL-2.0, SPDX the latter.
  const version = number.includes(".") ? number : `${number}.0`;
  const known = { GPL: /^[123]\.0$/, LGPL: /^(2\.0|2\.1|3\.0)$/, AGPL: /^[13]\.0$/, GFDL: /^1\.[123]$/ }[family];
  return known?.test(version) ? { id: `${family}-${version}-${later ? "or-later" : "only"}` } : { name };
}
