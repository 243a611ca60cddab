import type { Diagnostic, Location } from "../diagnostic/diagnostic.js";
import { entriesAt, find, listAt, type Placed, scalars } from "../diagnostic/placed.js";

/** Keys under which people write a password in clear text. */
export const CLEAR_KEYS = ["password", "passwd", "pass", "plain-text-password"] as const;

/** Whether a URL carries a password, as in https://name:password@host. */
export function hasPassword(url: string): boolean {
  return /^[a-z+]+:\/\/[^/@]*:[^/@]+@/i.test(url);
}

/** The same diagnostics with every secret of the recipe blotted out: a squiggle must not carry one into a log. */
export function withoutSecrets(root: Placed, diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return blotted(diagnostics, secretPlaces(root));
}

/** The same diagnostics with what stands at some places blotted out of the lines that are shown. */
export function blotted(diagnostics: readonly Diagnostic[], secrets: readonly Location[]): readonly Diagnostic[] {
  if (secrets.length === 0) return diagnostics;
  const clean = (at: Location): Location => secrets.reduce((place, secret) => blot(place, secret), at);
  return diagnostics.map((diagnostic) => ({
    ...diagnostic,
    ...(diagnostic.at ? { at: clean(diagnostic.at) } : {}),
    ...(diagnostic.related ? { related: diagnostic.related.map((one) => ({ ...one, at: clean(one.at) })) } : {}),
  }));
}

function secretPlaces(root: Placed): readonly Location[] {
  const users = listAt(root, "provision", "users");
  const passwords = users.flatMap((user) => [...CLEAR_KEYS, "password-hash"].flatMap((key) => find(user, key) ?? []));
  const keys = users
    .flatMap((user) => listAt(user, "ssh-keys"))
    .filter((key) => key.kind === "scalar" && String(key.value).includes("PRIVATE KEY"));
  const urls = [...entriesAt(root, "sources"), ...entriesAt(root, "rootfs", "repositories")]
    .flatMap(({ value }) => [...scalars(value)].map(({ scalar }) => scalar))
    .filter((scalar) => typeof scalar.value === "string" && hasPassword(scalar.value));
  return [...passwords, ...keys, ...urls].map((value) => value.at);
}

function blot(at: Location, secret: Location): Location {
  if (at.text === undefined || at.file !== secret.file || at.line !== secret.line) return at;
  const characters = [...at.text];
  const [from, to] = [secret.column - 1, secret.column - 1 + secret.length];
  return { ...at, text: [...characters.slice(0, from), "*".repeat(secret.length), ...characters.slice(to)].join("") };
}
