import { readFile, stat } from "node:fs/promises";
import { relative } from "node:path";
import type { Proof } from "../emulate/proof.js";
import type { Spec } from "../recipe/spec.js";
import { formatSize } from "../util/size.js";
import type { Exported } from "./export.js";

/** The last words of a build: what was made, where it is, and what was proven; once as news and once for a build that changed nothing. */
export async function builtReport(
  spec: Spec,
  { files, proven }: Exported,
  cwd: string,
): Promise<{ readonly fresh: string; readonly unchanged: string }> {
  const place = (path: string): string => {
    const near = relative(cwd, path);
    return near.startsWith("..") ? path : near;
  };
  const rows: [string, string][] = [];
  const row = (label: string, role: string, note = ""): void => {
    const path = files[role];
    if (path) rows.push([label, `${place(path)}${note}`]);
  };
  const image = files.img ? await stat(files.img) : undefined;
  row("image", "img", image ? `  (${formatSize(image.size)}, ${formatSize(image.blocks * 512)} on disk)` : "");
  row("for TFTP", "tftp.tar");
  row("for NFS", "nfsroot.tar");
  row("server", "SERVER.txt", "  (what to do there)");
  row("compressed", "img.zst");
  row("compressed", "img.xz");
  row("bmap", "img.bmap");
  row("manifest", "manifest.json");
  row("sbom", "cdx.json");
  row("proof", "proof.json", files["proof.json"] ? `  (${await proofNote(files["proof.json"])})` : "");
  row("unproven", "UNPROVEN", files.UNPROVEN ? `  (${(await readFile(files.UNPROVEN, "utf8")).trim()})` : "");
  const width = Math.max(...rows.map(([label]) => label.length));
  const body = rows.map(([label, text]) => `  ${label.padEnd(width)}  ${text}\n`).join("");
  const what = `${spec.name} for ${spec.board.title}`;
  return {
    fresh: `\n${what}${proven ? ", proven to boot" : ""}\n${body}`,
    unchanged: `${what}: nothing changed since it was built\n${body}`,
  };
}

/** "proven, login after 41 s, 7 checks" */
async function proofNote(path: string): Promise<string> {
  const proof = JSON.parse(await readFile(path, "utf8")) as Proof;
  const login = proof.stages.findLast(({ stage }) => stage !== "checks");
  const reached = login ? `, ${login.stage} after ${Math.round(login.seconds)} s` : "";
  const passed = proof.checks.filter(({ verdict }) => verdict === "passed").length;
  return `${proof.verdict}${reached}${passed > 0 ? `, ${passed} checks passed` : ""}`;
}
