import { createHash } from "node:crypto";
import type { OwnCard } from "./own-of.js";

/** What a card's record says of its row: nothing that is secret. */
export interface CardFacts {
  readonly hostname: string;
  readonly network: readonly { readonly interface: string; readonly address?: string; readonly mac?: string }[];
  readonly users: readonly {
    readonly name: string;
    readonly password: boolean;
    /** Fingerprints, as `ssh-keygen -l` prints them. */
    readonly keys: readonly string[];
  }[];
  readonly wifi?: string;
  readonly files: readonly string[];
  /** Bytes of the card in which it differs from the image. */
  readonly own: { readonly start: number; readonly end: number };
}

export function cardFacts({ row, own }: OwnCard): CardFacts {
  const { hostname, network, users, wifi, files, seed } = row.settings;
  return {
    hostname,
    network: network.map(({ interface: name, address, mac }) => ({
      interface: name,
      ...(address === undefined ? {} : { address }),
      ...(mac === undefined ? {} : { mac }),
    })),
    users: users.map(({ name, passwordHash, sshKeys }) => ({
      name,
      password: passwordHash !== undefined,
      keys: sshKeys.map(fingerprint),
    })),
    ...(wifi ? { wifi: wifi.ssid } : {}),
    files: [...files.map(({ to }) => to), ...Object.keys(seed)],
    own: { start: own.start, end: own.end },
  };
}

/** Of a line of authorized_keys; options may stand in front of the key. */
function fingerprint(line: string): string {
  const blob = line.split(/\s+/).find((word) => word.startsWith("AAAA")) ?? "";
  return `SHA256:${createHash("sha256").update(Buffer.from(blob, "base64")).digest("base64").replace(/=+$/, "")}`;
}
