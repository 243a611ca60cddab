import type { ReadAt } from "../../disk/ranges.js";
import type { VolumeFile } from "../../disk/volume-file.js";
import { byCodeUnit, compareMaps, type Difference, type Differences } from "./difference.js";
import { fileDigest } from "./file-digest.js";

/** Files of one filesystem in both images; `prefix` stands in front of their paths. Contents are read where nothing else tells them apart. */
export function compareFiles(
  prefix: string,
  from: { readonly files: readonly VolumeFile[]; readonly read: ReadAt },
  to: { readonly files: readonly VolumeFile[]; readonly read: ReadAt },
): Differences["files"] {
  const [before, after] = [byPath(from.files), byPath(to.files)];
  return [...new Set([...before.keys(), ...after.keys()])].sort(byCodeUnit).flatMap((path): Differences["files"] => {
    const [a, b] = [before.get(path), after.get(path)];
    const what = `${prefix}/${path}`;
    if (!a || !b) return [{ what, ...(a ? { from: summary(a) } : {}), ...(b ? { to: summary(b) } : {}), fields: [] }];
    const fields =
      a.type === b.type
        ? [...compareMaps(facts(a), facts(b)), ...content(a, b, from.read, to.read)]
        : [{ what: "type", from: a.type, to: b.type }];
    return fields.length === 0 ? [] : [{ what, from: summary(a), to: summary(b), fields }];
  });
}

function byPath(files: readonly VolumeFile[]): ReadonlyMap<string, VolumeFile> {
  return new Map(files.map((file) => [file.path, file]));
}

function content(a: VolumeFile, b: VolumeFile, readA: ReadAt, readB: ReadAt): readonly Difference[] {
  if (a.type !== "file" || b.type !== "file") return [];
  const [from, to] = [fileDigest(readA, a), fileDigest(readB, b)];
  return from === to ? [] : [{ what: "content", from: `sha256:${from}`, to: `sha256:${to}` }];
}

function facts({ type, mode, uid, gid, size, link, device, attributes }: VolumeFile): ReadonlyMap<string, string> {
  const all: readonly (readonly [string, string | undefined])[] = [
    ["mode", mode === undefined || type === "symlink" ? undefined : octal(mode)],
    ["owner", uid === undefined ? undefined : `${uid}:${gid}`],
    ["size", type === "file" ? String(size) : undefined],
    ["link", link],
    ["device", device && `${device.major}:${device.minor}`],
    ...Object.entries(attributes ?? {}),
  ];
  return new Map(all.filter((one): one is [string, string] => one[1] !== undefined));
}

function summary({ type, mode, size, link }: VolumeFile): string {
  if (type === "symlink") return `symlink to ${link}`;
  return [type, ...(mode === undefined ? [] : [octal(mode)]), ...(type === "file" ? [`${size} bytes`] : [])].join(" ");
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}
