import { randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Who holds a lock or a scratch folder, so that others can tell whether they still live. */
export interface Owner {
  readonly pid: number;
  /** The kernel's start time of that process, so that a reused pid is told apart; empty where there is no /proc. */
  readonly start: string;
  /** The machine's boot and pid namespace: only inside it does the pid mean anything. */
  readonly place: string;
}

const read = (action: () => string): string => {
  try {
    return action().trim();
  } catch {
    return "";
  }
};

/**
 * Field 22 of /proc/PID/stat; the name in field 2 may hold anything, hence from its last parenthesis.
 * A zombie has ended, whatever its parent has not seen yet: it has none.
 */
function startOf(pid: number): string {
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? "" : (fields[19] ?? "");
}

function placeHere(): string {
  const boot = read(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8"));
  const space = read(() => readlinkSync("/proc/self/ns/pid"));
  return boot === "" ? hostname() : `${boot.slice(0, 13)}.${space.replace(/\D/g, "")}`;
}

let known: Owner | undefined;

/** This process. */
export function self(): Owner {
  known ??= { pid: process.pid, start: startOf(process.pid), place: placeHere() };
  return known;
}

/** How long an owner of another machine or container is believed without a sign of life, ms. */
export const SILENCE = 60_000;

/**
 * Does that process still run? One of another place (a container, a machine that shares the folder, this
 * machine before it restarted) cannot be asked: it counts as alive while `seen`, the ms time of its last sign
 * of life, is fresh.
 */
export function alive(owner: Owner, seen: number): boolean {
  if (owner.place !== self().place) return Date.now() - seen < SILENCE;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  return owner.start === "" || owner.start === startOf(owner.pid);
}

/** Has that process certainly ended? One that this place cannot look at (another container on this machine) has not, as far as we know. */
export function ended(owner: Owner): boolean {
  const here = self().place;
  if (owner.place === here) return !alive(owner, 0);
  // Two boots of one machine: nothing outlives its boot.
  return /^[0-9a-f-]{13}\./.test(owner.place) && owner.place.slice(0, 13) !== here.slice(0, 13);
}

/** An owner as a file name or a label; the random end tells apart what one process makes twice. */
export function ownerName(owner: Owner): string {
  return `${owner.pid}-${owner.start || "0"}-${encodeURIComponent(owner.place)}_${randomBytes(4).toString("hex")}`;
}

/** The owner in a file name made by ownerName, or undefined. */
export function ownerOf(name: string): Owner | undefined {
  const match = /^(\d+)-(\d+)-(.*)_[0-9a-f]{8}$/.exec(name);
  if (!match) return undefined;
  const start = match[2] === "0" ? "" : (match[2] ?? "");
  return { pid: Number(match[1]), start, place: decodeURIComponent(match[3] ?? "") };
}
