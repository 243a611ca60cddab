import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A disk as /sys, /dev and udev show it. */
export interface FakeDisk {
  readonly name: string;
  readonly number: string;
  readonly gib: number;
  /** Where it hangs, below /sys/devices: its bus is told by that. */
  readonly bus: string;
  /** Files of its folder in sysfs, more than the usual. */
  readonly files?: Readonly<Record<string, string>>;
  readonly removable?: boolean;
  readonly readOnly?: boolean;
  readonly udev?: Readonly<Record<string, string>>;
  readonly links?: readonly string[];
  readonly holders?: readonly string[];
  readonly partitions?: readonly {
    readonly name: string;
    readonly number: string;
    readonly gib: number;
    readonly udev?: Readonly<Record<string, string>>;
    readonly holders?: readonly string[];
  }[];
}

/** Writes what readDriveFacts reads of a machine with these disks below `root`. */
export function fakeMachine(
  root: string,
  disks: readonly FakeDisk[],
  mountinfo: string,
  swaps: readonly string[] = [],
): void {
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  };
  const link = (path: string, to: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(to, join(root, path));
  };
  const udev = (number: string, values: Readonly<Record<string, string>> | undefined) => {
    const lines = Object.entries(values ?? {}).map(([name, value]) => `E:${name}=${value}`);
    put(`run/udev/data/b${number}`, ["I:1234", ...lines, "G:systemd"].join("\n"));
  };
  const sectors = (gib: number) => String(gib * 2 * 1024 ** 2);
  for (const disk of disks) {
    const folder = `sys/devices/${disk.bus}/block/${disk.name}`;
    link(`sys/block/${disk.name}`, `../devices/${disk.bus}/block/${disk.name}`);
    put(`${folder}/dev`, disk.number);
    put(`${folder}/size`, sectors(disk.gib));
    put(`${folder}/ro`, disk.readOnly ? "1" : "0");
    put(`${folder}/removable`, disk.removable ? "1" : "0");
    put(`${folder}/queue/logical_block_size`, "512");
    put(`${folder}/queue/discard_max_bytes`, "0");
    for (const [name, text] of Object.entries(disk.files ?? {})) put(`${folder}/${name}`, text);
    mkdirSync(join(root, folder, "holders"), { recursive: true });
    for (const holder of disk.holders ?? []) put(`${folder}/holders/${holder}/dev`, "");
    udev(disk.number, disk.udev);
    for (const [index, part] of (disk.partitions ?? []).entries()) {
      put(`${folder}/${part.name}/partition`, String(index + 1));
      put(`${folder}/${part.name}/dev`, part.number);
      put(`${folder}/${part.name}/size`, sectors(part.gib));
      for (const holder of part.holders ?? []) put(`${folder}/${part.name}/holders/${holder}/dev`, "");
      udev(part.number, part.udev);
    }
    for (const name of disk.links ?? []) link(`dev/disk/by-id/${name}`, `../../${disk.name}`);
  }
  put("proc/self/mountinfo", mountinfo);
  put(
    "proc/swaps",
    ["Filename\t\tType\t\tSize\tUsed\tPriority", ...swaps.map((path) => `${path} partition 1000 0 -2`)].join("\n"),
  );
}
