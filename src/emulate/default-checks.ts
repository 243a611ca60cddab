import { formatSize } from "../util/size.js";
import { type Check, exitProblem, type Ran } from "./check.js";

/** What the proof knows about the image and so can hold the booted board against. */
export interface Expected {
  /** Bytes of memory the machine has. */
  readonly memory: number;
  /** The root partition as it was laid out. */
  readonly root?: {
    readonly number: number;
    readonly offset: number;
    readonly size: number;
    readonly filesystem: string;
    /** A logical volume's name below /dev/mapper. */
    readonly mapper?: string;
  };
  /** Folder of an NFS server that is the root file system. */
  readonly nfsRoot?: string;
  /** Units that mount what only the board's own network has: here they may fail. */
  readonly elsewhere: readonly string[];
  /** Bytes that the root partition or volume has to have once it has grown to the card. */
  readonly grown?: number;
  /** The image's logical volumes, as `GROUP VOLUME`. */
  readonly volumes: readonly string[];
  /** The kernel's own version string, as `uname -r` prints it. */
  readonly release?: string;
  /** Release of the Xen that the kernel must be dom0 of. */
  readonly xen?: string;
  /** How many guests Xen has to have started by itself. */
  readonly dom0less?: number;
  /** device-mapper must be there. */
  readonly lvm: boolean;
  /** lvm2's tools must be there too; otherwise they are checked when they are. */
  readonly lvmTools: boolean;
}

/** How much of the memory may be missing from MemTotal: the kernel's own, the DTB's reservations. */
const MEMORY_SLACK = 0.1;

// Answers partition number, first sector, size in sectors, and mountinfo's file system type of what is mounted on /.
const root = (facts: string) =>
  `while read -r a b d c m r;do [ "$m" = / ]&&cd /sys/dev/block/$d&&echo $(cat ${facts}) \${r##* - };done</proc/self/mountinfo`;
const ROOT = root("partition start size");
const ROOT_VOLUME = root("dm/name size");

/** Everything of fstab is where it belongs; volumes that are active only are not yet of use. */
/** The root filesystem's blocks, their size in bytes, and perhaps what the growth said. */
const GROWTH =
  '[ -x /usr/lib/boardsmith/grow ]&&[ -d /run/systemd/system ]||exit 77;systemctl is-system-running --wait>/dev/null;stat -f -c "%b %S" /;systemctl status --no-pager -n 5 boardsmith-grow';

/** An ext4 counts fewer blocks than its partition has, for its tables and its journal; the card has twice what the image has. */
const GROWTH_SLACK = 0.25;

const MOUNTS =
  'e=0;while read -r d m t o;do case $d:$t in :*|\\#*|*:nfs*)continue;;esac;if [ "$t" = swap ];then [ $(wc -l</proc/swaps) -gt 1 ];else grep -q " $m " /proc/mounts;fi||{ echo "$d is not in use as $m $t";e=1;};done</etc/fstab;exit $e';

const FAILED_UNITS =
  "[ -d /run/systemd/system ]||exit 77;systemctl is-system-running --wait>/dev/null;systemctl --failed --plain --no-legend";

