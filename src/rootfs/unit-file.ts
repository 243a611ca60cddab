/** The [Install] section of a systemd unit; see systemd.unit(5). */
export interface Install {
  readonly wantedBy: readonly string[];
  readonly requiredBy: readonly string[];
  readonly upheldBy: readonly string[];
  readonly alias: readonly string[];
  readonly also: readonly string[];
  readonly defaultInstance?: string;
}

/** A unit's values by section and key, in order, whole lines. */
export type UnitSettings = (section: string, key: string) => readonly string[];

/** Reads a unit's text. Keys may come more than once and add up; an empty value starts over; `\` goes on in the next line. */
export function unitSettings(text: string): UnitSettings {
  const values = new Map<string, string[]>();
  let section = "";
  for (const line of joined(text)) {
    const header = /^\[(.+)\]$/.exec(line);
    if (header) section = header[1] ?? "";
    const pair = /^([A-Za-z]+)\s*=\s*(.*)$/.exec(line);
    if (!pair) continue;
    const key = `${section}.${pair[1]}`;
    const value = pair[2] ?? "";
    values.set(key, value === "" ? [] : [...(values.get(key) ?? []), value]);
  }
  return (section, key) => values.get(`${section}.${key}`) ?? [];
}

/** Reads [Install] from a unit's text. */
export function parseInstall(text: string): Install {
  const settings = unitSettings(text);
  const list = (key: string): readonly string[] => settings("Install", key).flatMap((value) => value.split(/\s+/));
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
