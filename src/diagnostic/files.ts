/** What loading may ask of a file system. Given by the cli (node) and by tests (a map), so that recipes stay pure. */
export interface Files {
  /** The file's text, or undefined when there is no such file. */
  text(path: string): Promise<string | undefined>;
  /** What stands at the path, links followed; undefined for nothing. */
  stat(path: string): Promise<"file" | "tree" | undefined>;
  /** Names in a folder, sorted; empty when there is no such folder. */
  list(path: string): Promise<readonly string[]>;
  /** SHA-256 of a file's bytes. */
  digestFile(path: string): Promise<string>;
  /** SHA-256 of a folder's names, modes, link targets and bytes, with every file and folder that went into it. */
  digestTree(path: string): Promise<{ readonly sha256: string; readonly files: readonly string[] }>;
}

/** Where recipes and boards are looked for: the user's folder first, then boardsmith's own. */
export interface Homes {
  readonly cwd: string;
  readonly home: string;
}
