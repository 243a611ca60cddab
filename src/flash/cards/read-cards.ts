import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Diagnostic } from "../../diagnostic/diagnostic.js";
import { Refused, refuse } from "../../diagnostic/failure.js";
import type { Placed } from "../../diagnostic/placed.js";
import { parseYaml } from "../../diagnostic/yaml.js";
import { wrong } from "../../recipe/checks/check.js";
import { checkIgnition } from "../../recipe/ignition.js";
import { checkCards, fileKeys, yamlCards } from "./check-cards.js";
import { csvCards, setCard } from "./columns.js";
import type { CardsFile } from "./schema.js";
import { type CardRow, type CardSettings, type FileSetting, SEEDS } from "./settings.js";

/** More than any card's own files have; what is meant for all cards belongs into the image. */
const MOST = 64 * 1024 ** 2;

/** The cards that a CSV or YAML file lists. Throws Refused with everything that is wrong with them. */
export function readCards(path: string, shown: string): readonly CardRow[] {
  const text = textOf(path, shown);
  if (!/\.ya?ml$/i.test(path)) {
    const { cards, diagnostics } = csvCards(path, text);
    return cardRows(cards, diagnostics, dirname(path));
  }
  const { root, diagnostics } = parseYaml(path, text);
  if (!root) throw new Refused(diagnostics);
  const listed = yamlCards(root);
  return cardRows(listed.cards, [...diagnostics, ...listed.diagnostics], dirname(path));
}

/** The one card that `--set` words describe. */
export function cardOfWords(words: readonly string[], cwd: string): readonly CardRow[] {
  const { cards, diagnostics } = setCard(words);
  return cardRows(cards, diagnostics, cwd);
}

function cardRows(cards: readonly Placed[], before: readonly Diagnostic[], folder: string): readonly CardRow[] {
  const { value, diagnostics } = checkCards(cards, before);
  const files = cards.flatMap((card) => fileKeys(card).flatMap((file) => fileMistakes(file, folder)));
  const ignition = cards.flatMap((card) => ignitionMistakes(card, folder));
  const all = [...diagnostics, ...files, ...ignition];
  if (value === undefined || all.length > 0) throw new Refused(all);
  return value.cards.map((card, index) => ({
    settings: settingsOf(card, folder),
    at: (cards[index] as Placed).at,
  }));
}

function settingsOf(card: CardsFile["cards"][number], folder: string): CardSettings {
  const seeds = SEEDS.flatMap((name) => {
    const file = card[name];
    return file === undefined ? [] : [[name, readFileSync(resolve(folder, file))] as const];
  });
  return {
    hostname: card.hostname,
    network: card.network.map(({ mac, address, gateway, ...one }) => ({
      ...one,
      ...(address === undefined ? {} : { address }),
      ...(gateway === undefined ? {} : { gateway }),
      ...(mac === undefined ? {} : { mac: mac.toLowerCase() }),
    })),
    users: card.users.map((user) => ({
      name: user.name,
      sshKeys: user["ssh-keys"].map((key) => key.trim()),
      groups: user.groups,
      ...(user["password-hash"] === undefined ? {} : { passwordHash: user["password-hash"] }),
      ...(user.shell === undefined ? {} : { shell: user.shell }),
    })),
    ...(card.wifi ? { wifi: wifiOf(card.wifi) } : {}),
    files: card.files.map((file) => fileOf(file, folder)),
    seed: Object.fromEntries(seeds),
  };
}

function wifiOf({
  psk,
  country,
  ...wifi
}: NonNullable<CardsFile["cards"][number]["wifi"]>): CardSettings["wifi"] & object {
  return {
    ...wifi,
    ...(psk === undefined ? {} : { psk: psk.toLowerCase() }),
    ...(country === undefined ? {} : { country }),
  };
}

function fileOf({ from, to, owner, mode }: CardsFile["cards"][number]["files"][number], folder: string): FileSetting {
  const [uid = 0, gid = 0] = owner.split(":").map(Number);
  return { to, uid, gid, mode: Number.parseInt(mode, 8), bytes: readFileSync(resolve(folder, from)) };
}

function fileMistakes({ text, at }: ReturnType<typeof fileKeys>[number], folder: string): readonly Diagnostic[] {
  const stat = statSync(resolve(folder, text), { throwIfNoEntry: false });
  if (!stat) return [wrong("no-such-file", `nothing is at "${text}"`, at, `looked for ${resolve(folder, text)}`)];
  if (!stat.isFile()) return [wrong("not-a-file", `"${text}" is a folder, and a file is wanted here`, at)];
  if (stat.size <= MOST) return [];
  return [
    wrong("provision-too-large", `"${text}" has ${stat.size} bytes`, at, "what all cards need belongs into the image"),
  ];
}

function ignitionMistakes(card: Placed, folder: string): readonly Diagnostic[] {
  const [file] = card.kind === "map" ? [card.entries.get("ignition")?.value] : [];
  if (file?.kind !== "scalar" || typeof file.value !== "string") return [];
  const path = resolve(folder, file.value);
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? checkIgnition(path, readFileSync(path, "utf8")) : [];
}

function textOf(path: string, shown: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === "ENOENT"
        ? "there is no such file"
        : code === "EISDIR"
          ? "it is a folder"
          : `it cannot be read (${code})`;
    throw refuse("no-cards", `--provision ${shown}: ${why}`, "name a CSV or YAML file with a row for each card");
  }
}