/** The checks that every image has to pass. */
export function defaultChecks(expected: Expected): readonly Check[] {
  const { root, release } = expected;
  return [
    { name: "memory size", run: "cat /proc/meminfo", problem: (ran) => memoryProblem(ran, expected.memory) },
    ...(release === undefined
      ? []
      : [{ name: "kernel version", run: "uname -r", problem: (ran: Ran) => releaseProblem(ran, release) }]),
    ...(root?.mapper === undefined && root
      ? [{ name: "root file system", run: ROOT, problem: (ran: Ran) => rootProblem(ran, root) }]
      : []),
    ...(root?.mapper !== undefined
      ? [{ name: "root file system", run: ROOT_VOLUME, problem: (ran: Ran) => rootVolumeProblem(ran, root) }]
      : []),
    ...nfsRootChecks(expected.nfsRoot),
    {
      name: "no failed units",
      run: FAILED_UNITS,
      problem: (ran) => failedUnits(ran, expected.elsewhere),
      skipped: "init is not systemd",
    },
    ...(expected.xen === undefined ? [] : xenChecks(expected.xen, expected.dom0less ?? 0)),
    ...(expected.grown === undefined ? [] : [growthCheck(expected.grown)]),
    ...(expected.lvm
      ? [
          {
            name: "device-mapper",
            // busybox's modprobe does not know what is built in.
            run: "{ modprobe dm-mod||grep dm-mod.ko /lib/modules/*/modules.builtin;}&&grep -w device-mapper /proc/misc",
            problem: exitProblem,
          },
          {
            name: "vgs",
            run: expected.lvmTools ? "vgs" : "command -v vgs>/dev/null||exit 77;vgs",
            problem: exitProblem,
            skipped: "the root file system has no lvm2",
          },
          ...(expected.volumes.length > 0 ? volumeChecks(expected.volumes) : []),
        ]
      : []),
  ];
}

/** A recipe's own check: exit code 0, or 77 to be skipped, and `expect` found in the output when given. */
export function recipeCheck(check: { readonly name: string; readonly run: string; readonly expect?: string }): Check {
  const { expect } = check;
  return {
    name: check.name,
    run: check.run,
    problem: (ran) => {
      const bad = exitProblem(ran);
      if (bad !== undefined || expect === undefined) return bad;
      return new RegExp(expect, "m").test(ran.output) ? undefined : `the output does not match /${expect}/`;
    },
    skipped: "it says so itself",
  };
}

/** The kernel says that it runs on Xen; the tools, where there are any, that they can talk to it. */
function xenChecks(release: string, dom0less: number): readonly Check[] {
  const skipped = "the root file system has no xl";
  return [
    { name: "hypervisor", run: "grep -x xen /sys/hypervisor/type", problem: exitProblem },
    {
      name: "xl info",
      run: "command -v xl>/dev/null||exit 77;xl info",
      problem: (ran) => {
        const said = /^xen_major *: (\d+)\s+xen_minor *: (\d+)/m.exec(ran.output);
        const running = `${said?.[1]}.${said?.[2]}`;
        return exitProblem(ran) ?? (running === release ? undefined : `Xen ${running} runs, the image's is ${release}`);
      },
      skipped,
    },
    {
      name: "xl list",
      run: "command -v xl>/dev/null||exit 77;xl list",
      problem: (ran) => exitProblem(ran) ?? domainsProblem(ran, dom0less),
      skipped,
    },
  ];
}

/** A domain's line: name, number, MiB, CPUs, state, seconds. Nobody gives a name to those that Xen started itself. */
function domainsProblem(ran: Ran, dom0less: number): string | undefined {
  if (!/^Domain-0 +0 /m.test(ran.output)) return "no Domain-0 is listed";
  const others = ran.output.split("\n").filter((line) => /^\S+ +[1-9]\d* +\d+ +\d+ /.test(line)).length;
  if (others >= dom0less) return undefined;
  return `${others} domains run beside dom0, and Xen is to start ${dom0less} by itself`;
}

function growthCheck(grown: number): Check {
  return {
    name: "growth",
    run: GROWTH,
    problem: (ran) => {
      const seen = /^(\d+) (\d+)$/m.exec(ran.output);
      if (!seen) return exitProblem(ran) ?? "stat says nothing of the size of /";
      const bytes = Number(seen[1]) * Number(seen[2]);
      if (bytes >= grown * (1 - GROWTH_SLACK)) return undefined;
      return `/ has ${formatSize(bytes)}, and could have ${formatSize(grown)} of its card`;
    },
    skipped: "nothing grows it on first boot",
  };
}

