import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { Refused, refuse } from "../diagnostic/failure.js";
import type { Drive } from "../flash/drive.js";
import { describeDisk } from "../flash/drives/describe.js";
import { findDrive, type NamedDrive } from "../flash/drives/find-drive.js";
import { judgeDisks } from "../flash/drives/judge.js";
import { openDrive } from "../flash/drives/open-drive.js";
import { readDriveFacts } from "../flash/drives/read-facts.js";
import { driveDiagnostics } from "../flash/drives/refuse-drives.js";

/** The drives that words mean, all allowed to be written to; throws Refused with everything that is against it. */
export function allowedDrives(
  words: readonly string[],
  options: { readonly cwd: string; readonly allowed: ReadonlySet<string>; readonly image: string },
): readonly NamedDrive[] {
  const disks = judgeDisks(readDriveFacts(), filesystemOf(options.image));
  const wrong: Diagnostic[] = [];
  const drives = words.flatMap((word) => {
    try {
      return [findDrive(word, disks, options.cwd, describeDisk)];
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      wrong.push(...error.diagnostics);
      return [];
    }
  });
  const diagnostics = [...wrong, ...driveDiagnostics(drives, options.allowed)];
  const image = resolve(options.cwd, options.image);
  for (const { word, place } of drives) {
    if (place.path === image)
      diagnostics.push({ severity: "error", code: "drive-refused", message: `${word} is the image itself` });
  }
  if (diagnostics.length > 0) throw new Refused(diagnostics);
  return drives;
}

/** MAJOR:MINOR of the filesystem that a file is on; undefined for what is no file. */
function filesystemOf(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (!stat?.isFile()) return undefined;
  // As glibc's gnu_dev_major and gnu_dev_minor take a dev_t apart.
  const major = ((stat.dev >> 8n) & 0xfffn) | ((stat.dev >> 32n) & ~0xfffn);
  const minor = (stat.dev & 0xffn) | ((stat.dev >> 12n) & ~0xffn);
  return `${major}:${minor}`;
}

/** Unmounts what --unmount allows. */
export async function unmountAll(drives: readonly NamedDrive[]): Promise<void> {
  for (const target of drives.flatMap(({ mounts }) => mounts)) {
    await promisify(execFile)("umount", [target]).catch((error: { stderr?: string }) => {
      throw refuse(
        "cannot-unmount",
        `${target} cannot be unmounted: ${(error.stderr ?? "").trim()}`,
        "close what uses it",
      );
    });
  }
}

/** Opens all of them for nobody else, or none; throws Refused with what is against it. */
export async function openDrives(drives: readonly NamedDrive[]): Promise<readonly Drive[]> {
  const tried = await Promise.allSettled(drives.map(({ place }) => openDrive(place)));
  const opened = tried.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  if (opened.length === drives.length) return opened;
  await Promise.all(opened.map((drive) => drive[Symbol.asyncDispose]()));
  throw new Refused(
    tried.flatMap((one, index) =>
      one.status === "rejected" ? [cannotOpen(drives[index]?.word ?? "", one.reason)] : [],
    ),
  );
}

function cannotOpen(word: string, error: NodeJS.ErrnoException): Diagnostic {
  const [code, message, help] = ((): [string, string, string?] => {
    switch (error.code) {
      case "EBUSY":
        return ["drive-busy", `${word} is in use by another program`, `find out which: lsof ${word}`];
      case "EACCES":
      case "EPERM":
        return [
          "no-permission",
          `${word} may not be written to by you`,
          "run it with sudo, or join the group that owns the drive (disk)",
        ];
      case "EROFS":
        return ["drive-refused", `${word} is read-only`, "move the card's lock switch, or take another card"];
      case "ENOMEDIUM":
      case "ENXIO":
        return ["drive-refused", `${word} has no medium in it`, "put a card in"];
      default:
        return ["drive-busy", `${word} cannot be opened: ${error.message}`];
    }
  })();
  return { severity: "error", code, message, ...(help === undefined ? {} : { help }) };
}
