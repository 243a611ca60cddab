import type { Chosen } from "../kiwi/chosen.js";
import { below } from "../kiwi/read-xml.js";
import { isStrongHash } from "../recipe/checks/users.js";
import type { Carried, Left } from "./left.js";

/** A user as a recipe writes it. */
export interface RecipeUser {
  readonly name: string;
  readonly uid?: number;
  readonly comment?: string;
  readonly "password-hash"?: string;
  readonly groups?: readonly string[];
  readonly shell?: string;
}

const NAME = /^[a-z_][a-z0-9_-]{0,31}$/;

/** The users, without passwords that have no place in a recipe. */
export function users(chosen: Chosen): Carried<readonly RecipeUser[]> {
  const left: Left[] = [];
  const found = new Map<string, RecipeUser>();
  for (const { attributes, at } of chosen.sections("users").flatMap((all) => below(all, "user"))) {
    const { name = "", password = "", pwdformat, groups = "", id, realname, shell } = attributes;
    const leave = (what: string, why: string) => left.push({ what: `user ${name}: ${what}`, at, why });
    if (!NAME.test(name)) {
      leave("all of it", "a recipe has users of lower-case letters, digits, - and _");
      continue;
    }
    const strong = pwdformat !== "plain" && isStrongHash(password);
    if (!strong && !/^[*!x]*$/.test(password)) {
      const why =
        pwdformat === "plain"
          ? "clear text has no place in a recipe: make a hash with `openssl passwd -6`"
          : "its hash is too weak or none: make one with `openssl passwd -6`";
      leave("password", why);
    }
    const fitting = groups
      .split(",")
      .map((group) => group.trim().replace(/:\d+$/, ""))
      .filter((group) => NAME.test(group) && group !== name && group !== "users");
    found.set(name, {
      name,
      ...(id !== undefined && name !== "root" && Number(id) <= 60000 ? { uid: Number(id) } : {}),
      ...(realname !== undefined && name !== "root" && !/[:\n]/.test(realname) ? { comment: realname } : {}),
      ...(strong ? { "password-hash": password } : {}),
      ...(fitting.length > 0 && name !== "root" ? { groups: [...new Set(fitting)] } : {}),
      ...(shell?.startsWith("/") ? { shell } : {}),
    });
  }
  // root is there anyway; without a password there is nothing to say of it.
  const root = found.get("root");
  if (root && !root["password-hash"]) found.delete("root");
  return { value: [...found.values()], left };
}
