import type { Diagnostic, Location } from "../../diagnostic/diagnostic.js";
import type { Placed, PlacedMap } from "../../diagnostic/placed.js";
import { didYouMean } from "../../diagnostic/suggest.js";
import { wrong } from "../../recipe/checks/check.js";
import { CLEAR_KEYS } from "../../recipe/secrets.js";
import { type Cell, parseCsv } from "./csv.js";
import { SEEDS } from "./settings.js";

/** Where a column's cells go in a card as YAML has it. Lists are of what stands between white space, keys of whole lines. */
const COLUMNS: { readonly [column: string]: readonly (string | 0)[] } = {
  hostname: ["hostname"],
  interface: ["network", 0, "interface"],
  address: ["network", 0, "address"],
  gateway: ["network", 0, "gateway"],
  dns: ["network", 0, "dns"],
  mac: ["network", 0, "mac"],
  user: ["users", 0, "name"],
  "password-hash": ["users", 0, "password-hash"],
  "ssh-key": ["users", 0, "ssh-keys"],
  groups: ["users", 0, "groups"],
  "wifi-ssid": ["wifi", "ssid"],
  "wifi-psk": ["wifi", "psk"],
  "wifi-country": ["wifi", "country"],
  ...Object.fromEntries(SEEDS.map((name) => [name, [name]])),
};
const LISTS: { readonly [column: string]: RegExp } = { dns: /\s+/, groups: /\s+/, "ssh-key": /\n+/ };
/** `file:/etc/motd`: the cells are names of files on this machine. */
const FILE = /^file:(\/.+)$/;
const CLEAR = new Set<string>([...CLEAR_KEYS, "wifi-password", "wifi-passphrase", "passphrase", "wifi-key"]);
const OF_WIFI = /^(wifi|passphrase)/;
/** Columns that say nothing without another. */
const NEEDS: { readonly [column: string]: string } = {
  gateway: "address",
  "wifi-psk": "wifi-ssid",
  "wifi-country": "wifi-ssid",
};

/** The cards of a CSV file, as maps like those of a YAML file, so that both are checked alike. */
export function csvCards(
  file: string,
  text: string,
): { readonly cards: readonly Placed[]; readonly diagnostics: readonly Diagnostic[] } {
  const { rows, diagnostics: torn } = parseCsv(file, text);
  const [header, ...body] = rows;
  if (!header || torn.length > 0) {
    const nothing = { severity: "error" as const, code: "empty-file", message: `${file} says nothing` };
    return { cards: [], diagnostics: torn.length > 0 ? torn : [nothing] };
  }
  const diagnostics = [...checkHeader(header)];
  const cards = body.flatMap((row) => {
    const extra = row[header.length];
    if (row.length === header.length) return [cardOf(header, row)];
    const at = (extra ?? row.at(-1) ?? header[0])?.at;
    const message = `this row has ${row.length} cells, and the first line names ${header.length} columns`;
    if (at) diagnostics.push(wrong("csv-row", message, at, "a cell with a comma in it stands in quotes"));
    return [];
  });
  if (body.length === 0 && header[0])
    diagnostics.push(wrong("no-rows", "there is no row below the names of the columns", header[0].at));
  return { cards, diagnostics };
}

/** The card that words such as `hostname=kiosk` stand for; the place of each is its number. */
export function setCard(words: readonly string[]): {
  readonly cards: readonly Placed[];
  readonly diagnostics: readonly Diagnostic[];
} {
  const pairs = words.map((word, index) => {
    const equals = word.indexOf("=");
    const place = (from: number, length: number): Location => {
      return { file: "--set", line: index + 1, column: from + 1, length: Math.max(1, length), text: word };
    };
    const name = equals < 0 ? word : word.slice(0, equals);
    const key: Cell = { text: name, at: place(0, name.length) };
    const value: Cell = { text: word.slice(equals + 1), at: place(equals + 1, word.length - equals - 1) };
    return { key, value, equals };
  });
  const bare = pairs.find(({ equals }) => equals < 1);
  if (bare) {
    const help = "say --set hostname=kiosk-01";
    return { cards: [], diagnostics: [wrong("bad-set", "--set wants NAME=VALUE", bare.key.at, help)] };
  }
  const header = pairs.map(({ key }) => key);
  return {
    cards: [
      cardOf(
        header,
        pairs.map(({ value }) => value),
      ),
    ],
    diagnostics: checkHeader(header),
  };
}

