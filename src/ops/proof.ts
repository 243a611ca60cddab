import { writeFile } from "node:fs/promises";
import { StepFailed } from "../diagnostic/failure.js";
import { bootImage } from "../emulate/boot-image.js";
import { junitXml } from "../emulate/junit.js";
import type { Proof } from "../emulate/proof.js";
import { proofJson } from "../emulate/proof-json.js";
import type { Served } from "../emulate/served.js";
import { NFS_PROGRAMS, nfsProgram, type ProofArgs } from "../steps/proof.js";
import type { Op, OpRun } from "./op.js";
import { input } from "./stop-at.js";

/** How many of the console's last lines a failed proof shows. */
const LAST_LINES = 20;

/**
 * Boots the image in the board's emulator and records what happened. A failing proof throws StepFailed;
 * its record and serial log are kept all the same.
 */
export const proof: Op = async (run) => {
  const tool = run.tools[0];
  const image = run.inputs.image;
  if (!image) throw new Error("the proof needs an image");
  const booted = await bootImage({
    args: run.args as unknown as ProofArgs,
    image,
    ...(run.inputs.layout === undefined ? {} : { layout: run.inputs.layout }),
    ...(run.inputs.release === undefined ? {} : { release: run.inputs.release }),
    ...served(run),
    tool: tool ?? NO_TOOL,
    folder: run.scratch,
    engine: () => run.engine(),
    runScript: async (mounts, env) => {
      if (tool) await run.container("proof", { tool, mounts, env });
    },
    say: (line) => run.log(line),
    onLine: ({ seconds, text }) => run.log(`${seconds.toFixed(1).padStart(6)} | ${text}`),
    signal: run.signal,
  });
  const files = {
    proof: proofJson(booted.proof),
    junit: junitXml(booted.proof, booted.serial),
    serial: booted.serial,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(run.out(name), text);
  run.log(booted.proof.summary);
  if (booted.proof.verdict === "failed") throw await failed(run, booted.proof, booted.serial, files);
};

/** What the emulator's servers give, where the board boots over the network. */
function served(run: OpRun): { readonly served?: Served } {
  if (run.inputs["nfsroot"] === undefined) return {};
  const programs = Object.fromEntries(NFS_PROGRAMS.map((name) => [name, input(run, nfsProgram(name))]));
  return { served: { tftp: input(run, "tftp"), root: input(run, "nfsroot"), programs } };
}

/** Never asked for: a board without an emulator starts no container. */
const NO_TOOL = { name: "none", base: { distro: "debian", suite: "" }, packages: [] } as const;

async function failed(
  run: OpRun,
  record: Proof,
  serial: string,
  files: { readonly proof: string; readonly junit: string; readonly serial: string },
): Promise<StepFailed> {
  const kept: string[] = [];
  if (run.keep) {
    for (const [name, text] of [
      ["proof.json", files.proof],
      ["proof.junit.xml", files.junit],
      ["serial.log", files.serial],
    ] as const) {
      const path = run.keep(name);
      await writeFile(path, text);
      kept.push(path);
    }
  }
  const { failure } = record;
  const line = failure?.line === undefined ? [] : [`the console said: ${failure.line}`];
  const message = [
    record.summary,
    ...line,
    ...(failure ? [failure.remedy] : []),
    ...(kept.length > 0 ? [`kept: ${kept.join(", ")}`] : []),
  ].join("\n");
  const bad = record.checks.filter((check) => check.verdict === "failed");
  const lastLines =
    bad.length > 0
      ? bad.flatMap((check) => [`$ ${check.command}`, ...(check.output ?? "").split("\n")]).slice(-LAST_LINES)
      : serial.trimEnd().split("\n").slice(-LAST_LINES);
  return new StepFailed(run.stepId, message, { lastLines });
}
