import { z } from "zod";
import { Provision, User } from "../../recipe/schema/provision.js";
import { form, path } from "../../recipe/schema/text.js";

const interfaceName = () => form(/^[A-Za-z0-9_.-]{1,15}$/, "an interface such as eth0");

const Network = z.strictObject({
  interface: interfaceName().default("eth0").describe("Name of the interface."),
  dhcp: z.boolean().default(false).describe("Ask a DHCP server. Either this or an address."),
  address: z.string().optional().describe("Static address with prefix length, such as 192.0.2.10/24."),
  gateway: z.string().optional().describe("Default gateway."),
  dns: z.array(z.string()).default([]).describe("Name servers."),
  mac: form(/^[0-9A-Fa-f][02468ACEace](:[0-9A-Fa-f]{2}){5}$/, "a unicast address such as 02:00:5e:10:00:01")
    .optional()
    .describe("Hardware address, six bytes with colons."),
});

const Wifi = z.strictObject({
  ssid: form(/^[^\n]{1,32}$/, "a network's name, at most 32 bytes").describe("Name of the network."),
  psk: form(/^[0-9A-Fa-f]{64}$/, "64 hex digits, as `wpa_passphrase SSID` prints them behind psk=")
    .optional()
    .describe("Key of the network, derived from its passphrase; without it, an open network."),
  country: form(/^[A-Z]{2}$/, "two capitals, such as DE")
    .optional()
    .describe("Country whose channels may be used."),
  interface: interfaceName().default("wlan0").describe("Name of the interface."),
});

const File = z.strictObject({
  from: path().describe("File on this machine, relative to the list of cards."),
  to: form(/^(\/[^/\n]+)+$/, "an absolute path such as /etc/motd").describe("Where it goes on the card."),
  owner: form(/^\d{1,10}:\d{1,10}$/, 'numeric "uid:gid"')
    .default("0:0")
    .describe("Owner, `uid:gid`."),
  mode: form(/^0?[0-7]{3,4}$/, 'an octal mode in quotes, such as "0644"')
    .default("0644")
    .describe("Mode."),
});

const seed = (what: string) => path().optional().describe(`File that is put onto the partition as it is: ${what}.`);

/** What one card is given; CSV's columns stand for the same. */
const Card = z.strictObject({
  hostname: Provision.shape.hostname.unwrap().describe("Host name; each card's own."),
  network: z.array(Network).default([]).describe("Interfaces."),
  users: z.array(User).default([]).describe("Users, added to the image's or given another password and more keys."),
  wifi: Wifi.optional().describe("A wireless network."),
  files: z.array(File).default([]).describe("Files of yours."),
  "user-data": seed("cloud-init's"),
  "meta-data": seed("cloud-init's, in place of the one made from the host name"),
  "network-config": seed("cloud-init's, in place of the one made from `network`"),
  "vendor-data": seed("cloud-init's"),
  ignition: seed("Ignition's configuration, which the card's other settings are added to"),
  combustion: seed("Combustion's script, in place of the one made from the card's settings"),
});

/** A list of cards, after `all:` has become part of each. */
export const CardsSchema = z.strictObject({
  cards: z.array(Card).min(1).describe("One for each card, in the order in which they are written."),
});
export type CardsFile = z.output<typeof CardsSchema>;
