import type { Diagnostic, Location } from "../../diagnostic/diagnostic.js";
import { entriesAt, find, listAt, type Placed, type PlacedMap, textAt } from "../../diagnostic/placed.js";
import { inOrder } from "../../diagnostic/render.js";
import { validate } from "../../diagnostic/validate.js";
import { wrong } from "../../recipe/checks/check.js";
import { checkSystem } from "../../recipe/checks/system.js";
import { checkUsers } from "../../recipe/checks/users.js";
import { blotted, CLEAR_KEYS } from "../../recipe/secrets.js";
import { clearPassword } from "./columns.js";
import { type CardsFile, CardsSchema } from "./schema.js";
import { SEEDS } from "./settings.js";

/** Cards as they were written down: what is right about them, or all that is wrong, each with its place. */
export function checkCards(
  cards: readonly Placed[],
  before: readonly Diagnostic[],
): { readonly value?: CardsFile; readonly diagnostics: readonly Diagnostic[] } {
  const [first] = cards;
  if (!first) return { diagnostics: before };
  const list: Placed = { kind: "list", at: first.at, values: cards };
  const root = mapOf(first.at, { cards: list });
  const { value, diagnostics: misshapen } = validate(CardsSchema, root);
  const specific = [
    ...before,
    ...cards.flatMap((card) => [...clearKeys(card), ...ofRecipes(card), ...checkSeeds(card)]),
    ...duplicates(cards),
  ];
  // Where a check has its own words for a mistake, the schema's are left out; what stands in `all:` is told once.
  const taken = new Set(specific.map(({ at }) => placeKey(at)));
  const missed = before.some(({ code }) => code === "missing-column" || code === "unknown-column");
  const shaped = misshapen.filter(({ at, code }) => !taken.has(placeKey(at)) && !(missed && code === "missing-key"));
  const all = [...specific, ...shaped].filter(({ severity }) => severity === "error");
  const once = all.filter((one, index) => all.findIndex((other) => sameAs(one, other)) === index);
  const diagnostics = blotted(inOrder(once), cards.flatMap(secrets));
  return diagnostics.length > 0 || value === undefined ? { diagnostics } : { value, diagnostics };
}

/** `all:` of a YAML file becomes part of each card, which may say otherwise. */
export function yamlCards(root: Placed): {
  readonly cards: readonly Placed[];
  readonly diagnostics: readonly Diagnostic[];
} {
  const known = ["all", "cards"];
  const diagnostics = entriesAt(root)
    .filter(({ name }) => !known.includes(name))
    .map(({ name, key }) => wrong("unknown-key", `unknown key "${name}"`, key, "known are all, cards"));
  const list = find(root, "cards");
  const given = listAt(root, "cards");
  if (list?.kind !== "list" || given.length === 0) {
    const help = "say `cards: [{ hostname: kiosk-01 }]`";
    return {
      cards: [],
      diagnostics: [...diagnostics, wrong("no-rows", "the file lists no cards", list?.at ?? root.at, help)],
    };
  }
  const all = find(root, "all");
  const cards = given.map((card): Placed => {
    if (card.kind !== "map" || all?.kind !== "map") return card;
    return { ...card, entries: new Map([...all.entries, ...card.entries]) };
  });
  return { cards, diagnostics };
}

/** The recipe's own rules for users and interfaces. */
function ofRecipes(card: Placed): readonly Diagnostic[] {
  const users = { kind: "list" as const, at: card.at, values: listAt(card, "users") };
  const network = { kind: "list" as const, at: card.at, values: listAt(card, "network").map(withInterface) };
  const root = mapOf(card.at, { provision: mapOf(card.at, { users, network }) });
  const bare = new Set(
    listAt(card, "network")
      .filter((one) => find(one, "mac"))
      .map(({ at }) => placeKey(at)),
  );
  return [
    ...checkUsers(root, undefined).filter(({ code }) => code !== "clear-password"),
    // Only a hardware address is enough: the rest stays as the image has it.
    ...checkSystem(root, undefined).filter(({ code, at }) => code !== "missing-key" || !bare.has(placeKey(at))),
  ];
}

