import { createHash, randomBytes } from "node:crypto";

/*
 * SHA-512 crypt, the `$6$` hash of shadow(5) that every libc and busybox take:
 *
 *   $6$[rounds=N$]SALT$HASH     SALT up to 16, HASH 86 characters of an alphabet of 64
 *
 * Source: Ulrich Drepper, "Unix crypt using SHA-256 and SHA-512" (SHA-crypt.txt), whose step numbers are named below.
 */

const ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const LENGTH = 64;
/** What a hash without `rounds=` means. */
const DEFAULT_ROUNDS = 5000;
/** Four times the default: some 100 ms here, and less than a second of an A10's login. */
const ROUNDS = 20_000;

/** A hash of a password for `password-hash:`, with a salt of its own. */
export function hashPassword(password: string): string {
  const salt = [...randomBytes(16)].map((byte) => ALPHABET[byte & 63]).join("");
  return sha512Crypt(password, salt, ROUNDS);
}

/** SHA-512 crypt of a password with a salt of up to 16 characters and from 1000 to 999999999 rounds. */
export function sha512Crypt(password: string, salt: string, rounds = DEFAULT_ROUNDS): string {
  const key = Buffer.from(password, "utf8");
  const seed = Buffer.from(salt, "utf8").subarray(0, 16);
  const times = Math.min(999_999_999, Math.max(1000, rounds));
  const name = rounds === DEFAULT_ROUNDS ? "" : `rounds=${times}$`;
  return `$6$${name}${seed.toString("utf8")}$${encode(digest(key, seed, times))}`;
}

function digest(key: Buffer, salt: Buffer, rounds: number): Buffer {
  // Steps 4 to 8.
  const b = sha512(key, salt, key);
  // Steps 1 to 3 and 9 to 12: the bits of the length choose between the two.
  const chosen: Buffer[] = [];
  for (let length = key.length; length > 0; length >>= 1) chosen.push(length & 1 ? b : key);
  const a = sha512(key, salt, repeated(b, key.length), ...chosen);
  // Steps 13 to 16, and 17 to 20.
  const p = repeated(sha512(...Array.from({ length: key.length }, () => key)), key.length);
  const s = repeated(sha512(...Array.from({ length: 16 + (a[0] ?? 0) }, () => salt)), salt.length);
  // Step 21.
  let last = a;
  for (let round = 0; round < rounds; round++) {
    const odd = round % 2 === 1;
    const parts = [odd ? p : last];
    if (round % 3 !== 0) parts.push(s);
    if (round % 7 !== 0) parts.push(p);
    parts.push(odd ? last : p);
    last = sha512(...parts);
  }
  return last;
}

/** Step 22: three bytes, a third of the digest apart and turned by one each time, make four characters. */
function encode(hash: Buffer): string {
  const third = 21;
  let text = "";
  for (let i = 0; i < third; i++) {
    const trio = [i, i + third, i + 2 * third];
    const at = (n: number) => hash[trio[(n + i) % 3] ?? 0] ?? 0;
    text += characters((at(0) << 16) | (at(1) << 8) | at(2), 4);
  }
  return text + characters(hash[LENGTH - 1] ?? 0, 2);
}

/** The lowest six bits first. */
function characters(value: number, count: number): string {
  return Array.from({ length: count }, (_, n) => ALPHABET[(value >> (6 * n)) & 63]).join("");
}

function repeated(block: Buffer, length: number): Buffer {
  const whole = Buffer.alloc(length);
  for (let at = 0; at < length; at += LENGTH) block.copy(whole, at, 0, Math.min(LENGTH, length - at));
  return whole;
}

function sha512(...parts: readonly Buffer[]): Buffer {
  const hash = createHash("sha512");
  for (const part of parts) hash.update(part);
  return hash.digest();
}
