import type { Facts } from "../plan/step.js";

/** A result as recorded: what made it and what it is. */
export interface Result {
  readonly key: string;
  readonly step: string;
  readonly facts: Facts;
  readonly outputs: { readonly [name: string]: StoredObject };
  /** Wall seconds it took. */
  readonly seconds: number;
  /** ISO time of the commit. */
  readonly at: string;
  /** Versions of the packages in the tool images it was made in. Absent where no tool was used, or the engine could not tell. */
  readonly tools?: ToolVersions;
}

/** Version by package by tool image. */
export type ToolVersions = { readonly [tool: string]: { readonly [name: string]: string } };

export interface StoredObject {
  readonly digest: string;
  /** Apparent size, bytes. */
  readonly size: number;
  readonly kind: "file" | "sparse";
}

/**
 * Objects by content and results by key, in a folder. Everything appears by rename:
 * a killed process leaves nothing that a later one could mistake for done.
 */
export interface Store {
  readonly root: string;
  /** The result for a key, when it is recorded and each of its objects is there with its size; otherwise undefined. */
  find(key: string): Promise<Result | undefined>;
  /** Absolute path of an object's file, read-only. */
  path(object: StoredObject): string;
  /** A fresh folder under the store's own file system; gone after dispose, or at the next start if this process is killed. */
  scratch(name: string): Promise<Scratch>;
  /** Moves outputs (paths inside a scratch folder) in as objects and records the result, at once. */
  commit(
    key: string,
    step: string,
    facts: Facts,
    outputs: { readonly [name: string]: { readonly path: string; readonly kind: "file" | "sparse" } },
    seconds: number,
    tools?: ToolVersions,
  ): Promise<Result>;
  /** Brings a local file's content in as an object (copy, digest checked). */
  importFile(path: string, sha256: string): Promise<StoredObject>;
  /** Brings a local tree in as a deterministic tar; `sha256` is the tree's digest, checked. */
  importTree(path: string, sha256: string): Promise<StoredObject>;
  /** A folder kept between runs, e.g. `ccache`. */
  cache(name: string): Promise<string>;
  /** One holder at a time per name across processes; waits, telling whom it waits for once. */
  lock(name: string, onWait: (holder: string) => void, signal: AbortSignal): Promise<AsyncDisposable>;
}

export interface Scratch extends AsyncDisposable {
  readonly path: string;
}
