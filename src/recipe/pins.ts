/** What the lock file holds: for every moving name of a recipe, the one thing it meant when it was locked. */
export interface Pins {
  readonly sources: { readonly [name: string]: SourcePin };
  /** Present for `rootfs: distro`: the whole solved package set. */
  readonly packages?: readonly PackagePin[];
  /** Present for `rootfs: rpm`, likewise. */
  readonly rpms?: readonly RpmPin[];
}

export type SourcePin =
  | {
      readonly kind: "git";
      readonly url: string;
      /** `branch NAME`, `tag NAME` or the commit, from the recipe: a changed recipe makes the pin stale. */
      readonly ref: string;
      /** 40 hex digits. */
      readonly commit: string;
    }
  | { readonly kind: "http"; readonly sha256: string }
  | {
      readonly kind: "distro";
      readonly package: string;
      readonly version: string;
      /** Paths below the distribution's archive root (`pool/main/l/linux/…`): tarballs and diff, without .dsc and signatures. */
      readonly files: readonly { readonly path: string; readonly sha256: string; readonly size: number }[];
    };

export interface PackagePin {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  /** Below the archive root. */
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
}

/** One package of an rpm-md repository. */
export interface RpmPin {
  readonly name: string;
  /** EPOCH:VERSION-RELEASE; without an epoch VERSION-RELEASE. */
  readonly version: string;
  readonly arch: string;
  /** Name of the recipe's repository it comes from. */
  readonly repository: string;
  /** Below the repository's URL. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Algorithm and hex digits, as the repository's metadata has them: `sha256:…` or `sha512:…`. */
  readonly checksum: string;
  /** It came to a set that was locked before: installed by a second transaction, so that the first one's result is kept. */
  readonly added?: true;
}
