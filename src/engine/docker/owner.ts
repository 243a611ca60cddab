import { readFileSync, readlinkSync } from "node:fs";

/** A process, named so that a later one with the same number is not mistaken for it. */
export interface Owner {
  readonly pid: number;
  /** Clock ticks from boot to its start; empty where /proc is missing. */
  readonly startTime: string;
  readonly bootId: string;
  /** The process-number space the pid is from: containers may share an engine with their host. */
  readonly space: string;
}

/** The running process. */
export function thisOwner(): Owner {
  return { pid: process.pid, startTime: startTimeOf(process.pid) ?? "", bootId: bootId(), space: space() };
}

/** As a container's label: `pid:start:boot:space`. */
export function ownerLabel(owner: Owner): string {
  return [owner.pid, owner.startTime, owner.bootId, owner.space].join(":");
}

/** Is the process of a label certainly gone? A label that is not ours to judge gives false. */
export function isDead(label: string, here = thisOwner()): boolean {
  const [pid, startTime, boot, itsSpace] = label.split(":");
  if (!pid || !/^\d+$/.test(pid) || boot === undefined) return false;
  if (boot !== here.bootId) return true;
  if (itsSpace !== here.space) return false;
  if (startTime !== "") return startTimeOf(Number(pid)) !== startTime;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** Field 22 of /proc/PID/stat; the name before it may hold blanks and brackets. A zombie counts as gone. */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "";
  }
}

function space(): string {
  try {
    return /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "";
  } catch {
    return "";
  }
}
