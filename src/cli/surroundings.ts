import { readdirSync, readFileSync, statSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import type { Surroundings } from "../wizard/load-world.js";
import type { Cli } from "./command.js";

/** What the machine and the account say that a board may want as well: name, time zone, language, public keys. */
export function surroundings(cli: Cli): Surroundings {
  const user = userName();
  const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const locale = cli.env.LC_ALL || cli.env.LC_MESSAGES || cli.env.LANG;
  return {
    host: {
      ...(user === undefined ? {} : { user }),
      ...(timezone ? { timezone } : {}),
      ...(locale && /^[a-z]{2,3}_[A-Z]{2}\.UTF-8$/i.test(locale) ? { locale } : {}),
      keys: publicKeys(join(cli.env.HOME ?? homedir(), ".ssh")),
    },
    stat: (path) => {
      const found = statSync(path, { throwIfNoEntry: false });
      return found && (found.isDirectory() ? "tree" : "file");
    },
  };
}

/** Root and names that a board would not take are nobody's. */
function userName(): string | undefined {
  const { username } = userInfo();
  return username !== "root" && /^[a-z_][a-z0-9_-]{0,31}$/.test(username) ? username : undefined;
}

/** Lines of .pub files that look like keys; whether they are ones is said by the recipe's own check. */
function publicKeys(folder: string): readonly { readonly file: string; readonly line: string }[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith(".pub"))
      .sort()
      .flatMap((file) => {
        const line = readFileSync(join(folder, file), "utf8").trim();
        return /^(sk-)?(ssh|ecdsa)-\S+ \S+/.test(line) && !line.includes("\n") ? [{ file, line }] : [];
      });
  } catch {
    // Whoever has no keys, or none that can be read, is offered none.
    return [];
  }
}
