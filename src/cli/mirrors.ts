import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { Refused } from "../diagnostic/failure.js";
import { checkMirror, type Mirror, parseMirror } from "../util/mirror.js";
import type { Cli } from "./command.js";

/**
 * The mirror map: `--mirror FROM=TO`, the environment's BOARDSMITH_MIRRORS (FROM=TO, white space between),
 * `boardsmith.config.yaml` in the working folder, and the user's `boardsmith/config.yaml`. Where two have the same FROM,
 * the one named first here holds. Throws Refused with every mistake.
 */
export async function loadMirrors(
  cli: Pick<Cli, "cwd" | "env">,
  flags: { readonly [name: string]: unknown },
): Promise<readonly Mirror[]> {
  const diagnostics: Diagnostic[] = [];
  const words = (texts: readonly string[], source: string) =>
    texts.flatMap((text) => {
      const mirror = parseMirror(text);
      if (!("wrong" in mirror)) return [mirror];
      const message = `${source} ${text}: ${mirror.wrong}`;
      diagnostics.push({
        severity: "error",
        code: "bad-mirror",
        message,
        help: "write FROM=TO, for example https://old.example/=https://new.example/",
      });
      return [];
    });
  const found = [
    ...words((flags.mirror as readonly string[] | undefined) ?? [], "--mirror"),
    ...words((cli.env.BOARDSMITH_MIRRORS ?? "").split(/\s+/).filter(Boolean), "BOARDSMITH_MIRRORS:"),
    ...(await fromFile(join(cli.cwd, "boardsmith.config.yaml"), diagnostics)),
    ...(await fromFile(
      join(cli.env.XDG_CONFIG_HOME ?? join(cli.env.HOME ?? homedir(), ".config"), "boardsmith", "config.yaml"),
      diagnostics,
    )),
  ];
  if (diagnostics.length > 0) throw new Refused(diagnostics);
  return found.filter(({ from }, i) => found.findIndex((other) => other.from === from) === i);
}

async function fromFile(path: string, diagnostics: Diagnostic[]): Promise<readonly Mirror[]> {
  if (!existsSync(path)) return [];
  // Most runs have no such file and need not load a YAML reader for it.
  const [{ parseYaml }, { validate }, { entriesAt }, { z }] = await Promise.all([
    import("../diagnostic/yaml.js"),
    import("../diagnostic/validate.js"),
    import("../diagnostic/placed.js"),
    import("zod"),
  ]);
  const { root, diagnostics: slips } = parseYaml(path, readFileSync(path, "utf8"));
  diagnostics.push(...slips.filter(({ code }) => code !== "empty-file"));
  if (root === undefined || slips.length > 0) return [];
  const schema = z.strictObject({ mirrors: z.record(z.string(), z.string()).optional() });
  const checked = validate(schema, root);
  diagnostics.push(...checked.diagnostics);
  if (checked.value === undefined) return [];
  return entriesAt(root, "mirrors").flatMap(({ name, key, value }) => {
    const mirror = checkMirror(name, value.kind === "scalar" ? String(value.value) : "");
    if (!("wrong" in mirror)) return [mirror];
    diagnostics.push({
      severity: "error",
      code: "bad-mirror",
      message: `mirror of "${name}": ${mirror.wrong}`,
      at: value.at ?? key,
    });
    return [];
  });
}
