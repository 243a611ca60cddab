import { expect, test } from "vitest";
import { isStrongHash } from "../../../src/recipe/checks/users.js";
import { hashPassword, sha512Crypt } from "../../../src/util/crypt.js";

/* The test vectors of Drepper's SHA-crypt.txt. */

test.each([
  [
    "Hello world!",
    "saltstring",
    5000,
    "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
  ],
  [
    "Hello world!",
    "saltstringsaltstring",
    10_000,
    "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.",
  ],
  [
    "a very much longer text to encrypt.  This one even stretches over morethan one line.",
    "anotherlongsaltstring",
    1400,
    "$6$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEiDwGqd8p4ur1",
  ],
  [
    "we have a short salt string but not a short password",
    "short",
    77_777,
    "$6$rounds=77777$short$WuQyW2YR.hBNpjjRhpYD/ifIw05xdfeEyQoMxIXbkvr0gge1a1x3yRULJ5CCaUeOxFmtlcGZelFl5CxtgfiAc0",
  ],
  [
    "the minimum number is still observed",
    "roundstoolow",
    10,
    "$6$rounds=1000$roundstoolow$kUMsbe306n21p9R.FRkW3IGn.S9NPN0x50YhH1xhLsPuWGsUSklZt58jaTfF4ZEQpyUNGc0dqbpBYYBaHHrsX.",
  ],
])("%s", (password, salt, rounds, hash) => {
  expect(sha512Crypt(password, salt, rounds)).toBe(hash);
});

test("a password hashed twice has two salts, and a recipe takes both", () => {
  const [one, two] = [hashPassword("tréma ☃"), hashPassword("tréma ☃")];
  expect(one).not.toBe(two);
  for (const hash of [one, two]) {
    expect(isStrongHash(hash)).toBe(true);
    const [, , rounds = "", salt = ""] = hash.split("$");
    expect(sha512Crypt("tréma ☃", salt, Number(rounds.slice("rounds=".length)))).toBe(hash);
  }
});
