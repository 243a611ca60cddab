import { createReadStream } from "node:fs";
import { link, mkdir, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { manifest } from "../report/manifest.js";
import { provenance } from "../report/provenance.js";
import { sbom } from "../report/sbom/sbom.js";
import type { Result } from "../store/store.js";
import { sha256 } from "../util/canonical.js";
import { buildFacts, type FinishedBuild } from "./finished-build.js";

/** What an export brought out: absolute paths by role (`img`, `img.bmap`, `manifest.json` …), and whether the image is proven. */
export interface Exported {
  readonly files: { readonly [role: string]: string };
  readonly proven: boolean;
}

const UNPROVEN = "UNPROVEN";

/**
 * Puts what a plan gives into the output folder, each file by rename: images as hard links to the store's
 * read-only objects, so that nothing is written twice. An image without a proof that passed gets a file
 * NAME.UNPROVEN beside it which says why. Files of an earlier build that this one does not give are removed.
 */
export async function exportBuild(
  outDir: string,
  build: FinishedBuild,
  results: ReadonlyMap<string, Result>,
  unproven: string | undefined,
): Promise<Exported> {
  const { plan, spec, store } = build;
  await mkdir(outDir, { recursive: true });
  const files: Record<string, string> = {};
  const sums: string[] = [];
  const role = (file: string) => file.slice(spec.name.length + 1);
  for (const { step, output, as } of plan.exports) {
    const object = results.get(step)?.outputs[output];
    if (!object) continue;
    const target = join(outDir, as);
    await bring(store.path(object), target);
    files[role(as)] = target;
    if (object.kind === "file") sums.push(`${object.digest}  ${as}\n`);
  }
  const put = async (as: string, content: string): Promise<void> => {
    const target = join(outDir, as);
    await writeFile(`${target}.draft`, content);
    await rename(`${target}.draft`, target);
    files[role(as)] = target;
  };
  const facts = await buildFacts(build, results);
  const { proof, imageSha256 } = facts;
  if (imageSha256 !== undefined && files.img) sums.push(`${imageSha256}  ${spec.name}.img\n`);
  for (const [name, content] of [
    ["manifest.json", manifest(facts)],
    ["cdx.json", sbom(facts)],
    ["provenance.json", provenance(facts)],
  ] as const) {
    await put(`${spec.name}.${name}`, content);
    sums.push(`${sha256(content)}  ${spec.name}.${name}\n`);
  }
  await put(`${spec.name}.sha256`, sums.sort().join(""));
  const proven = proof !== undefined && (JSON.parse(proof) as { verdict?: string }).verdict === "proven";
  if (!proven) await put(`${spec.name}.${UNPROVEN}`, `${unproven ?? whyNot(proof)}\n`);
  const current = new Set(Object.values(files));
  for (const name of await readdir(outDir)) {
    const path = join(outDir, name);
    if (name.startsWith(`${spec.name}.`) && !current.has(path)) await rm(path, { force: true });
  }
  return { files, proven };
}

function whyNot(proof: string | undefined): string {
  if (proof === undefined) return "The image was not booted.";
  const { verdict, summary } = JSON.parse(proof) as { verdict?: string; summary?: string };
  return `The proof's verdict is "${verdict}"${summary ? `: ${summary}` : ""}.`;
}

/** Links a file to its new name; where that cannot be, copies it without its holes. */
async function bring(source: string, target: string): Promise<void> {
  const draft = `${target}.draft`;
  await rm(draft, { force: true });
  try {
    await link(source, draft);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EXDEV" && code !== "EPERM" && code !== "EMLINK" && code !== "ENOTSUP") throw error;
    await copySparse(source, draft);
  }
  await rename(draft, target);
}

async function copySparse(source: string, target: string): Promise<void> {
  const file = await open(target, "w", 0o444);
  try {
    let at = 0;
    await pipeline(createReadStream(source, { highWaterMark: 1 << 20 }), async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        if (chunk.some((byte) => byte !== 0)) await file.write(chunk, 0, chunk.length, at);
        at += chunk.length;
      }
    });
    await file.truncate(at);
  } finally {
    await file.close();
  }
}
