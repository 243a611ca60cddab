import type { Tree } from "./tree.js";

/** A file of lines with fields parted by colons: passwd(5), shadow(5), group(5), gshadow(5). Lines are edited by the name in front. */
export class ColonFile {
  readonly #path: string;
  readonly #lines: string[][];

  constructor(tree: Tree, path: string) {
    this.#path = path;
    const lines = (tree.text(path) ?? "").split("\n").filter((line) => line !== "");
    this.#lines = lines.map((line) => line.split(":"));
  }

  get rows(): readonly (readonly string[])[] {
    return this.#lines;
  }

  find(name: string): readonly string[] | undefined {
    return this.#lines.find((fields) => fields[0] === name);
  }

  /** Replaces the line of that name, or adds one. */
  put(fields: readonly string[]): void {
    const at = this.#lines.findIndex((line) => line[0] === fields[0]);
    if (at < 0) this.#lines.push([...fields]);
    else this.#lines[at] = [...fields];
  }

  /** Sets one field, counted from 0. */
  set(name: string, field: number, value: string): void {
    const line = this.#lines.find((fields) => fields[0] === name);
    if (line) line[field] = value;
  }

  /** Adds a name to a field that is a list with commas. */
  append(name: string, field: number, member: string): void {
    const line = this.#lines.find((fields) => fields[0] === name);
    if (!line) return;
    const members = (line[field] ?? "").split(",").filter(Boolean);
    if (!members.includes(member)) line[field] = [...members, member].join(",");
  }

  save(tree: Tree, access: { readonly mode?: number; readonly gid?: number } = {}): void {
    const text = this.#lines.map((fields) => `${fields.join(":")}\n`).join("");
    if (text !== tree.text(this.#path)) tree.write(this.#path, text, access);
  }
}
