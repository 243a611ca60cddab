import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Refused } from "../../../src/diagnostic/failure.js";
import { renderDiagnostics } from "../../../src/diagnostic/render.js";
import type { FatFile } from "../../../src/disk/fat-make.js";
import { cardFacts } from "../../../src/flash/cards/card-facts.js";
import { cardFiles } from "../../../src/flash/cards/card-file.js";
import { combustionFiles } from "../../../src/flash/cards/combustion.js";
import { parseCsv } from "../../../src/flash/cards/csv.js";
import { ignitionFiles } from "../../../src/flash/cards/ignition.js";
import { noCloudFiles } from "../../../src/flash/cards/nocloud.js";
import { cardOfWords, readCards } from "../../../src/flash/cards/read-cards.js";
import { wpaPsk } from "../../../src/flash/cards/wpa-psk.js";
import { tempFolder } from "../../rig/temp-folder.js";

const BAD = join(import.meta.dirname, "../../bad/cards");

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return `${renderDiagnostics(error.diagnostics, { colour: false, cwd: BAD }).trimEnd()}\n`;
  }
  return "";
}

describe("a list of cards with a mistake", () => {
  const lists = readdirSync(BAD).filter((name) => /\.(csv|yaml)$/.test(name));
  test.each(lists)("%s is told all that is wrong with it", async (name) => {
    const said = refusal(() => readCards(join(BAD, name), name));
    expect(said).not.toBe("");
    await expect(said.replaceAll(BAD, "FOLDER")).toMatchFileSnapshot(join(BAD, `${name}.txt`));
  });
});

test.each([
  [
    ["hostname"],
    "--set:1:1: error: --set wants NAME=VALUE [bad-set]\n  1 | hostname\n    | ^^^^^^^^\n  help: say --set hostname=kiosk-01\n\n1 error\n",
  ],
  [
    ["hostname=kiosk-01", "passwd=hunter2"],
    "--set:2:1: error: a password in clear text has no place in a list of cards [clear-password]\n  2 | passwd=*******\n    | ^^^^^^\n  help: make a hash with `openssl passwd -6` or `mkpasswd`, and give it as `password-hash`; --password asks and hashes\n\n1 error\n",
  ],
])("--set %j is refused", (words, message) => {
  expect(refusal(() => cardOfWords(words, BAD))).toBe(message);
});

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKHEMZ1J0VFkQzBXq3qvSYTvPmHcMTWZ7xMGlUz0YMdq ada";
/** As `ssh-keygen -l` prints it. */
const FINGERPRINT = "SHA256:s7+oHyBRMDBLWextetuPmbTeMPppdboXAjWTVX9l0NE";
const HASH = "$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/";
const PSK = "0b".repeat(32);

/** The same card as a row and as YAML. */
async function lists(): Promise<{ readonly csv: string; readonly yaml: string; readonly folder: string }> {
  const folder = await tempFolder();
  writeFileSync(join(folder, "motd"), "hello\n");
  const [csv, yaml] = [join(folder, "cards.csv"), join(folder, "cards.yaml")];
  writeFileSync(
    csv,
    `\ufeffhostname;address;gateway;dns;mac;user;password-hash;ssh-key;groups;wifi-ssid;wifi-psk;wifi-country;file:/etc/motd\r
# a line of words\r
kiosk-01;192.0.2.11/24;192.0.2.1;192.0.2.1 2001:db8::1;02:00:5E:10:00:01;ada;${HASH};"${KEY}";sudo video;"a ""net""; work";${PSK};DE;motd\r
\r
kiosk-02;;;;;;;;;;;;`,
  );
  writeFileSync(
    yaml,
    `all:
  users: [{ name: ada, password-hash: "${HASH}", ssh-keys: ["${KEY}"], groups: [sudo, video] }]
cards:
  - hostname: kiosk-01
    network:
      - { address: 192.0.2.11/24, gateway: 192.0.2.1, dns: [192.0.2.1, "2001:db8::1"], mac: 02:00:5E:10:00:01 }
    wifi: { ssid: 'a "net"; work', psk: ${PSK}, country: DE }
    files: [{ from: motd, to: /etc/motd }]
  - { hostname: kiosk-02, users: [] }
`,
  );
  return { csv, yaml, folder };
}

test("a row and a map say the same", async () => {
  const { csv, yaml } = await lists();
  const [rows, maps] = [readCards(csv, "cards.csv"), readCards(yaml, "cards.yaml")];
  expect(rows.map(({ settings }) => settings)).toEqual(maps.map(({ settings }) => settings));
  expect(rows.map(({ at }) => at.line)).toEqual([3, 5]);
});

