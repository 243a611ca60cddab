import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { Assets } from "../plan/step.js";
import { canonical, sha256 } from "../util/canonical.js";

/** The package's own scripts and code, read once each. */
export function assets(home: string): Assets {
  const texts = new Map<string, string>();
  const text = (path: string): string => {
    const known = texts.get(path);
    if (known !== undefined) return known;
    const read = readFileSync(join(home, "src", path), "utf8");
    texts.set(path, read);
    return read;
  };
  return {
    text,
    script: (name) => `${text("steps/lib.sh").trimEnd()}\n\n${text(`steps/${name}.sh`)}`,
    code: (op) => codeDigest(join(home, "dist"), `ops/${op}.js`),
  };
}

/** Texts of files that go into images, see src/rootfs/files. */
export const imageFile =
  (home: string) =>
  (name: string): string =>
    assets(home).text(`rootfs/files/${name}`);

/** Digest of a compiled module with all of our own modules it imports, so that editing any of them makes a new key. */
function codeDigest(dist: string, entry: string): string {
  const digests: Record<string, string> = {};
  const visit = (path: string): void => {
    const name = relative(dist, path);
    if (name in digests || !existsSync(path)) return;
    const code = readFileSync(path, "utf8");
    digests[name] = sha256(code);
    for (const match of code.matchAll(/(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g)) {
      visit(resolve(dirname(path), match[1] ?? ""));
    }
  };
  visit(join(dist, entry));
  if (Object.keys(digests).length === 0) throw new Error(`no compiled op ${entry}`);
  return sha256(canonical(digests));
}
