import type { FatFile } from "../../disk/fat-make.js";
import { connections } from "./network-manager.js";
import type { CardSettings } from "./settings.js";

/**
 * Ignition's configuration on a filesystem labelled `ignition`. Somebody's own is merged into it, as another document.
 * Source: Ignition's configuration specification 3.2.0.
 */
export function ignitionFiles(card: CardSettings): readonly FatFile[] {
  const { hostname, users, files, seed } = card;
  const written = [
    { path: "/etc/hostname", uid: 0, gid: 0, mode: 0o644, bytes: Buffer.from(`${hostname}\n`) },
    ...connections(card).map(({ path, text }) => ({ path, uid: 0, gid: 0, mode: 0o600, bytes: Buffer.from(text) })),
    ...files.map(({ to, ...file }) => ({ path: to, ...file })),
  ];
  const config = {
    ignition: {
      version: "3.2.0",
      ...(seed.ignition ? { config: { merge: [{ source: dataUrl(seed.ignition) }] } } : {}),
    },
    ...(users.length === 0 ? {} : { passwd: { users: users.map(userOf) } }),
    storage: {
      files: written.map(({ path, uid, gid, mode, bytes }) => ({
        path,
        overwrite: true,
        mode,
        user: { id: uid },
        group: { id: gid },
        contents: { source: dataUrl(bytes) },
      })),
    },
  };
  return [{ path: "ignition/config.ign", bytes: Buffer.from(`${JSON.stringify(config, undefined, 2)}\n`) }];
}

function userOf({ name, passwordHash, sshKeys, groups, shell }: CardSettings["users"][number]): object {
  return {
    name,
    ...(passwordHash === undefined ? {} : { passwordHash }),
    ...(sshKeys.length === 0 ? {} : { sshAuthorizedKeys: sshKeys }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(shell === undefined ? {} : { shell }),
  };
}

const dataUrl = (bytes: Buffer): string => `data:;base64,${bytes.toString("base64")}`;
