import type { Tree } from "../tree.js";
import { VOLATILE } from "./conditions.js";
import { fstabEntries } from "./fstab-entry.js";

/** Where systemd and init look for a program without a path. */
const PATH = ["usr/local/sbin", "usr/local/bin", "usr/sbin", "usr/bin", "sbin", "bin"];

/** What keeps a program from being started, e.g. `/opt/app/run is not there`; undefined when nothing does, or when nobody can say. */
export function programFault(tree: Tree, program: string): string | undefined {
  if (program === "" || /[%$]/.test(program) || VOLATILE.test(program) || onOtherMount(tree, program)) return undefined;
  if (!program.startsWith("/")) {
    return PATH.some((folder) => tree.has(`${folder}/${program}`)) ? undefined : `${program} is not there`;
  }
  const node = tree.get(program);
  if (!node) return `${program} is not there`;
  if (node.type !== "file" && node.type !== "hardlink") return `${program} is no file`;
  if ((node.mode & 0o111) === 0) return `${program} is not executable`;
  const interpreter = /^#!\s*(\/\S+)/.exec(tree.read(program)?.toString("latin1", 0, 256) ?? "")?.[1];
  if (interpreter === undefined || tree.has(interpreter)) return undefined;
  return `${program} is a script for ${interpreter}, which is not there`;
}

/** The program of a command line as systemd and init write it, without the marks in front; see systemd.service(5). */
export function programOf(command: string): { readonly program: string; readonly mayFail: boolean } {
  const [, marks = "", rest = ""] = /^([-@:+!|]*)\s*(.*)$/.exec(command) ?? [];
  const quoted = /^"([^"]*)"|^'([^']*)'/.exec(rest);
  const program = quoted ? (quoted[1] ?? quoted[2] ?? "") : (rest.split(/\s+/)[0] ?? "");
  return { program, mayFail: marks.includes("-") };
}

/** What lies on another filesystem is not in this tree. */
function onOtherMount(tree: Tree, program: string): boolean {
  return fstabEntries(tree).some(({ where }) => where.length > 1 && program.startsWith(`${where.replace(/\/$/, "")}/`));
}
