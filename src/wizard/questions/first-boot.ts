import { type Answers, word } from "../answers.js";
import type { Choice, Question } from "../question.js";
import { isTree, type Tree, valueAt, valuesAt, withValue, wordAt } from "../tree.js";
import { purposeOf, withPackages } from "./system.js";

export const hostname: Question = {
  id: "hostname",
  message: "What is the board's host name?",
  kind: "text",
  preset: (answers) => word(answers, "board"),
  apply: (recipe, answer) => (answer === recipe.board ? recipe : withValue(recipe, ["provision", "hostname"], answer)),
};

export const login: Question = {
  id: "login",
  message: "Who logs in?",
  kind: "one",
  choices: () => [
    { value: "user", name: "a user of yours", about: "with a password, an SSH key or both" },
    { value: "console", name: "root, whose password the first boot asks for", about: "on the serial console" },
    { value: "systemd", name: "what systemd-firstboot asks for", about: "root's password on the console, by systemd" },
    { value: "jeos", name: "what openSUSE's jeos-firstboot asks for", about: "language, keyboard, root's password" },
  ],
  preset: (_a, _w, recipe) => (wordAt(recipe, "provision", "firstboot") === "jeos" ? "jeos" : "user"),
  apply: (recipe, answer) => {
    const kind = answer === "user" || answer === "console" ? "password" : String(answer);
    const now = wordAt(recipe, "provision", "firstboot") ?? "password";
    const asks = now === kind ? recipe : withValue(recipe, ["provision", "firstboot"], kind);
    return kind === "jeos" ? withPackages(asks, ["jeos-firstboot"]) : asks;
  },
};

const ofUser = (answers: Answers): boolean => word(answers, "login") === "user";

export const user: Question = {
  id: "user",
  message: "What is the user's name?",
  kind: "text",
  asked: ofUser,
  preset: (_, { host }) => host.user ?? "admin",
  apply: (recipe, answer) => withUser(recipe, { name: answer, ...groups(recipe) }),
};

/** Debian's recipes have sudo, and with it the group whose members may use it. */
function groups(recipe: Tree): Tree {
  const sudo = valueAt(recipe, "rootfs", "distro") && valuesAt(recipe, "rootfs", "packages").includes("sudo");
  return sudo ? { groups: ["sudo"] } : {};
}

function withUser(recipe: Tree, more: Tree): Tree {
  const there = valuesAt(recipe, "provision", "users")[0];
  return withValue(recipe, ["provision", "users"], [{ ...(isTree(there) ? there : {}), ...more }]);
}

export const password: Question = {
  id: "password-hash",
  message: "What is the user's password?",
  help: "Hashed at once; only the hash is kept. Enter alone: no password, but a key.",
  kind: "secret",
  asked: ofUser,
  preset: () => "",
  apply: (recipe, answer) => (answer === "" ? recipe : withUser(recipe, { "password-hash": answer })),
};

export const sshKeys: Question = {
  id: "ssh-keys",
  message: "Which SSH keys may log in?",
  help: "Public ones, of this machine's ~/.ssh.",
  kind: "several",
  asked: ofUser,
  choices: (_, { host }): readonly Choice[] =>
    host.keys.map(({ file, line }) => ({ value: line, name: `${file} (${line.split(/\s+/).slice(2).join(" ")})` })),
  free: "the line of a .pub file",
  preset: (_, { host }) => host.keys.map(({ line }) => line),
  insistsOn: ["locked-user"],
  apply: (recipe, answer) => {
    if (answer.length === 0) return recipe;
    const users = valuesAt(recipe, "provision", "users")[0];
    return withUser(recipe, { ...(isTree(users) ? users : {}), "ssh-keys": [...answer] });
  },
};

const named = (answers: Answers): boolean => purposeOf(answers) !== "busybox";

export const timezone: Question = {
  id: "timezone",
  message: "Which time zone?",
  kind: "one",
  asked: named,
  choices: (_, { host }) => distinct([host.timezone, "UTC"]),
  free: "a zone such as Europe/Berlin",
  preset: (_, { host }) => host.timezone ?? "UTC",
  apply: (recipe, answer) => {
    const zoned = withValue(recipe, ["provision", "timezone"], answer);
    if (answer === "UTC") return zoned;
    return withPackages(zoned, [isTree(recipe.rootfs) && "rpm" in recipe.rootfs ? "timezone" : "tzdata"]);
  },
};

export const locale: Question = {
  id: "locale",
  message: "Which language?",
  kind: "one",
  asked: named,
  choices: (_, { host }) => distinct(["C.UTF-8", host.locale]),
  free: "a locale such as de_DE.UTF-8",
  preset: () => "C.UTF-8",
  apply: (recipe, answer) => {
    const spoken = withValue(recipe, ["provision", "locale"], answer);
    if (/^(C|POSIX)(\.|$)/.test(String(answer))) return spoken;
    return withPackages(spoken, [isTree(recipe.rootfs) && "rpm" in recipe.rootfs ? "glibc-locale" : "locales-all"]);
  },
};

function distinct(values: readonly (string | undefined)[]): readonly Choice[] {
  return [...new Set(values)].flatMap((value) => (value === undefined ? [] : [{ value, name: value }]));
}
