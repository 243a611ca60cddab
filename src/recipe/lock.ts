import type { Location } from "../diagnostic/diagnostic.js";
import type { PackagePin, SourcePin } from "./pins.js";

/** What a package set was solved for; another wish makes the set stale. */
export interface PackageWish {
  readonly distro: string;
  readonly suite: string;
  readonly arch: string;
  readonly recommends: boolean;
  /** As the recipe names them, sorted. */
  readonly packages: readonly string[];
}

/** A recipe's lock file: what its moving names meant when it was locked. Archives with a digest and commits need no entry. */
export interface LockFile {
  readonly sources: { readonly [name: string]: SourcePin };
  readonly packages?: { readonly wish: PackageWish; readonly set: readonly PackagePin[] };
}

/** A lock file as read, with the place of each entry. */
export interface PlacedLock extends LockFile {
  /** Of the key of a source, by its name. */
  readonly sourceAt: { readonly [name: string]: Location };
  readonly packagesAt?: Location;
}
