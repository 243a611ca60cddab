import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadModel } from "../../src/board/load-model.js";
import { nodeFiles } from "../../src/cli/node-files.js";
import type { ToolImage } from "../../src/plan/step.js";
import { scriptJob } from "../../src/run/container-job.js";
import { BUILD, QEMU } from "../../src/steps/tools.js";
import { twinArgv } from "../../src/xen/fast-model/run-lines.js";
import { HOME } from "./boardsmith.js";
import { engineWith } from "./op-run.js";

export interface FastModelImages extends AsyncDisposable {
  /** What readelf says of an image. */
  readelf(image: string): Promise<readonly string[]>;
  /** The semihosting image on the twin with the model's command line, until the shim or dom0's kernel has had its say. */
  start(commandLine: string, seconds: number): Promise<readonly string[]>;
}

/** The fast-model images of recipe dom0 in its output folder, under the eyes of others' tools. */
export async function fastModelImages(folder: string): Promise<FastModelImages> {
  const { model } = await loadModel("vexpress-a15", nodeFiles(), { cwd: HOME, home: HOME });
  if (!model) throw new Error("no model");
  const engine = await engineWith(BUILD, QEMU);
  const texts = await mkdtemp(join(tmpdir(), "boardsmith-fast-model-"));
  const run = async (tool: ToolImage, script: string) => {
    const lines: string[] = [];
    const mounts = [{ source: folder, target: "/t", readOnly: true }];
    const job = await scriptJob(texts, script, { name: "twin", tool, env: {}, mounts, network: "none", caps: [] });
    await engine.run({ ...job, signal: AbortSignal.timeout(300_000), onLine: (line) => lines.push(line) });
    return lines;
  };
  return {
    readelf: (image) => run(BUILD, `arm-linux-gnueabihf-readelf -hlW /t/${image}`),
    start: (commandLine, seconds) => {
      const words = ["dom0.semihosting.axf", ...commandLine.split(" ")].map((word) => `arg=${word}`).join(",");
      const command = twinArgv(model, "dom0.semihosting.axf").join(" ");
      return run(
        QEMU,
        `mkfifo /work/console
cd /t
timeout ${seconds} ${command} -semihosting-config enable=on,target=native,${words} </dev/null >/work/console 2>&1 &
sed '/Kernel command line: \\|^boardsmith shim: [^s]/q' /work/console
kill $! 2>/dev/null || true`,
      );
    },
    [Symbol.asyncDispose]: async () => {
      await engine.close();
      await rm(texts, { recursive: true, force: true });
    },
  };
}
