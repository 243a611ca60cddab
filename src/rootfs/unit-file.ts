/** The [Install] section of a systemd unit; see systemd.unit(5). */
export interface Install {
  readonly wantedBy: readonly string[];
  readonly requiredBy: readonly string[];
  readonly upheldBy: readonly string[];
  readonly alias: readonly string[];
  readonly also: readonly string[];
  readonly defaultInstance?: string;
}

/** Reads [Install] from a unit's text. Keys may come more than once and add up; an empty value starts over; `\` goes on in the next line. */
export function parseInstall(text: string): Install {
  const values = new Map<string, string[]>();
  let section = "";
  for (const line of joined(text)) {
    const header = /^\[(.+)\]$/.exec(line);
    if (header) section = header[1] ?? "";
    const pair = /^([A-Za-z]+)\s*=\s*(.*)$/.exec(line);
    if (!pair || section !== "Install") continue;
    const [, key = "", value = ""] = pair;
    values.set(key, value === "" ? [] : [...(values.get(key) ?? []), ...value.split(/\s+/)]);
  }
  const list = (key: string): readonly string[] => values.get(key) ?? [];
  const instance = list("DefaultInstance").at(-1);
  return {
    wantedBy: list("WantedBy"),
    requiredBy: list("RequiredBy"),
    upheldBy: list("UpheldBy"),
    alias: list("Alias"),
    also: list("Also"),
    ...(instance === undefined ? {} : { defaultInstance: instance }),
  };
}

/** Lines without comments, with continued ones as one; a comment inside a continued line is skipped. */
function* joined(text: string): Generator<string> {
  let open = "";
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    if (/^[#;]/.test(line)) continue;
    if (line.endsWith("\\")) {
      open += `${line.slice(0, -1)} `;
      continue;
    }
    yield (open + line).trim();
    open = "";
  }
  if (open) yield open.trim();
}
