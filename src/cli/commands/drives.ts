import { describeDisk } from "../../flash/drives/describe.js";
import { type JudgedDisk, judgeDisks } from "../../flash/drives/judge.js";
import { readDriveFacts } from "../../flash/drives/read-facts.js";
import { formatSize } from "../../util/size.js";
import { columns } from "../columns.js";
import type { CommandBody } from "../command.js";
import { requireLinux } from "../require-linux.js";

/** `boardsmith drives [--json]`: what an image can be written to, and why not to the rest. Reads, and opens nothing. */
export const run: CommandBody = async ({ stdout }, _, { json }) => {
  requireLinux();
  const disks = judgeDisks(readDriveFacts());
  if (json) {
    stdout.write(`${JSON.stringify(disks.map(asData), null, 2)}\n`);
    return 0;
  }
  const free = disks.filter(({ refusals }) => refusals.length === 0);
  const refused = disks.filter(({ refusals }) => refusals.length > 0);
  stdout.write(free.length === 0 ? "no drive that an image could be written to\n" : "an image can be written to\n");
  for (const judged of free) {
    stdout.write(`  ${judged.disk.path}  ${describeDisk(judged)}\n`);
    for (const link of judged.disk.links) stdout.write(`    ${link}\n`);
  }
  if (refused.length === 0) return 0;
  stdout.write("\nnot to\n");
  stdout.write(
    columns(
      refused.map(({ disk, refusals }) => [
        `  ${disk.path}`,
        formatSize(disk.size),
        disk.model || disk.transport,
        refusals.map(({ text, override }) => (override ? `${text} [${override}]` : text)).join("; "),
      ]),
    ),
  );
  return 0;
};

function asData({ disk, refusals, mounts }: JudgedDisk) {
  const { name, path, size, block, removable, readOnly, transport, model, serial, links, partitions, file } = disk;
  const parts = partitions.map(({ name, path, size, content, label }) => ({ name, path, size, content, label }));
  return {
    name,
    path,
    size,
    block,
    removable,
    readOnly,
    transport,
    model,
    serial,
    links,
    file,
    partitions: parts,
    mounts,
    refusals,
  };
}