test("the file that boardsmith's first boot reads", async () => {
  const [one, two] = readCards((await lists()).csv, "cards.csv").map(({ settings }) => cardFiles(settings));
  const text = `boardsmith-card 1
hostname kiosk-01
network eth0
address 192.0.2.11/24
gateway 192.0.2.1
dns 192.0.2.1
dns 2001:db8::1
mac 02:00:5e:10:00:01
wifi wlan0
ssid-hex 6120226e6574223b20776f726b
psk ${PSK}
country DE
user ada
hash ${HASH}
key ${KEY}
group sudo
group video
file 1
to /etc/motd
owner 0:0
mode 0644
end
`;
  expect(one?.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()])).toEqual([
    ["card.txt", text],
    ["files/1", "hello\n"],
  ]);
  expect(Buffer.from(two?.[0]?.bytes ?? "").toString()).toBe("boardsmith-card 1\nhostname kiosk-02\nend\n");
});

test("the files of cloud-init, Ignition and Combustion", async () => {
  const [card] = readCards((await lists()).csv, "cards.csv").map(({ settings }) => settings);
  if (!card) throw new Error("no card");
  const files = [...noCloudFiles(card), ...ignitionFiles(card), ...combustionFiles(card)];
  const text = files.map(({ path, bytes }) => `== ${path}\n${Buffer.from(bytes).toString()}`).join("");
  await expect(text).toMatchFileSnapshot("card-files.txt");
  // A row that changed is another machine to cloud-init.
  const other = noCloudFiles({ ...card, files: [] }).find(({ path }) => path === "meta-data");
  expect(Buffer.from(other?.bytes ?? "").toString()).not.toContain(/"instance-id": "([^"]+)"/.exec(text)?.[1]);
});

test("what somebody wrote for cloud-init, Ignition or Combustion is taken as it is", async () => {
  const folder = await tempFolder();
  const said = {
    "user-data": "#cloud-config\n{}\n",
    ignition: '{ "ignition": { "version": "3.4.0" } }',
    combustion: "#!/bin/sh\n",
  };
  for (const [name, text] of Object.entries(said)) writeFileSync(join(folder, name), text);
  const words = ["hostname=kiosk-01", ...Object.keys(said).map((name) => `${name}=${name}`)];
  const [card] = cardOfWords(words, folder).map(({ settings }) => settings);
  if (!card) throw new Error("no card");
  const of = (files: readonly FatFile[], name: string) =>
    Buffer.from(files.find(({ path }) => path === name)?.bytes ?? "").toString();
  expect(of(noCloudFiles(card), "user-data")).toBe(said["user-data"]);
  expect(of(noCloudFiles(card), "meta-data")).toContain('"local-hostname": "kiosk-01"');
  expect(of(combustionFiles(card), "combustion/script")).toBe(said.combustion);
  const merged = JSON.parse(of(ignitionFiles(card), "ignition/config.ign"));
  expect(merged.ignition.config.merge).toEqual([
    { source: `data:;base64,${Buffer.from(said.ignition).toString("base64")}` },
  ]);
});

test("a record says of a row what is no secret", async () => {
  const [row] = readCards((await lists()).csv, "cards.csv");
  if (!row) throw new Error("no row");
  const facts = cardFacts({ row, own: { start: 4096, end: 8192, bytes: Buffer.alloc(0), digest: "" } });
  expect(facts).toEqual({
    hostname: "kiosk-01",
    network: [{ interface: "eth0", address: "192.0.2.11/24", mac: "02:00:5e:10:00:01" }],
    users: [{ name: "ada", password: true, keys: [FINGERPRINT] }],
    wifi: 'a "net"; work',
    files: ["/etc/motd"],
    own: { start: 4096, end: 8192 },
  });
  expect(JSON.stringify(facts)).not.toMatch(new RegExp(`${PSK}|saltsalt`));
});

test("a Wi-Fi key is derived as wpa_passphrase does it", () => {
  // IEEE 802.11-2016, J.4.2.
  expect(wpaPsk("IEEE", "password")).toBe("f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e");
});

test("cells may hold commas, quotes and line ends", () => {
  const { rows } = parseCsv("a.csv", 'a,"b, c","d ""e""\nf"\n\n# no row\n, g ,\n');
  expect(rows.map((cells) => cells.map(({ text }) => text))).toEqual([
    ["a", "b, c", 'd "e"\nf'],
    ["", "g", ""],
  ]);
});
