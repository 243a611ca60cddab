import { refuse } from "../diagnostic/failure.js";
import type { Cli } from "./command.js";

/** Asks twice for something that is not shown while it is typed. `instead`: what a script has to say. Throws Refused. */
export async function askSecret(cli: Cli, what: string, instead: string): Promise<string> {
  if (!cli.stdin.isTTY || !cli.stderr.isTTY) {
    throw refuse(
      "nobody-to-ask",
      `there is no terminal on which somebody could type: ${what}`,
      `in a script: ${instead}`,
    );
  }
  const { default: inquirer } = await import("inquirer");
  const prompt = inquirer.createPromptModule({ input: cli.stdin, output: cli.stderr as NodeJS.WriteStream });
  const { first, again } = await prompt([
    { type: "password", name: "first", message: `${what}:` },
    { type: "password", name: "again", message: "The same again:" },
  ]);
  if (first !== again) throw refuse("not-the-same", "the two differ; nothing was written");
  if (String(first) === "") throw refuse("bad-passphrase", "an empty one will not do");
  return String(first);
}
