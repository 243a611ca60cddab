import { basename, dirname, join, resolve } from "node:path";
import type { Diagnostic } from "../diagnostic/diagnostic.js";
import type { Files } from "../diagnostic/files.js";
import { entriesAt, find, listAt, type Placed, textAt } from "../diagnostic/placed.js";
import { closest } from "../diagnostic/suggest.js";
import { wrong } from "./checks/check.js";
import { checkKeyFile } from "./key-file.js";
import type { LocalFile } from "./spec.js";

/** The user's files that a recipe names, by the value that names them. */
export interface Locals {
  /** What the value at a place stands for: one file or tree, or several for a quilt series. */
  of(value: Placed | undefined): readonly LocalFile[];
  readonly read: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** A defconfig is the user's file when it is written as a path; otherwise the source tree's. */
export function isLocalDefconfig(text: string): boolean {
  return /^(\.{1,2})?\//.test(text);
}

/** Finds and digests every file that a recipe names; paths are relative to the file that says them. */
export async function findLocals(root: Placed, files: Files): Promise<Locals> {
  const found = new Map<Placed, readonly LocalFile[]>();
  const read: string[] = [];
  const diagnostics: Diagnostic[] = [];

  const digest = async (path: string, shown: string, kind: "file" | "tree"): Promise<LocalFile> => {
    if (kind === "file") {
      read.push(path);
      return { path, shown, kind, sha256: await files.digestFile(path) };
    }
    const tree = await files.digestTree(path);
    read.push(path, ...tree.files);
    return { path, shown, kind, sha256: tree.sha256 };
  };

  for (const { value, wants } of namedFiles(root)) {
    const text = textAt(value);
    if (text === undefined) continue;
    const path = resolve(dirname(text.at.file), text.text);
    const kind = await files.stat(path);
    if (kind === undefined) {
      const beside = closest(basename(path), await files.list(dirname(path)));
      const help = beside === undefined ? `looked for ${path}` : `did you mean "${join(dirname(text.text), beside)}"?`;
      diagnostics.push(wrong("no-such-file", `nothing is at "${text.text}"`, text.at, help));
    } else if (kind === "tree" && (wants === "file" || wants === "key")) {
      diagnostics.push(wrong("not-a-file", `"${text.text}" is a folder, and a file is wanted here`, text.at));
    } else if (kind === "file" && wants === "tree") {
      const message = `"${text.text}" is a file, and a folder is wanted here`;
      diagnostics.push(wrong("not-a-folder", message, text.at, `did you mean "${dirname(text.text)}"?`));
    } else if (kind === "tree" && wants === "patches") {
      found.set(value, await series(path, text, digest, files, diagnostics));
    } else {
      if (wants === "key") diagnostics.push(...checkKeyFile((await files.text(path)) ?? "", text.text, text.at));
      found.set(value, [await digest(path, text.text, kind)]);
    }
  }
  return { of: (value) => (value && found.get(value)) ?? [], read, diagnostics };
}

interface Named {
  readonly value: Placed;
  readonly wants: "file" | "key" | "any" | "tree" | "patches";
}

/** Parts of a recipe that Kconfig configures. */
export const CONFIGURED = ["kernel", "guest-kernel", "xen", "u-boot"] as const;

/** Every value of a recipe that names a file or folder of the user's. */
export function namedFiles(root: Placed): readonly Named[] {
  const lists = (wants: Named["wants"], ...values: readonly (readonly Placed[])[]): readonly Named[] =>
    values.flat().map((value) => ({ value, wants }));
  const sources = entriesAt(root, "sources").map((source) => source.value);
  const paths = sources.flatMap((source) => find(source, "path") ?? []);
  const repositories = entriesAt(root, "rootfs", "repositories").map((repository) => repository.value);
  const overlays = listAt(root, "provision", "overlays").flatMap((overlay) => find(overlay, "from") ?? []);
  const volumes = listAt(root, "image", "partitions").flatMap((partition) => listAt(partition, "volumes"));
  const payloads = volumes.flatMap((volume) => find(volume, "from") ?? []);
  const machine = ["ignition", "combustion"].flatMap((kind) => find(root, "provision", "firstboot", kind) ?? []);
  const initramfs = [find(root, "boot", "initramfs", "path") ?? []].flat();
  const guests = entriesAt(root, "guests").flatMap(({ value }) =>
    ["kernel", "ramdisk"].flatMap((key) => find(value, key) ?? []),
  );
  const ofGuests = guests.filter((one) => /^\.{1,2}\//.test(textAt(one)?.text ?? ""));
  const own = ["kernel", "guest-kernel"].flatMap((part) => {
    const defconfig = find(root, part, "defconfig");
    return defconfig?.kind === "scalar" && isLocalDefconfig(String(defconfig.value)) ? [defconfig] : [];
  });
  return [
    ...lists("any", paths, overlays),
    ...lists("tree", [find(root, "rootfs", "kiwi") ?? []].flat()),
    ...lists("key", ...[...sources, ...repositories].map((from) => listAt(from, "keys"))),
    ...lists("file", own, payloads, ofGuests, machine, initramfs),
    ...lists("file", ...CONFIGURED.map((part) => listAt(root, part, "fragments"))),
    ...lists("patches", ...CONFIGURED.map((part) => listAt(root, part, "patches"))),
  ];
}

/** A quilt folder: the patches its `series` file names, in that order (quilt(1); `#` starts a comment). */
async function series(
  folder: string,
  named: { readonly text: string; readonly at: Placed["at"] },
  digest: (path: string, shown: string, kind: "file") => Promise<LocalFile>,
  files: Files,
  diagnostics: Diagnostic[],
): Promise<readonly LocalFile[]> {
  const list = join(folder, "series");
  const text = await files.text(list);
  if (text === undefined) {
    const help = "name the patches one by one, or write a `series` file that lists them";
    diagnostics.push(wrong("no-series", `the folder "${named.text}" has no file "series"`, named.at, help));
    return [];
  }
  await digest(list, join(named.text, "series"), "file");
  const patches: LocalFile[] = [];
  for (const [i, raw] of text.split("\n").entries()) {
    const name =
      raw
        .replace(/(^|\s)#.*/, "")
        .trim()
        .split(/\s+/)[0] ?? "";
    if (name === "") continue;
    const path = join(folder, name);
    if ((await files.stat(path)) === "file") patches.push(await digest(path, join(named.text, name), "file"));
    else {
      const at = { file: list, line: i + 1, column: 1, length: name.length, text: raw };
      diagnostics.push(wrong("no-such-file", `nothing is at "${name}"`, at, `looked for ${path}`));
    }
  }
  return patches;
}
