import { didYouMean } from "../diagnostic/suggest.js";
import type { UserSpec } from "../recipe/spec.js";
import { ColonFile } from "./colon.js";
import type { Findings } from "./findings.js";
import type { Tree } from "./tree.js";

interface Files {
  readonly passwd: ColonFile;
  readonly shadow: ColonFile;
  readonly group: ColonFile;
  readonly gshadow: ColonFile;
  /** Days since 1970, shadow's unit. */
  readonly day: string;
}

/** What UID_MIN and UID_MAX of login.defs are by default. */
const FIRST = 1000;
const LAST = 59999;

/**
 * Brings the recipe's users in and takes every password out that the rootfs came with: afterwards nobody gets in
 * but those the recipe names. `epoch` dates the passwords, seconds.
 */
export function accounts(tree: Tree, users: readonly UserSpec[], epoch: number, findings: Findings): void {
  if (tree.text("etc/passwd") === undefined) {
    findings.mistake("no-passwd", "the rootfs has no /etc/passwd");
    return;
  }
  const files: Files = {
    passwd: new ColonFile(tree, "etc/passwd"),
    shadow: new ColonFile(tree, "etc/shadow"),
    group: new ColonFile(tree, "etc/group"),
    gshadow: new ColonFile(tree, "etc/gshadow"),
    day: String(Math.floor(epoch / 86400)),
  };
  const hadShadow = tree.has("etc/shadow");
  lockAll(files, findings);
  // Numbers that users ask for are taken before free ones are given out.
  for (const user of [...users].sort((a, b) => Number(b.uid !== undefined) - Number(a.uid !== undefined))) {
    addUser(tree, user, files, findings);
  }
  const shadowGroup = files.group.find("shadow")?.[2];
  const secret = shadowGroup === undefined ? { mode: 0o600 } : { mode: 0o640, gid: Number(shadowGroup) };
  files.passwd.save(tree);
  files.group.save(tree);
  files.shadow.save(tree, hadShadow ? {} : secret);
  if (tree.has("etc/gshadow")) files.gshadow.save(tree);
}

/** No password that came with a rootfs opens anything: each account without a locked one is locked. */
function lockAll({ passwd, shadow, day }: Files, findings: Findings): void {
  for (const [name = "", password = ""] of passwd.rows) {
    const secret = shadow.find(name)?.[1];
    const found = password === "x" ? secret : password;
    if (found !== undefined && !/^[*!]/.test(found)) {
      findings.note(
        `the rootfs's own password of ${name} (${found === "" ? "an empty one" : "a set one"}) is taken out`,
      );
    }
    if (secret === undefined) shadow.put([name, "*", day, "0", "99999", "7", "", "", ""]);
    else if (!/^[*!]/.test(secret)) shadow.set(name, 1, "*");
    passwd.set(name, 1, "x");
  }
}

function addUser(tree: Tree, user: UserSpec, files: Files, findings: Findings): void {
  const { passwd, shadow, group, gshadow, day } = files;
  const old = passwd.find(user.name);
  const wrong = (code: string, message: string, help?: string) =>
    findings.mistake(code, `user ${user.name}: ${message}`, help);

  if (user.passwordHash !== undefined && !/^\$[0-9a-z]+\$[^:\s]+$/.test(user.passwordHash)) {
    wrong(
      "password-hash",
      "its password-hash is none that crypt(3) makes",
      "make one with: mkpasswd --method=yescrypt",
    );
  }
  if (user.shell !== undefined && !tree.has(user.shell)) {
    wrong("unknown-shell", `its shell ${user.shell} is not in the rootfs`);
  }
  const owner = passwd.rows.find((row) => row[2] === String(user.uid) && row[0] !== user.name);
  if (owner) wrong("uid-taken", `its uid ${user.uid} belongs to ${owner[0]}`);
  if (old && user.uid !== undefined && old[2] !== String(user.uid)) {
    wrong("uid-differs", `the rootfs has it with uid ${old[2]}, the recipe says ${user.uid}`);
  }
  const names = group.rows.map((row) => row[0] ?? "");
  for (const name of user.groups) {
    if (names.includes(name)) continue;
    wrong("unknown-group", `the rootfs has no group "${name}"`, didYouMean(name, names));
  }

  const uid = Number(old?.[2] ?? user.uid ?? free(passwd));
  const gid = Number(old?.[3] ?? ownGroup(user.name, uid, files));
  const home = old?.[5] || `/home/${user.name}`;
  const shell = user.shell ?? old?.[6] ?? (tree.has("bin/bash") ? "/bin/bash" : "/bin/sh");
  passwd.put([user.name, "x", String(uid), String(gid), user.comment ?? old?.[4] ?? "", home, shell]);
  if (!shadow.find(user.name)) shadow.put([user.name, "*", day, "0", "99999", "7", "", "", ""]);
  if (user.passwordHash !== undefined) {
    shadow.set(user.name, 1, user.passwordHash);
    shadow.set(user.name, 2, day);
  }
  for (const name of user.groups) {
    group.append(name, 3, user.name);
    gshadow.append(name, 3, user.name);
  }
  makeHome(tree, home, uid, gid);
  if (user.sshKeys.length > 0) {
    tree.folder(`${home}/.ssh`, { mode: 0o700, uid, gid });
    const keys = user.sshKeys.map((key) => `${key.trim()}\n`).join("");
    tree.write(`${home}/.ssh/authorized_keys`, keys, { mode: 0o600, uid, gid });
  }
}

/** Each user has a group of its own name, as Debian and others do; with the uid's number when that is free. */
function ownGroup(name: string, uid: number, { group, gshadow }: Files): string {
  const old = group.find(name);
  if (old) return old[2] ?? String(uid);
  const gid = group.rows.some((row) => row[2] === String(uid)) ? free(group) : String(uid);
  group.put([name, "x", gid, ""]);
  gshadow.put([name, "!", "", ""]);
  return gid;
}

function free(file: ColonFile): string {
  const taken = new Set(file.rows.map((row) => Number(row[2])));
  let id = FIRST;
  while (taken.has(id) && id < LAST) id += 1;
  return String(id);
}

/** A home that is not there yet is a copy of /etc/skel. */
function makeHome(tree: Tree, home: string, uid: number, gid: number): void {
  if (tree.has(home)) return;
  tree.folder(home, { mode: 0o700, uid, gid });
  const copy = (from: string, to: string): void => {
    for (const name of tree.list(from)) {
      const node = tree.get(`${from}/${name}`, "keep");
      if (node?.type === "folder") {
        tree.folder(`${to}/${name}`, { mode: node.mode, uid, gid });
        copy(`${from}/${name}`, `${to}/${name}`);
      } else if (node?.type === "symlink") {
        tree.symlink(`${to}/${name}`, node.link ?? "", { uid, gid });
      } else if (node?.type === "file") {
        tree.write(`${to}/${name}`, tree.read(`${from}/${name}`) ?? "", { mode: node.mode, uid, gid });
      }
    }
  };
  copy("etc/skel", home);
}
