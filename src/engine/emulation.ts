import { access } from "node:fs/promises";
import { join } from "node:path";
import type { ToolImage } from "../plan/step.js";
import { ensureBinfmt, thisHost } from "./binfmt.js";
import type { Engine } from "./engine.js";

/**
 * Sees to it that containers run `arch`'s programs; where the host has no emulator of its own, the tool image's is
 * registered. `folder` is for the moment of handing it over: the kernel keeps the file open from then on.
 */
export async function prepareEmulation(
  arch: string,
  by: {
    readonly engine: Engine;
    readonly tool: ToolImage;
    readonly folder: string;
    readonly say: (line: string) => void;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const fetch = async (name: string): Promise<string | undefined> => {
    const file = `${name}-static`;
    await by.engine.run({
      name: "emulator",
      tool: by.tool,
      argv: ["sh", "-c", `cp -L "$(command -v ${file} || command -v ${name})" /out/${file}`],
      env: {},
      mounts: [{ source: by.folder, target: "/out", readOnly: false }],
      network: "none",
      caps: [],
      onLine: by.say,
      signal: by.signal,
    });
    const path = join(by.folder, file);
    return access(path).then(
      () => path,
      () => undefined,
    );
  };
  await ensureBinfmt(arch, by.say, { ...thisHost(), fetch });
}
