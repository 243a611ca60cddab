import { lineAsker } from "../wizard/ask/lines.js";
import type { Asker } from "../wizard/asker.js";
import type { Cli } from "./command.js";

/** Prompts with arrows and colours; numbered lines where the terminal moves no cursor, or `--plain` asks for them. */
export async function askerFor(cli: Cli, flags: { readonly [name: string]: unknown }): Promise<Asker> {
  if (flags.plain === true || cli.env.TERM === "dumb") return lineAsker(cli.stdin, cli.stderr);
  const { promptAsker } = await import("../wizard/ask/prompts.js");
  return promptAsker(cli.stdin, cli.stderr, !cli.env.NO_COLOR);
}