function checkHeader(header: readonly Cell[]): readonly Diagnostic[] {
  const known = Object.keys(COLUMNS);
  const names = header.map(({ text }) => text);
  const found = header.flatMap(({ text, at }, index): readonly Diagnostic[] => {
    if (CLEAR.has(text)) return [clearPassword(text, at)];
    const first = names.indexOf(text);
    if (first < index) {
      const related = header[first] ? [{ message: "the first one", at: header[first].at }] : [];
      return [wrong("twice", `the column "${text}" is here twice`, at, undefined, related)];
    }
    const needed = NEEDS[text];
    if (needed !== undefined && !names.includes(needed)) {
      return [wrong("missing-column", `"${text}" says nothing without a column "${needed}"`, at)];
    }
    if (known.includes(text) || FILE.test(text)) return [];
    const free = known.filter((name) => !names.includes(name));
    const help = didYouMean(text, free) ?? `known are ${known.join(", ")} and file:/PATH`;
    return [
      wrong("unknown-column", text === "" ? "a column without a name" : `no column is called "${text}"`, at, help),
    ];
  });
  const [first] = header;
  // A misspelt one is told already.
  const unclear = found.some(({ code, help }) => code === "unknown-column" && help?.includes('"hostname"'));
  if (first && !names.includes("hostname") && !unclear) {
    const message = 'there is no column "hostname", and no two cards may have the same name';
    return [...found, wrong("missing-column", message, first.at)];
  }
  return found;
}

/** Told of a password's name, whatever stands under it. */
export function clearPassword(name: string, at: Location): Diagnostic {
  if (OF_WIFI.test(name)) {
    const help = "give `wifi-psk`, as `wpa_passphrase SSID` prints it behind psk=; --wifi SSID asks and derives it";
    return wrong("clear-password", "a Wi-Fi passphrase in clear text has no place in a list of cards", at, help);
  }
  const help =
    "make a hash with `openssl passwd -6` or `mkpasswd`, and give it as `password-hash`; --password asks and hashes";
  return wrong("clear-password", "a password in clear text has no place in a list of cards", at, help);
}

function cardOf(header: readonly Cell[], row: readonly Cell[]): PlacedMap {
  const at = row[0]?.at ?? (header[0] as Cell).at;
  const card: Draft = { at, entries: new Map() };
  for (const [index, { text: column, at: key }] of header.entries()) {
    const cell = row[index];
    if (!cell || cell.text === "") continue;
    const to = FILE.exec(column)?.[1];
    // What is secret is kept, so that it can be blotted out of the lines that are shown.
    const path = CLEAR.has(column) ? clearPath(column) : COLUMNS[column];
    if (to !== undefined) addFile(card, key, { text: to, at: key }, cell);
    else if (path) put(card, path, key, cellValue(column, cell));
  }
  // An interface of which nothing is said stays as the image has it.
  const [network] = (card.entries.get("network")?.value ?? []) as Draft[];
  if (network && [...network.entries.keys()].every((name) => name === "interface")) card.entries.delete("network");
  return finished(card);
}

/** A map that is still being filled. */
interface Draft {
  readonly at: Location;
  readonly entries: Map<string, { readonly key: Location; value: Placed | Draft | Draft[] }>;
}

function put(card: Draft, path: readonly (string | 0)[], key: Location, value: Placed): void {
  const [name, ...rest] = path as [string, ...(string | 0)[]];
  if (rest.length === 0) {
    card.entries.set(name, { key, value });
    return;
  }
  const old = card.entries.get(name)?.value;
  const listed = rest[0] === 0;
  const below = (Array.isArray(old) ? old[0] : old) as Draft | undefined;
  const draft = below ?? { at: value.at, entries: new Map() };
  if (!below) card.entries.set(name, { key, value: listed ? [draft] : draft });
  // Whose key or hash it is, where nobody says: root's.
  if (name === "users" && !below)
    draft.entries.set("name", { key, value: { kind: "scalar", at: value.at, value: "root", source: "root" } });
  put(draft, listed ? rest.slice(1) : rest, key, value);
}

function addFile(card: Draft, key: Location, to: Cell, from: Cell): void {
  const files = (card.entries.get("files")?.value ?? []) as Draft[];
  const entries: Draft["entries"] = new Map([
    ["from", { key, value: scalar(from) }],
    ["to", { key, value: scalar(to) }],
  ]);
  card.entries.set("files", { key, value: [...files, { at: from.at, entries }] });
}

const clearPath = (column: string): readonly (string | 0)[] =>
  OF_WIFI.test(column) ? ["wifi", "passphrase"] : ["users", 0, "password"];

const scalar = ({ text, at }: Cell): Placed => ({ kind: "scalar", at, value: text, source: text });

function cellValue(column: string, cell: Cell): Placed {
  const between = LISTS[column];
  if (!between) return scalar(cell);
  const values = cell.text
    .split(between)
    .filter(Boolean)
    .map((text) => scalar({ text, at: cell.at }));
  return { kind: "list", at: cell.at, values };
}

function finished(draft: Draft): PlacedMap {
  const entries = [...draft.entries].map(([name, { key, value }]) => {
    const placed: Placed = Array.isArray(value)
      ? { kind: "list", at: key, values: value.map(finished) }
      : "kind" in value
        ? value
        : finished(value);
    return [name, { key, value: placed }] as const;
  });
  return { kind: "map", at: draft.at, entries: new Map(entries) };
}
