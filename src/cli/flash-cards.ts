import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";
import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { Refused, refuse } from "../diagnostic/failure.js";
import { didYouMean } from "../diagnostic/suggest.js";
import { type OwnCard, ownOf } from "../flash/cards/own-of.js";
import { cardOfWords, readCards } from "../flash/cards/read-cards.js";
import type { CardRow } from "../flash/cards/settings.js";
import { wpaPsk } from "../flash/cards/wpa-psk.js";
import { cutMap } from "../flash/cut-map.js";
import type { NamedDrive } from "../flash/drives/find-drive.js";
import { findArea } from "../flash/provision-area.js";
import { hashPassword } from "../util/crypt.js";
import { askSecret } from "./ask-secret.js";
import type { Cli } from "./command.js";
import type { FlashImage } from "./flash-image.js";

type Flags = { readonly [name: string]: unknown };

/** What the flags say about cards of their own; undefined when they say nothing. Throws Refused with all that is wrong. */
export async function cardsWanted(cli: Cli, flags: Flags): Promise<readonly CardRow[] | undefined> {
  const words = textsOf(flags.set);
  const keys = textsOf(flags.sshKey);
  const one = words.length > 0 || keys.length > 0 || typeof flags.wifi === "string" || flags.password === true;
  if (typeof flags.provision !== "string") {
    if (flags.rows !== undefined)
      throw refuse("rows-of-nothing", "--rows picks from a list of cards", "name it with --provision");
    return one ? cardOfWords(await wordsOf(cli, words, keys, flags), cli.cwd) : undefined;
  }
  if (one) {
    throw refuse(
      "two-kinds",
      "--provision has a row for each card, and --set, --ssh-key, --wifi and --password are for a single one",
      "say it in the file: a column for all cards, or `all:` in YAML",
    );
  }
  const rows = readCards(resolve(cli.cwd, flags.provision), flags.provision);
  return typeof flags.rows === "string" ? picked(rows, flags.rows) : rows;
}

/** The image without what is each card's own, and every row as bytes. Nothing is written yet. Throws Refused. */
export async function ownCards(
  image: FlashImage,
  rows: readonly CardRow[],
  signal: AbortSignal,
): Promise<{ readonly image: FlashImage; readonly cards: readonly OwnCard[] }> {
  const { area, size = image.map.size } = await findArea(image.source, image.map.size, signal);
  if (size === undefined) throw new Error("the image's size is not known");
  const made = rows.map((row) => ownOf(area, image.map.algorithm, row));
  const diagnostics = made.flatMap((one) => one.diagnostics);
  if (diagnostics.length > 0) throw new Refused(diagnostics);
  const map = await cutMap(image.source, { ...image.map, size }, area.span, signal);
  return { image: { ...image, map }, cards: made.flatMap(({ card }) => card ?? []) };
}

/** As many rows as drives, or which of them is missing. */
export function matchCards(rows: readonly CardRow[] | undefined, drives: readonly NamedDrive[]): readonly Diagnostic[] {
  if (!rows || rows.length === drives.length) return [];
  const [spare] = rows.slice(drives.length);
  if (spare) {
    const message = `there are ${rows.length} rows and ${drives.length} drive${drives.length === 1 ? "" : "s"}: ${spare.settings.hostname} has none`;
    const help = "pick rows with --rows, or let --station write one after another";
    return [{ severity: "error", code: "rows-without-drive", message, at: spare.at, help }];
  }
  const names = drives.slice(rows.length).map(({ word }) => word);
  const message = `there ${rows.length === 1 ? "is 1 row" : `are ${rows.length} rows`} and ${drives.length} drives: nothing is said about ${names.join(", ")}`;
  return [{ severity: "error", code: "drives-without-row", message, help: "add rows, or name fewer drives" }];
}

/** The flags for a single card as words of --set; asks for what is secret. */
async function wordsOf(
  cli: Cli,
  words: readonly string[],
  keys: readonly string[],
  flags: Flags,
): Promise<readonly string[]> {
  const has = (name: string) => words.some((word) => word.startsWith(`${name}=`));
  const more: string[] = [];
  const lines = keys.map((path) => keyLine(cli, path));
  if (lines.length > 0) more.push(`ssh-key=${lines.join("\n")}`);
  if (typeof flags.wifi === "string") {
    more.push(`wifi-ssid=${flags.wifi}`);
    if (!has("wifi-psk")) more.push(`wifi-psk=${wpaPsk(flags.wifi, await passphrase(cli, flags.wifi))}`);
  }
  if (flags.password === true) {
    const user = words.find((word) => word.startsWith("user="))?.slice(5) ?? "root";
    more.push(`password-hash=${hashPassword(await askSecret(cli, `Password of ${user}`, "--set password-hash=…"))}`);
  }
  return [...words, ...more];
}

async function passphrase(cli: Cli, ssid: string): Promise<string> {
  const said = await askSecret(cli, `Passphrase of ${ssid}`, "--set wifi-psk=…");
  if (/^[\x20-\x7e]{8,63}$/.test(said)) return said;
  throw refuse("bad-passphrase", "a Wi-Fi passphrase has from 8 to 63 ASCII characters (IEEE 802.11)");
}

function keyLine(cli: Cli, path: string): string {
  const file = path.startsWith("~/") ? resolve(homedir(), path.slice(2)) : resolve(cli.cwd, path);
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("#"))
      .join("\n");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such file" : `it cannot be read (${code})`;
    throw refuse("no-ssh-key", `--ssh-key ${path}: ${why}`, "name the .pub file of a key");
  }
}

/** Rows by their host names, in the order in which they are asked for. */
function picked(rows: readonly CardRow[], names: string): readonly CardRow[] {
  const known = rows.map(({ settings }) => settings.hostname);
  return names.split(",").map((name) => {
    const row = rows[known.indexOf(name.trim())];
    if (row) return row;
    throw refuse("no-such-row", `no row has the hostname "${name.trim()}"`, didYouMean(name.trim(), known));
  });
}

const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
