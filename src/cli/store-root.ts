import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Cli } from "./command.js";

/** The folder of objects, results and what is remembered: from flags, environment and the XDG rules, in this order. */
export function storeRootOf(cli: Pick<Cli, "cwd" | "env">, flags: { readonly [name: string]: unknown }): string {
  const named = (flags.store as string | undefined) ?? cli.env.BOARDSMITH_STORE;
  if (named) return resolve(cli.cwd, named);
  return join(cli.env.XDG_CACHE_HOME ?? join(cli.env.HOME ?? homedir(), ".cache"), "boardsmith");
}
