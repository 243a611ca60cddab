import type { Diagnostic, Location } from "../diagnostic/diagnostic.js";
import { wrong } from "./checks/check.js";

/** What keeps a file from being one of OpenPGP public keys: RFC 9580, 6.2 for armour; without it, the first byte is a packet's (4.2). */
export function checkKeyFile(content: string, shown: string, at: Location): readonly Diagnostic[] {
  if (/^-----BEGIN PGP PRIVATE KEY BLOCK-----$/m.test(content)) {
    const help = "a recipe wants the public half: `gpg --armor --export`; keep this one to yourself";
    return [wrong("private-key", `"${shown}" holds a private key`, at, help)];
  }
  // Read as text, a byte with its highest bit set, which a packet begins with, is none of a character's.
  if (content.startsWith("\ufffd") || /^-----BEGIN PGP PUBLIC KEY BLOCK-----$/m.test(content)) return [];
  const help = "export the signer's key with `gpg --armor --export`";
  return [wrong("no-public-key", `"${shown}" holds no OpenPGP public key`, at, help)];
}