function volumeChecks(volumes: readonly string[]): readonly Check[] {
  return [
    {
      name: "logical volumes",
      run: "command -v lvs>/dev/null||exit 77;lvs --noheadings -o vg_name,lv_name,lv_active",
      problem: (ran) => {
        const active = ran.output.split("\n").map((line) => line.trim().split(/\s+/).join(" "));
        const missing = volumes.filter((volume) => !active.includes(`${volume} active`));
        return exitProblem(ran) ?? (missing.length === 0 ? undefined : `not active: ${missing.join(", ")}`);
      },
      skipped: "the root file system has no lvm2",
    },
    { name: "mounts", run: MOUNTS, problem: (ran) => exitProblem(ran) && (ran.output.trim() || exitProblem(ran)) },
  ];
}

function rootVolumeProblem(ran: Ran, root: NonNullable<Expected["root"]>): string | undefined {
  const seen = /^(\S+) (\d+) (\S+)/m.exec(ran.output);
  if (!seen) return exitProblem(ran) ?? "what is mounted on / is no logical volume";
  const [, name, size, type] = seen;
  if (name !== root.mapper) return `/ is ${name}, the image's root is ${root.mapper}`;
  return typeProblem(type, root) ?? sizeProblem(Number(size), root);
}

function typeProblem(type: string | undefined, root: NonNullable<Expected["root"]>): string | undefined {
  return type === root.filesystem ? undefined : `/ is ${type}, the image's root is ${root.filesystem}`;
}

/** It may have grown, never shrunk. `sectors` of 512 bytes. */
function sizeProblem(sectors: number, root: NonNullable<Expected["root"]>): string | undefined {
  if (sectors * 512 >= root.size) return undefined;
  return `/ has ${formatSize(sectors * 512)}, the image's root ${formatSize(root.size)}`;
}

function memoryProblem(ran: Ran, memory: number): string | undefined {
  const total = /^MemTotal:\s+(\d+) kB$/m.exec(ran.output);
  if (!total) return exitProblem(ran) ?? "/proc/meminfo has no MemTotal";
  const bytes = Number(total[1]) * 1024;
  if (bytes <= memory && bytes >= memory * (1 - MEMORY_SLACK)) return undefined;
  return `MemTotal is ${formatSize(bytes)}, the board has ${formatSize(memory)}`;
}

function releaseProblem(ran: Ran, release: string): string | undefined {
  return ran.output === release ? undefined : `the running kernel is ${ran.output}, the image's is ${release}`;
}

function rootProblem(ran: Ran, root: NonNullable<Expected["root"]>): string | undefined {
  const seen = /^(\d+) (\d+) (\d+) (\S+)/m.exec(ran.output);
  if (!seen) return exitProblem(ran) ?? "what is mounted on / is no partition";
  const [, number, start, size, type] = seen;
  if (Number(number) !== root.number || Number(start) * 512 !== root.offset) {
    return `/ is partition ${number} at sector ${start}, the image's root is partition ${root.number} at sector ${root.offset / 512}`;
  }
  return typeProblem(type, root) ?? sizeProblem(Number(size), root);
}

function nfsRootChecks(path: string | undefined): readonly Check[] {
  if (path === undefined) return [];
  const problem = (ran: Ran) => {
    const [, mounted] = /^[\d.]+:(\S+) \/ nfs\d? /m.exec(ran.output) ?? [];
    if (mounted === undefined) return exitProblem(ran) ?? "what is mounted on / is no NFS";
    return mounted === path ? undefined : `/ is the server's ${mounted}, the recipe's root is ${path}`;
  };
  return [{ name: "root file system", run: "grep ' / nfs' /proc/mounts", problem }];
}

function failedUnits(ran: Ran, elsewhere: readonly string[]): string | undefined {
  const bad = exitProblem(ran);
  if (bad !== undefined) return bad;
  const all = ran.output.split("\n").flatMap((line) => /^\W*(\S+\.\w+)\s/.exec(line)?.[1] ?? []);
  const units = all.filter((unit) => !elsewhere.includes(unit));
  return units.length === 0 ? undefined : `failed: ${units.join(", ")}`;
}
