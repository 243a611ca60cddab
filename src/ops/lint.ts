import { readFile, writeFile } from "node:fs/promises";
import type { LaidPartition, LayoutFile } from "../disk/layout-file.js";
import { type Judged, lint as look } from "../rootfs/lint/lint.js";
import type { ImageFilesystem, LintSubject } from "../rootfs/lint/subject.js";
import { Tree } from "../rootfs/tree.js";
import type { LintArgs } from "../steps/lint.js";
import type { Op } from "./op.js";
import { input, stopAt } from "./stop-at.js";
import { openFiles } from "./tar-file.js";

/** Holds the finished root filesystem against the image's layout and the recipe, and stops at what a board would stumble over. */
export const lint: Op = async (run) => {
  const args = run.args as unknown as LintArgs;
  using opened = openFiles();
  const layout = JSON.parse(await readFile(input(run, "layout"), "utf8")) as LayoutFile;
  const subject: LintSubject = {
    tree: Tree.of(opened.open(input(run, "rootfs")), args.epoch),
    filesystems: layout.partitions.flatMap(filesystems),
    table: layout.table,
    volumes: args.volumes,
    console: args.console,
    serialLogin: args.serialLogin,
    release: (await readFile(input(run, "release"), "utf8")).trim(),
    firstBootHelps: args.firstBootHelps,
    dns: args.dns,
  };
  const { findings, unused } = look(subject, args.accept);
  for (const finding of findings) {
    if (finding.accepted !== undefined) run.log(`accepted: ${finding.message} [${finding.code}]: ${finding.accepted}`);
    else if (finding.severity === "warning") run.log(`warning: ${finding.message} [${finding.code}]; ${finding.help}`);
  }
  for (const { finding, about } of unused) {
    run.log(`warning: lint.accept: there is no ${finding}${about === undefined ? "" : ` about ${about}`} to accept`);
  }
  stopAt(run, findings.filter(counts).map(diagnostic), "the root filesystem is not fit for its image");
  if (findings.length === 0) run.log("nothing found");
  await writeFile(run.out("findings"), `${JSON.stringify({ format: 1, findings }, null, 2)}\n`);
};

/** What of a partition fstab can name: its filesystem, or those and the swap spaces of its logical volumes. */
function filesystems(partition: LaidPartition): readonly ImageFilesystem[] {
  const { filesystem, group } = partition;
  if (filesystem !== "lvm2") return [{ ...partition, type: filesystem }];
  return (group?.volumes ?? []).flatMap(({ filesystem: type, label, uuid }) =>
    type === "none" ? [] : [{ type, label, uuid }],
  );
}

function counts({ severity, accepted }: Judged): boolean {
  return severity === "error" && accepted === undefined;
}

function diagnostic({ code, message, help, severity }: Judged) {
  return { severity, code, message, help };
}
