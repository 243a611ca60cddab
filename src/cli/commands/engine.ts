import * as tools from "../../steps/tools.js";
import type { CommandBody } from "../command.js";
import { loadMirrors } from "../mirrors.js";
import { obtainEngine } from "../offer-engine.js";

/** `boardsmith engine`: which engine is used and which tool images it has. */
export const run: CommandBody = async (cli, _args, flags) => {
  const engine = await obtainEngine(cli, { yes: flags.yes === true, mirrors: await loadMirrors(cli, flags) });
  const lines = [engine.name, "tool images:"];
  for (const tool of Object.values(tools)) {
    const there = await engine.hasTool(tool);
    const versions = there ? await engine.toolVersions?.(tool) : undefined;
    const state = versions ? `made, ${Object.keys(versions).length} packages` : there ? "made" : "made on first use";
    lines.push(`  ${tool.name.padEnd(8)}${state}`);
  }
  cli.stdout.write(`${lines.join("\n")}\n`);
  await engine.close();
  return 0;
};
