import { formatSize } from "../../util/size.js";
import type { JudgedDisk } from "./judge.js";

/** A disk in a line for whoever has to recognise it: model, size, how it is attached, what is on it. */
export function describeDisk({ disk, mounts }: JudgedDisk): string {
  const parts = disk.partitions.map((part) => {
    const mounted = mounts.filter(({ partition }) => partition === part.name).map(({ target }) => `on ${target}`);
    return [part.name, part.label && `"${part.label}"`, part.content, formatSize(part.size), ...mounted]
      .filter(Boolean)
      .join(" ");
  });
  const what = [
    disk.model || "no model",
    formatSize(disk.size),
    disk.transport,
    disk.serial && `serial ${disk.serial}`,
  ].filter(Boolean);
  return `${what.join(", ")}; ${parts.length === 0 ? "no partitions" : `partitions: ${parts.join(", ")}`}`;
}
