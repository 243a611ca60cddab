import type { Location } from "../../diagnostic/diagnostic.js";

/** What makes one card another than the image it was written from. */
export interface CardSettings {
  readonly hostname: string;
  readonly network: readonly NetworkSetting[];
  readonly users: readonly UserSetting[];
  readonly wifi?: WifiSetting;
  readonly files: readonly FileSetting[];
  /** Files for cloud-init, Ignition or Combustion, as somebody wrote them. */
  readonly seed: { readonly [name in SeedName]?: Buffer };
}

export interface NetworkSetting {
  readonly interface: string;
  readonly dhcp: boolean;
  /** With prefix length. */
  readonly address?: string;
  readonly gateway?: string;
  readonly dns: readonly string[];
  /** Lower case, with colons. */
  readonly mac?: string;
}

export interface UserSetting {
  readonly name: string;
  readonly passwordHash?: string;
  readonly sshKeys: readonly string[];
  readonly groups: readonly string[];
  readonly shell?: string;
}

export interface WifiSetting {
  readonly interface: string;
  readonly ssid: string;
  /** 64 hex digits; undefined for an open network. */
  readonly psk?: string;
  /** ISO 3166, two letters. */
  readonly country?: string;
}

export interface FileSetting {
  readonly to: string;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  readonly bytes: Buffer;
}

/** Files that are put onto the partition as they are, by what they are called in a row. */
export const SEEDS = ["user-data", "meta-data", "network-config", "vendor-data", "ignition", "combustion"] as const;
export type SeedName = (typeof SEEDS)[number];

/** One row: a card's settings and where they were written down. */
export interface CardRow {
  readonly settings: CardSettings;
  readonly at: Location;
}
