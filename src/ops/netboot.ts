import { writeFile } from "node:fs/promises";
import type { NetbootArgs } from "../steps/netboot.js";
import type { Op } from "./op.js";

/** Writes the texts for the server's side; they follow from the recipe alone. */
export const netboot: Op = async (run) => {
  const { texts } = run.args as unknown as NetbootArgs;
  for (const [name, text] of Object.entries(texts)) await writeFile(run.out(name), text);
};
