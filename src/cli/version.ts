import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The version in package.json. */
export function version(home: string): string {
  return (JSON.parse(readFileSync(join(home, "package.json"), "utf8")) as { version: string }).version;
}
