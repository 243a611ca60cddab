import type { Diagnostic } from "../../diagnostic/diagnostic.js";
import { entriesAt, find, keyOf, listAt, type Placed, textAt } from "../../diagnostic/placed.js";
import { hasPassword } from "../secrets.js";
import { type Check, wrong } from "./check.js";

/** What sources must say beyond their shape: exactly one git ref, usable URLs, keys where a signature is. */
export const checkSources: Check = (root) =>
  entriesAt(root, "sources").flatMap(({ name, value }) => {
    if (find(value, "git")) return checkGit(root, name, value);
    return find(value, "http") ? checkHttp(root, name, value) : [];
  });

function checkGit(root: Placed, name: string, source: Placed): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const refs = ["branch", "tag", "commit"].filter((key) => find(source, key));
  const place = (key: string) => keyOf(root, ["sources", name, key]);
  const [first, second] = refs;
  if (first === undefined) {
    const help = "`branch:` follows a branch, `tag:` and `commit:` stay";
    const at = keyOf(root, ["sources", name]);
    found.push(wrong("missing-key", `sources.${name} needs one of the keys branch, tag, commit`, at, help));
  } else if (second !== undefined) {
    const related = [{ message: `"${first}" is here`, at: place(first) }];
    found.push(wrong("two-kinds", `"${first}" and "${second}" exclude each other`, place(second), "keep one", related));
  }
  if (listAt(source, "keys").length > 0 && !find(source, "tag")) {
    const help = "name a signed `tag:`, or leave the keys out";
    found.push(wrong("keys-without-signature", "keys verify signed tags, and no tag is named", place("keys"), help));
  }
  const url = textAt(source, "git");
  if (url && (url.text.startsWith("-") || /^[a-z0-9]+::/.test(url.text))) {
    found.push(wrong("bad-url", `git would take "${url.text}" for an option or a helper program`, url.at));
  } else if (url && hasPassword(url.text)) found.push(secretInUrl(url.at));
  for (const key of ["branch", "tag"]) {
    const ref = textAt(source, key);
    if (ref && !/^[A-Za-z0-9_][A-Za-z0-9_./+#@-]*$/.test(ref.text)) {
      found.push(wrong("bad-value", `"${ref.text}" is no name of a ${key}`, ref.at));
    }
  }
  return found;
}

function checkHttp(root: Placed, name: string, source: Placed): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const several = listAt(source, "http");
  const single = find(source, "http");
  const urls = several.length > 0 ? several : single ? [single] : [];
  for (const value of [...urls, find(source, "signature")]) {
    found.push(...checkWebUrl(value, "for a file on this machine use `path:`"));
  }
  const keys = listAt(source, "keys").length > 0;
  if (find(source, "signature") && !keys) {
    const at = keyOf(root, ["sources", name, "signature"]);
    found.push(
      wrong(
        "signature-without-keys",
        "a signature proves nothing without keys",
        at,
        "list the signers' public keys under `keys:`",
      ),
    );
  } else if (keys && !find(source, "signature")) {
    const at = keyOf(root, ["sources", name, "keys"]);
    found.push(
      wrong(
        "keys-without-signature",
        "keys are listed, and no signature to hold them against",
        at,
        "add `signature:` with its URL",
      ),
    );
  }
  return found;
}

/** An http or https URL without a password in it; `help` is for what is none. */
export function checkWebUrl(value: Placed | undefined, help?: string): readonly Diagnostic[] {
  if (value?.kind !== "scalar" || typeof value.value !== "string") return [];
  const url = URL.canParse(value.value) ? new URL(value.value) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    return [wrong("bad-url", `"${value.value}" is no http or https URL`, value.at, help)];
  }
  return hasPassword(value.value) ? [secretInUrl(value.at)] : [];
}

function secretInUrl(at: Diagnostic["at"] & object): Diagnostic {
  const help = "leave it out; git's and curl's own configuration (~/.netrc, credential store) may hold it";
  return wrong("secret-in-url", "a password in a URL ends up in locks and logs", at, help);
}
