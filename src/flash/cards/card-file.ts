/**
 * The format that boardsmith's own first boot reads (docs/provisioning.md): card.txt on the provisioning partition, lines of a
 * word and what is said by it, and files/1, files/2, … beside it.
 *
 *   boardsmith-card 1
 *   hostname kiosk-01
 *   network eth0         dhcp | address A/N | gateway A | dns A | mac M    about the interface above them
 *   wifi wlan0           ssid-hex H | psk H | country C
 *   user ada             hash H | key LINE | group G | shell PATH
 *   file 1               to PATH | owner UID:GID | mode 0644
 *   end                  without it nothing is applied
 */
import type { FatFile } from "../../disk/fat-make.js";
import type { CardSettings } from "./settings.js";

export const CARD_FILE = "card.txt";

/** The files that boardsmith's first boot reads. */
export function cardFiles(card: CardSettings): readonly FatFile[] {
  const lines = [
    "boardsmith-card 1",
    `hostname ${card.hostname}`,
    ...card.network.flatMap((one) => [
      `network ${one.interface}`,
      ...(one.dhcp ? ["dhcp"] : []),
      ...said("address", one.address),
      ...said("gateway", one.gateway),
      ...one.dns.map((server) => `dns ${server}`),
      ...said("mac", one.mac),
    ]),
    ...(card.wifi
      ? [
          `wifi ${card.wifi.interface}`,
          `ssid-hex ${Buffer.from(card.wifi.ssid, "utf8").toString("hex")}`,
          ...said("psk", card.wifi.psk),
          ...said("country", card.wifi.country),
        ]
      : []),
    ...card.users.flatMap((user) => [
      `user ${user.name}`,
      ...said("hash", user.passwordHash),
      ...user.sshKeys.map((key) => `key ${key}`),
      ...user.groups.map((group) => `group ${group}`),
      ...said("shell", user.shell),
    ]),
    ...card.files.flatMap(({ to, uid, gid, mode }, index) => [
      `file ${index + 1}`,
      `to ${to}`,
      `owner ${uid}:${gid}`,
      `mode ${octal(mode)}`,
    ]),
    "end",
  ];
  return [
    { path: CARD_FILE, bytes: Buffer.from(`${lines.join("\n")}\n`) },
    ...card.files.map(({ bytes }, index) => ({ path: `files/${index + 1}`, bytes })),
  ];
}

const said = (word: string, value: string | undefined): readonly string[] =>
  value === undefined ? [] : [`${word} ${value}`];

/** A mode as chmod takes it. */
export const octal = (mode: number): string => mode.toString(8).padStart(4, "0");
