import { realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { refuse } from "../../diagnostic/failure.js";
import { didYouMean } from "../../diagnostic/suggest.js";
import type { JudgedDisk, Refusal } from "./judge.js";
import type { DrivePlace } from "./open-drive.js";

/** A drive that somebody named. */
export interface NamedDrive {
  readonly word: string;
  readonly place: DrivePlace;
  /** Whether the word means the same drive tomorrow: an id, a serial number, or a file. */
  readonly stable: boolean;
  readonly refusals: readonly Refusal[];
  /** What its user sees before confirming: model, size, partitions. */
  readonly about: string;
  readonly serial: string;
  /** What has to be unmounted before it can be written, innermost first. */
  readonly mounts: readonly string[];
}

/** Finds the drive that a word means: /dev/sdb, sdb, a link below /dev/disk, a serial number, or a plain file. Throws Refused. */
export function findDrive(
  word: string,
  disks: readonly JudgedDisk[],
  cwd: string,
  about: (disk: JudgedDisk) => string,
): NamedDrive {
  const path = word.includes("/") ? realPath(resolve(cwd, word)) : undefined;
  const bySerial = disks.filter(({ disk }) => disk.serial !== "" && disk.serial === word);
  const found =
    disks.find(({ disk }) => disk.path === path || disk.name === word) ??
    (bySerial.length === 1 ? bySerial[0] : undefined);
  if (bySerial.length > 1) {
    const names = bySerial.map(({ disk }) => disk.path).join(", ");
    throw refuse(
      "ambiguous-drive",
      `${bySerial.length} drives have the serial number ${word}: ${names}`,
      "name one of them by its id",
    );
  }
  if (found) return ofDisk(word, found, about(found));
  const whole = disks.find(({ disk }) => disk.partitions.some((part) => part.path === path || part.name === word));
  if (whole) {
    throw refuse(
      "drive-is-a-partition",
      `${word} is a partition of ${whole.disk.name}`,
      `an image needs the whole drive: ${whole.disk.path}`,
    );
  }
  const file = statSync(resolve(cwd, word), { throwIfNoEntry: false });
  if (file?.isFile()) return ofFile(word, resolve(cwd, word), file.size);
  if (file?.isDirectory())
    throw refuse("no-such-drive", `${word} is a folder, not a drive`, '"boardsmith drives" lists them');
  const guess = didYouMean(
    word,
    disks.map(({ disk }) => (word.includes("/") ? disk.path : disk.name)),
  );
  throw refuse("no-such-drive", `there is no drive ${word}`, guess ?? '"boardsmith drives" lists them');
}

function ofDisk(word: string, { disk, refusals, mounts }: JudgedDisk, about: string): NamedDrive {
  const { path, name, size, block, discards, serial } = disk;
  const byId = word.startsWith("/dev/disk/by-id/") || word.startsWith("/dev/disk/by-path/");
  return {
    word,
    place: {
      path,
      name,
      capacity: size - (size % block),
      block,
      discards,
      identity: [disk.model, serial, disk.file ?? "", size].join("|"),
    },
    // A loop device has no id; whoever allows it has just made it.
    stable: byId || word === serial || disk.transport === "loop",
    refusals,
    about,
    serial,
    mounts: mounts.map(({ target }) => target).sort((a, b) => b.length - a.length),
  };
}

function ofFile(word: string, path: string, size: number): NamedDrive {
  if (size === 0 || size % 512 !== 0) {
    throw refuse(
      "bad-file-drive",
      `${word} has ${size} bytes, and a drive has a multiple of 512`,
      `make it as large as a card: truncate -s 8G ${word}`,
    );
  }
  return {
    word,
    place: { path, name: word, capacity: size, block: 512, discards: false, identity: `${path}|${size}` },
    stable: true,
    refusals: [{ reason: "file", text: "is a file, not a drive", override: "--allow-file" }],
    about: "a file",
    serial: "",
    mounts: [],
  };
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
