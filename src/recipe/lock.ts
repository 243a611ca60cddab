import type { Location } from "../diagnostic/diagnostic.js";
import type { PackagePin, RpmPin, SourcePin } from "./pins.js";

/** What a package set was solved for; another wish makes the set stale. */
export interface PackageWish {
  readonly distro: string;
  readonly suite: string;
  readonly arch: string;
  readonly recommends: boolean;
  /** As the recipe names them, sorted. */
  readonly packages: readonly string[];
}

/** What a set of rpm packages was solved for. */
export interface RpmWish {
  readonly distro: string;
  readonly arch: string;
  readonly recommends: boolean;
  /** As the recipe names them, each list sorted. */
  readonly packages: readonly string[];
  readonly patterns: readonly string[];
  readonly exclude: readonly string[];
  readonly repositories: { readonly [name: string]: { readonly url: string; readonly priority: number } };
}

/** A recipe's lock file: what its moving names meant when it was locked. Archives with a digest and commits need no entry. */
export interface LockFile {
  readonly sources: { readonly [name: string]: SourcePin };
  readonly packages?: { readonly wish: PackageWish; readonly set: readonly PackagePin[] };
  readonly rpms?: { readonly wish: RpmWish; readonly set: readonly RpmPin[] };
}

/** A lock file as read, with the place of each entry. */
export interface PlacedLock extends LockFile {
  /** Of the key of a source, by its name. */
  readonly sourceAt: { readonly [name: string]: Location };
  readonly packagesAt?: Location;
}
