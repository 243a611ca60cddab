import type { Diagnostic } from "../../diagnostic/diagnostic.js";
import { entriesAt, find, keyOf, listAt, type Placed, textAt } from "../../diagnostic/placed.js";
import { type Check, wrong } from "./check.js";
import { checkWebUrl } from "./sources.js";

/** rpm-md repositories that can be reached and trusted, and packages that are wanted and unwanted at once. */
export const checkRepositories: Check = (root) => {
  if (!find(root, "rootfs", "rpm") && !find(root, "rootfs", "kiwi")) return [];
  const repositories = entriesAt(root, "rootfs", "repositories");
  return [
    ...repositories.flatMap(({ name, key, value }) => [
      ...checkWebUrl(find(value, "url")),
      ...checkTrust(root, name, key, value),
    ]),
    ...checkSameUrl(repositories.map(({ value }) => textAt(value, "url"))),
    ...checkWishes(root),
  ];
};

function checkTrust(root: Placed, name: string, key: Diagnostic["at"] & object, repository: Placed): Diagnostic[] {
  const flag = find(repository, "unsigned");
  const unsigned = flag?.kind === "scalar" && flag.value === true;
  const keys = listAt(repository, "keys").length > 0;
  if (!unsigned && !keys) {
    const help = "list the signers' public keys under `keys:`; `unsigned: true` takes whatever a mirror sends";
    return [wrong("missing-key", `repository "${name}" needs keys, or "unsigned: true"`, key, help)];
  }
  if (!unsigned || !keys) return [];
  const at = keyOf(root, ["rootfs", "repositories", name, "unsigned"]);
  const related = [{ message: "its keys are here", at: keyOf(root, ["rootfs", "repositories", name, "keys"]) }];
  return [wrong("two-kinds", `repository "${name}" has keys and is "unsigned: true"`, at, "keep one", related)];
}

function checkSameUrl(urls: readonly ReturnType<typeof textAt>[]): Diagnostic[] {
  const seen = new Map<string, Diagnostic["at"] & object>();
  return urls.flatMap((url) => {
    if (url === undefined) return [];
    const bare = url.text.replace(/\/+$/, "");
    const first = seen.get(bare);
    seen.set(bare, first ?? url.at);
    if (first === undefined) return [];
    return [
      wrong("twice", `two repositories are at ${bare}`, url.at, "keep one", [{ message: "the other", at: first }]),
    ];
  });
}

function checkWishes(root: Placed): Diagnostic[] {
  if (!find(root, "rootfs", "rpm")) return [];
  const names = (key: string) => listAt(root, "rootfs", key).flatMap((value) => textAt(value) ?? []);
  const packages = names("packages");
  if (packages.length + names("patterns").length === 0) {
    const help = "list some under `packages:` or `patterns:`; what they need comes along";
    return [wrong("missing-key", "rootfs names no package and no pattern", keyOf(root, ["rootfs", "rpm"]), help)];
  }
  return names("exclude").flatMap((unwanted) => {
    const wanted = packages.find(({ text }) => text === unwanted.text);
    if (wanted === undefined) return [];
    const related = [{ message: "wanted here", at: wanted.at }];
    return [wrong("two-kinds", `"${unwanted.text}" is wanted and excluded at once`, unwanted.at, undefined, related)];
  });
}