/** An interface that is not named is eth0. */
function withInterface(one: Placed): Placed {
  if (one.kind !== "map" || one.entries.has("interface")) return one;
  const value: Placed = { kind: "scalar", at: one.at, value: "eth0", source: "eth0" };
  return { ...one, entries: new Map([...one.entries, ["interface", { key: one.at, value }]]) };
}

function clearKeys(card: Placed): readonly Diagnostic[] {
  const users = listAt(card, "users").flatMap((user) => entriesAt(user));
  const wifi = entriesAt(card, "wifi").map((entry) => ({ ...entry, name: `wifi-${entry.name}` }));
  const clear: readonly string[] = [...CLEAR_KEYS, "wifi-password", "wifi-passphrase"];
  return [...users, ...wifi]
    .filter(({ name }) => clear.includes(name))
    .map(({ name, key }) => clearPassword(name, key));
}

/** Somebody's own file for cloud-init or Combustion says all of it. */
function checkSeeds(card: Placed): readonly Diagnostic[] {
  const found = (key: string) => (card.kind === "map" ? card.entries.get(key) : undefined);
  const conflict = (seed: string, keys: readonly string[]): readonly Diagnostic[] => {
    const own = found(seed);
    const other = keys.flatMap((key) => found(key) ?? [])[0];
    if (!own || !other) return [];
    const message = `"${seed}" is put onto the card as it is, and cannot take this in`;
    return [
      wrong("two-kinds", message, other.key, `say it in "${seed}", or leave that out`, [
        { message: "the file is here", at: own.value.at },
      ]),
    ];
  };
  return [
    ...conflict("user-data", ["users", "files"]),
    ...conflict("network-config", ["network", "wifi"]),
    ...conflict("combustion", ["users", "files", "network", "wifi"]),
  ];
}

/** No name, no address and no hardware address may be on two cards. */
function duplicates(cards: readonly Placed[]): readonly Diagnostic[] {
  const own = (card: Placed, key: string) => listAt(card, "network").flatMap((one) => textAt(one, key) ?? []);
  const kinds: readonly (readonly [string, (card: Placed) => readonly { text: string; at: Location }[]])[] = [
    ["hostname", (card) => [textAt(card, "hostname") ?? []].flat()],
    ["address", (card) => own(card, "address").map(({ text, at }) => ({ text: text.replace(/\/.*/, ""), at }))],
    ["hardware address", (card) => own(card, "mac").map(({ text, at }) => ({ text: text.toLowerCase(), at }))],
  ];
  return kinds.flatMap(([what, of]) => {
    const seen = new Map<string, Location>();
    return cards.flatMap(of).flatMap(({ text, at }) => {
      const first = seen.get(text);
      if (!first) seen.set(text, at);
      if (!first) return [];
      const shared = placeKey(first) === placeKey(at);
      const message = shared ? `every card would have the ${what} ${text}` : `two cards would have the ${what} ${text}`;
      return [wrong("duplicate-card", message, at, undefined, shared ? [] : [{ message: "the first one", at: first }])];
    });
  });
}

function secrets(card: Placed): readonly Location[] {
  const users = listAt(card, "users").flatMap((user) => [
    ...["password-hash", ...CLEAR_KEYS].flatMap((key) => find(user, key) ?? []),
    ...listAt(user, "ssh-keys").filter((key) => String(textAt(key)?.text).includes("PRIVATE KEY")),
  ]);
  const wifi = ["psk", "password", "passphrase"].flatMap((key) => find(card, "wifi", key) ?? []);
  return [...users, ...wifi].map(({ at }) => at);
}

function mapOf(at: Location, values: { readonly [name: string]: Placed }): PlacedMap {
  return {
    kind: "map",
    at,
    entries: new Map(Object.entries(values).map(([name, value]) => [name, { key: at, value }])),
  };
}

const placeKey = (at: Location | undefined): string => (at ? `${at.file}:${at.line}:${at.column}` : "");
const sameAs = (one: Diagnostic, other: Diagnostic): boolean =>
  one.code === other.code && one.message === other.message && placeKey(one.at) === placeKey(other.at);

/** The files that a card names, by the keys they stand under. */
export const fileKeys = (card: Placed): readonly { readonly text: string; readonly at: Location }[] => [
  ...listAt(card, "files").flatMap((one) => textAt(one, "from") ?? []),
  ...SEEDS.flatMap((name) => textAt(card, name) ?? []),
];
