import type { FatFile } from "../../disk/fat-make.js";
import { octal } from "./card-file.js";
import { connections } from "./network-manager.js";
import type { CardSettings, FileSetting } from "./settings.js";

/** Combustion's script on a filesystem labelled `combustion`: it runs in the new root before that is handed over. */
export function combustionFiles(card: CardSettings): readonly FatFile[] {
  return [{ path: "combustion/script", bytes: card.seed.combustion ?? Buffer.from(script(card)) }];
}

function script(card: CardSettings): string {
  const files: readonly FileSetting[] = [
    { to: "/etc/hostname", uid: 0, gid: 0, mode: 0o644, bytes: Buffer.from(`${card.hostname}\n`) },
    ...connections(card).map(({ path, text }) => ({ to: path, uid: 0, gid: 0, mode: 0o600, bytes: Buffer.from(text) })),
    ...card.files,
  ];
  return `${[
    "#!/bin/bash",
    "# combustion: what makes this card its own, written while it was flashed",
    "set -eu",
    ...files.flatMap(writeFile),
    ...card.users.flatMap(makeUser),
  ].join("\n")}\n`;
}

function writeFile({ to, uid, gid, mode, bytes }: FileSetting): readonly string[] {
  return [
    `mkdir -p ${quoted(to.slice(0, to.lastIndexOf("/")) || "/")}`,
    `base64 -d >${quoted(to)} <<'END'`,
    bytes.toString("base64").replace(/.{76}(?=.)/g, "$&\n"),
    "END",
    `chown ${uid}:${gid} ${quoted(to)}`,
    `chmod ${octal(mode)} ${quoted(to)}`,
  ];
}

function makeUser({ name, passwordHash, sshKeys, groups, shell }: CardSettings["users"][number]): readonly string[] {
  return [
    `id ${name} >/dev/null 2>&1 || useradd -m ${name}`,
    ...(shell === undefined ? [] : [`usermod -s ${quoted(shell)} ${name}`]),
    ...groups.map((group) => `usermod -a -G ${group} ${name}`),
    ...(passwordHash === undefined ? [] : [`usermod -p ${quoted(passwordHash)} ${name}`]),
    ...(sshKeys.length === 0
      ? []
      : [
          `home=$(getent passwd ${name} | cut -d: -f6)`,
          `install -d -m 0700 -o ${name} -g "$(id -g ${name})" "$home/.ssh"`,
          ...sshKeys.map((key) => `printf '%s\\n' ${quoted(key)} >>"$home/.ssh/authorized_keys"`),
          `chown ${name}: "$home/.ssh/authorized_keys"`,
          'chmod 0600 "$home/.ssh/authorized_keys"',
        ]),
  ];
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
