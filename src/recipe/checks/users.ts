import type { Diagnostic } from "../../diagnostic/diagnostic.js";
import { find, keyOf, listAt, type Placed, textAt } from "../../diagnostic/placed.js";
import { CLEAR_KEYS } from "../secrets.js";
import { type Check, doubtful, wrong } from "./check.js";

const MAKE_HASH = "make a hash with `openssl passwd -6` or `mkpasswd`, and give it as `password-hash:`";

/** Hashes of crypt(5) that today's systems take, and those too weak to hand out. */
const STRONG = [
  /^\$6\$(rounds=\d+\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{86}$/,
  /^\$5\$(rounds=\d+\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{43}$/,
  /^\$(y|gy)\$[./A-Za-z0-9]+\$[./A-Za-z0-9]{1,86}\$[./A-Za-z0-9]{43}$/,
  /^\$7\$[./A-Za-z0-9]{11,97}\$[./A-Za-z0-9]{43}$/,
  /^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/,
];
const WEAK: readonly (readonly [RegExp, string])[] = [
  [/^\$1\$[^$]{1,8}\$[./0-9A-Za-z]{22}$/, "MD5"],
  [/^\$(md5|sha1)[,$]/, "MD5 or SHA-1"],
  [/^\$3\$\$[0-9a-f]{32}$/, "NT"],
  [/^_[./0-9A-Za-z]{19}$/, "DES"],
  [/^[./0-9A-Za-z]{13}$/, "DES"],
];

/** Is it a crypt(3) hash that is hard to guess from? */
export function isStrongHash(text: string): boolean {
  return STRONG.some((form) => form.test(text));
}

/** Users: no clear text, no weak or broken hash, real public keys, no name twice; one that cannot log in is doubtful. */
export const checkUsers: Check = (root) => {
  const users = listAt(root, "provision", "users");
  return [
    ...users.flatMap((user, i) => [...checkPassword(root, user, i), ...checkKeys(user), ...checkLogin(user)]),
    ...twice(
      users.map((user) => textAt(user, "name")),
      "user",
    ),
    ...twice(users.map(uidOf), "uid"),
  ];
};

function checkPassword(root: Placed, user: Placed, i: number): readonly Diagnostic[] {
  const clear = CLEAR_KEYS.find((key) => find(user, key));
  if (clear !== undefined) {
    const at = keyOf(root, ["provision", "users", i, clear]);
    return [wrong("clear-password", "a password in clear text has no place in a recipe", at, MAKE_HASH)];
  }
  const hash = textAt(user, "password-hash");
  if (hash === undefined || isStrongHash(hash.text)) return [];
  const weak = WEAK.find(([form]) => form.test(hash.text));
  if (weak) {
    return [wrong("weak-hash", `${weak[1]} hashes are guessed within hours`, hash.at, MAKE_HASH)];
  }
  const help = /^[*!x]*$/.test(hash.text) ? "leave `password-hash:` out to lock the password" : MAKE_HASH;
  return [wrong("no-hash", "this is no crypt(3) hash", hash.at, help)];
}

const KEY_TYPES =
  /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com)$/;

function checkKeys(user: Placed): readonly Diagnostic[] {
  return listAt(user, "ssh-keys").flatMap((key) => {
    if (key.kind !== "scalar" || typeof key.value !== "string") return [];
    if (key.value.includes("PRIVATE KEY")) {
      const help =
        "give the line of the .pub file beside it; a private key that was in a file others read must be replaced";
      return [wrong("private-key", "this is a private key", key.at, help)];
    }
    if (isPublicKey(key.value)) return [];
    const help = "expected the line of a .pub file, such as `ssh-ed25519 AAAA… name`";
    return [wrong("bad-ssh-key", "this is no OpenSSH public key", key.at, help)];
  });
}

/** The blob of a public key starts with its own type, length first (RFC 4253, 6.6); options may stand before it. */
function isPublicKey(line: string): boolean {
  const words = line.trim().split(/\s+/);
  const at = words.findIndex((word) => KEY_TYPES.test(word));
  const type = words[at];
  if (type === undefined || line.includes("\n")) return false;
  const blob = Buffer.from(words[at + 1] ?? "", "base64");
  return (
    blob.length > 4 + type.length &&
    blob.readUInt32BE(0) === type.length &&
    blob.toString("latin1", 4, 4 + type.length) === type
  );
}

function checkLogin(user: Placed): readonly Diagnostic[] {
  const name = textAt(user, "name");
  const known = ["password", "password-hash"].some((key) => find(user, key)) || listAt(user, "ssh-keys").length > 0;
  if (name === undefined || known) return [];
  const help = "give `password-hash:` or `ssh-keys:`";
  return [doubtful("locked-user", `"${name.text}" has neither password nor key and cannot log in`, name.at, help)];
}

function uidOf(user: Placed): { readonly text: string; readonly at: Placed["at"] } | undefined {
  const uid = find(user, "uid");
  return uid?.kind === "scalar" && typeof uid.value === "number" ? { text: String(uid.value), at: uid.at } : undefined;
}

/** Complains about each name that was there before. */
export function twice(
  names: readonly ({ readonly text: string; readonly at: Placed["at"] } | undefined)[],
  what: string,
): readonly Diagnostic[] {
  const seen = new Map<string, Placed["at"]>();
  return names.flatMap((name) => {
    if (name === undefined) return [];
    const first = seen.get(name.text);
    if (first === undefined) seen.set(name.text, name.at);
    return first === undefined
      ? []
      : [
          wrong("twice", `the ${what} "${name.text}" is here twice`, name.at, undefined, [
            { message: "the first one", at: first },
          ]),
        ];
  });
}
