import type { Json } from "../util/canonical.js";
import type { Facts } from "./step.js";

const SECRET_NAME = /pass(word|phrase|wd)|secret|token|psk|private.?key/i;
/** crypt(3) hashes: `$6$salt$hash`, `$y$…`; long enough not to take a shell's `$1$2` for one. */
const CRYPT = /\$(?:1|2[abxy]?|5|6|7|y|gy|sha1|md5)\$[^\s:"'$]+\$[^\s:"']{16,}/g;
const HIDDEN = "(secret)";

/** The same facts with every secret blotted out: fit to be printed and recorded. */
export function conceal(facts: Facts): Facts {
  return concealed(facts, false) as Facts;
}

/** A text with every password hash in it blotted out. */
export function concealText(text: string): string {
  return text.replace(CRYPT, HIDDEN);
}

function concealed(value: Json, secret: boolean): Json {
  if (typeof value === "string") return secret ? HIDDEN : concealText(value);
  if (typeof value === "number" && secret) return HIDDEN;
  if (Array.isArray(value)) return value.map((one: Json) => concealed(one, secret));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, concealed(one, secret || SECRET_NAME.test(name))]),
  );
}
