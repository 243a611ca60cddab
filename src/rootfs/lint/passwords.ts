import { ColonFile } from "../colon.js";
import type { LintFinding, LintRule } from "./finding.js";

const OVERLAY = "boardsmith locks what it does not set, so an overlay brought it; give a hash by provision.users";
/** crypt(5)'s own verdict on DES, MD5 and SHA-1 hashes. */
const WEAK = /^(\$(1|3|md5|sha1)\$|[./A-Za-z0-9]{13}$|_)/;

/** No account opens without a password, and no password lies about in clear or where everybody reads it. */
export const passwords: LintRule = function* ({ tree }) {
  for (const [name = "", password = ""] of new ColonFile(tree, "etc/passwd").rows) {
    if (password === "x" || /^[*!]/.test(password)) continue;
    yield* judge(name, password, "/etc/passwd");
  }
  for (const [name = "", password = ""] of new ColonFile(tree, "etc/shadow").rows) {
    if (/^[*!]/.test(password)) continue;
    yield* judge(name, password, "/etc/shadow");
  }
  for (const path of ["etc/shadow", "etc/gshadow"]) {
    const node = tree.get(path);
    if (!node || (node.mode & 0o007) === 0) continue;
    yield {
      code: "shadow-readable",
      message: `/${path} has mode ${node.mode.toString(8).padStart(4, "0")}: every user can get at the password hashes`,
      about: `/${path}`,
      help: 'give it mode "0640" (an overlay has brought it with its own)',
    };
  }
};

function* judge(name: string, password: string, file: string): Generator<LintFinding> {
  if (password === "") {
    yield {
      code: "empty-password",
      message: `${name} has an empty password in ${file}: everybody can log in as ${name}`,
      about: name,
      help: OVERLAY,
    };
  } else if (WEAK.test(password)) {
    yield {
      code: "weak-hash",
      message: `the password hash of ${name} in ${file} is of a kind that is broken in hours (DES, MD5 or SHA-1)`,
      about: name,
      help: "make a new one with `openssl passwd -6` or `mkpasswd`",
    };
  } else if (!password.startsWith("$")) {
    yield {
      code: "bare-password",
      message: `the password of ${name} in ${file} is neither a hash nor locked: it stands there in clear`,
      about: name,
      help: "make a hash with `openssl passwd -6` or `mkpasswd`",
    };
  } else if (file === "/etc/passwd") {
    yield {
      code: "bare-password",
      message: `the password hash of ${name} stands in /etc/passwd, which every user reads`,
      about: name,
      help: "put x there and the hash into /etc/shadow, as provision.users does",
    };
  }
}
