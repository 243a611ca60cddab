import type { FatFile } from "../../disk/fat-make.js";
import { sha256 } from "../../util/canonical.js";
import { octal } from "./card-file.js";
import type { CardSettings } from "./settings.js";

/**
 * cloud-init's files on a filesystem labelled CIDATA. JSON is YAML, and needs no rules for quotes.
 * Source: cloud-init's documentation, "NoCloud" and "Networking config Version 2".
 */
export function noCloudFiles(card: CardSettings): readonly FatFile[] {
  const network = networkConfig(card);
  const made: { readonly [name: string]: Buffer | undefined } = {
    "meta-data": yaml({ "instance-id": instanceId(card), "local-hostname": card.hostname }),
    "user-data": Buffer.from(`#cloud-config\n${yaml(userData(card))}`),
    "network-config": network === undefined ? undefined : yaml(network),
    "vendor-data": undefined,
  };
  return Object.keys(made).flatMap((name) => {
    const bytes = card.seed[name as keyof CardSettings["seed"]] ?? made[name];
    return bytes ? [{ path: name, bytes }] : [];
  });
}

/** Another one makes cloud-init take the card for a new machine: host keys are made anew, the settings applied. */
function instanceId(card: CardSettings): string {
  const told = JSON.stringify(card, (_, value) => (Buffer.isBuffer(value) ? sha256(value.toString("base64")) : value));
  return `boardsmith-${card.hostname}-${sha256(told).slice(0, 12)}`;
}

function userData({ hostname, users, files }: CardSettings): object {
  return {
    hostname,
    preserve_hostname: false,
    ...(users.length === 0 ? {} : { users: ["default", ...users.map(userOf)] }),
    ...(users.some(({ name }) => name === "root") ? { disable_root: false } : {}),
    ...(files.length === 0
      ? {}
      : {
          write_files: files.map(({ to, uid, gid, mode, bytes }) => ({
            path: to,
            owner: `${uid}:${gid}`,
            permissions: octal(mode),
            encoding: "b64",
            content: bytes.toString("base64"),
          })),
        }),
  };
}

function userOf({ name, passwordHash, sshKeys, groups, shell }: CardSettings["users"][number]): object {
  return {
    name,
    // For a user that the image has as well as for a new one.
    ...(passwordHash === undefined ? {} : { hashed_passwd: passwordHash, lock_passwd: false }),
    ...(sshKeys.length === 0 ? {} : { ssh_authorized_keys: sshKeys }),
    ...(groups.length === 0 ? {} : { groups: groups.join(",") }),
    ...(shell === undefined ? {} : { shell }),
  };
}

function networkConfig({ network, wifi }: CardSettings): object | undefined {
  if (network.length === 0 && !wifi) return undefined;
  return {
    version: 2,
    ...(network.length === 0
      ? {}
      : { ethernets: Object.fromEntries(network.map((one) => [one.interface, ethernet(one)])) }),
    ...(wifi
      ? {
          wifis: {
            [wifi.interface]: {
              dhcp4: true,
              ...(wifi.country === undefined ? {} : { "regulatory-domain": wifi.country }),
              // netplan takes 64 hex digits for the derived key.
              "access-points": { [wifi.ssid]: wifi.psk === undefined ? {} : { password: wifi.psk } },
            },
          },
        }
      : {}),
  };
}

function ethernet(one: CardSettings["network"][number]): object {
  const everywhere = one.gateway?.includes(":") ? "::/0" : "0.0.0.0/0";
  return {
    ...(one.mac === undefined ? {} : { match: { name: one.interface }, macaddress: one.mac }),
    // Who says nothing of addresses means to ask for one.
    ...(one.address === undefined ? { dhcp4: true } : { addresses: [one.address] }),
    ...(one.gateway === undefined ? {} : { routes: [{ to: everywhere, via: one.gateway }] }),
    ...(one.dns.length === 0 ? {} : { nameservers: { addresses: one.dns } }),
  };
}

const yaml = (value: object): Buffer => Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`);
