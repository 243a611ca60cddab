import { statSync } from "node:fs";
import { join } from "node:path";
import { nodeFiles } from "../../src/cli/node-files.js";
import { loadWorld } from "../../src/wizard/load-world.js";
import type { World } from "../../src/wizard/world.js";
import { HOME } from "./boardsmith.js";

/** A public key that is one. */
export const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKHEMZ1J0VFkQzBXq3qvSYTvPmHcMTWZ7xMGlUz0YMdq ada@desk";

/** The shipped boards and recipes, and ada's machine. */
export async function wizardWorld(cwd = HOME): Promise<World> {
  const homes = { cwd, home: HOME };
  return loadWorld(nodeFiles(), homes, {
    host: {
      user: "ada",
      timezone: "Europe/Berlin",
      locale: "de_DE.UTF-8",
      keys: [{ file: "id_ed25519.pub", line: KEY }],
    },
    stat: (path) => {
      const found = statSync(path, { throwIfNoEntry: false });
      return found && (found.isDirectory() ? "tree" : "file");
    },
  });
}

/** A shipped file that passes for a vendor's kernel. */
export const VENDOR_KERNEL = join(HOME, "package.json");
