import { Refused, refuse } from "../diagnostic/failure.js";
import type { NamedDrive } from "../flash/drives/find-drive.js";
import type { Cli } from "./command.js";

/**
 * Has whoever is at the terminal type the name of each drive that will be erased, after its model, size and partitions. In a
 * script, --yes does, if every drive is named so that it cannot mean another one tomorrow.
 */
export async function confirmDrives(cli: Cli, drives: readonly NamedDrive[], yes: boolean): Promise<void> {
  if (yes) {
    const moving = drives.filter(({ stable }) => !stable);
    if (moving.length === 0) return;
    throw new Refused(
      moving.map(({ word, place }) => ({
        severity: "error",
        code: "unstable-name",
        message: `${word} may be another drive after the next boot, and --yes asks nobody`,
        help: `name it by its id or serial number: ls -l /dev/disk/by-id | grep ${place.name}`,
      })),
    );
  }
  if (!cli.stdin.isTTY || !cli.stderr.isTTY) {
    throw refuse(
      "nobody-to-ask",
      "there is no terminal on which somebody could confirm that the drive may be erased",
      "in a script: name the drive by /dev/disk/by-id/… or its serial number, and add --yes",
    );
  }
  const { default: inquirer } = await import("inquirer");
  const prompt = inquirer.createPromptModule({ input: cli.stdin, output: cli.stderr as NodeJS.WriteStream });
  for (const { place, about } of drives) {
    cli.stderr.write(`${place.path}: ${about}\n`);
    const { name } = await prompt([
      { type: "input", name: "name", message: `Everything on it is lost. Type ${place.name} to go on:` },
    ]);
    if (String(name).trim() !== place.name)
      throw refuse("not-confirmed", `${place.name} was not confirmed; nothing was written`);
  }
}
