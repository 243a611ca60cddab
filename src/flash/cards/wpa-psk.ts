import { pbkdf2Sync } from "node:crypto";

/** The key of a WPA network from its passphrase, 64 hex digits, as wpa_passphrase makes it. Source: IEEE 802.11-2016, J.4. */
export function wpaPsk(ssid: string, passphrase: string): string {
  return pbkdf2Sync(passphrase, Buffer.from(ssid, "utf8"), 4096, 32, "sha1").toString("hex");
}
