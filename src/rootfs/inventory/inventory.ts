import type { Tree } from "../tree.js";
import type { Licence } from "./copyright.js";
import { debianPackages } from "./debian.js";

/** What a root filesystem says it is made of. */
export interface Inventory {
  /** From os-release(5); absent when there is none. */
  readonly os?: {
    readonly id: string;
    readonly name: string;
    readonly version?: string;
    /** Debian's name of the release, e.g. `trixie`. */
    readonly codename?: string;
  };
  /** Sorted by name, then architecture. */
  readonly packages: readonly InstalledPackage[];
}

export interface InstalledPackage {
  /** Of the package, and of its purl. */
  readonly kind: "deb";
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  /** The source package it was built from, when that is named otherwise. */
  readonly source?: string;
  /** Absent when the package does not say, or not in a form that can be read. */
  readonly licences?: readonly Licence[];
}

/** Reads the package database and the release's name. A tree without either gives an inventory without either. */
export function inventoryOf(tree: Tree): Inventory {
  const os = osRelease(tree);
  return { ...(os ? { os } : {}), packages: debianPackages(tree) };
}

function osRelease(tree: Tree): Inventory["os"] {
  const text = tree.text("etc/os-release") ?? tree.text("usr/lib/os-release");
  if (text === undefined) return undefined;
  const value = (key: string) => new RegExp(`^${key}=["']?([^"'\\n]*)["']?$`, "m").exec(text)?.[1];
  const [version, codename] = [value("VERSION_ID"), value("VERSION_CODENAME")];
  const id = value("ID") ?? "linux";
  return {
    id,
    name: value("NAME") ?? id,
    ...(version === undefined ? {} : { version }),
    ...(codename === undefined ? {} : { codename }),
  };
}
