import { chmodSync, linkSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import type { Cli } from "../../../src/cli/command.js";
import { run } from "../../../src/cli/commands/boot.js";
import { HOME } from "../../rig/boardsmith.js";
import { tempFolder } from "../../rig/temp-folder.js";

/** `boardsmith boot card.img --board cubieboard …` without a terminal. */
async function boot(cwd: string, flags: object): Promise<number> {
  const signal = new AbortController().signal;
  const cli = { cwd, home: HOME, env: {}, stdin: {}, stdout: new PassThrough(), signal } as unknown as Cli;
  return await run(cli, ["card.img"], { board: "cubieboard", ...flags });
}

test("a board writes to an image only where somebody sees it, and never to the store's own", async () => {
  const cwd = await tempFolder();
  const image = join(cwd, "card.img");
  writeFileSync(image, "");
  writeFileSync(join(cwd, "card.layout.json"), "{}");
  await expect(boot(cwd, { write: true })).rejects.toThrow(
    "--write is for --interactive: a proof must not change what it proves",
  );
  const refused = `${image} is read-only or the store's own, and a board is to write to it`;
  linkSync(image, join(cwd, "object"));
  await expect(boot(cwd, { write: true, interactive: true })).rejects.toThrow(refused);
  writeFileSync(join(cwd, "other"), "");
  renameSync(join(cwd, "other"), image);
  chmodSync(image, 0o444);
  await expect(boot(cwd, { write: true, interactive: true })).rejects.toThrow(refused);
  chmodSync(image, 0o644);
  await expect(boot(cwd, { write: true, interactive: true })).rejects.toThrow("--interactive needs a terminal");
});
