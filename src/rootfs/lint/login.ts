import { ColonFile } from "../colon.js";
import type { LintRule } from "./finding.js";

/** Where no first boot helps, an account must open by itself, or the board is a closed box. */
export const login: LintRule = function* ({ tree, firstBootHelps }) {
  if (firstBootHelps) return;
  const open = new ColonFile(tree, "etc/shadow").rows.some(([, password = ""]) => !/^[*!]/.test(password));
  const homes = new ColonFile(tree, "etc/passwd").rows.map((row) => row[5] ?? "").filter((home) => home !== "");
  const keys = homes.some((home) => (tree.text(`${home}/.ssh/authorized_keys`) ?? "").trim() !== "");
  if (open || keys) return;
  yield {
    code: "no-login",
    message: "nobody can log in: no account has a password or an SSH key, and `firstboot: none` asks for neither",
    about: "root",
    help: "name a user with a password-hash or ssh-keys in provision.users, or use `firstboot: password`",
    severity: "warning",
  };
};
