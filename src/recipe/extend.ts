import { dirname, resolve } from "node:path";
import type { Diagnostic } from "../diagnostic/diagnostic.js";
import type { Files } from "../diagnostic/files.js";
import { find, type Path, type Placed, type PlacedMap } from "../diagnostic/placed.js";
import { kindsOf } from "../diagnostic/validate.js";
import { parseYaml } from "../diagnostic/yaml.js";
import { type Exclusive, merge } from "./merge.js";
import { Kernel } from "./schema/build.js";
import { Rootfs } from "./schema/rootfs.js";
import { Sources } from "./schema/sources.js";
import { Xen } from "./schema/xen.js";

/** A recipe file with all it extends merged under it, and every file that was read for that. */
export interface Extended {
  readonly root?: PlacedMap;
  readonly read: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads `file` and what it extends, depth first; a cycle, a missing file and a file that is no map are mistakes. */
export async function extend(file: string, files: Files, chain: readonly string[] = []): Promise<Extended> {
  const text = await files.text(file);
  if (text === undefined) {
    return { read: [], diagnostics: [{ severity: "error", code: "no-such-file", message: `cannot read ${file}` }] };
  }
  const parsed = parseYaml(file, text);
  if (parsed.root === undefined) return { read: [file], diagnostics: parsed.diagnostics };
  const own = parsed.root;
  if (own.kind !== "map") {
    const message = "a recipe is a map of keys";
    const at = own.at;
    return {
      read: [file],
      diagnostics: [...parsed.diagnostics, { severity: "error", code: "wrong-type", message, at }],
    };
  }
  const diagnostics = [...parsed.diagnostics];
  const read = [file];
  let merged: Placed | undefined;
  for (const wish of wishes(own)) {
    const base = resolve(dirname(file), String(wish.value));
    const loop = [...chain, file];
    if (loop.includes(base)) {
      const way = [...loop.slice(loop.indexOf(base)), base].map((step) => step.slice(dirname(base).length + 1) || step);
      diagnostics.push(mistake("extends-cycle", `recipes extend each other: ${way.join(" → ")}`, wish.at));
      continue;
    }
    if ((await files.stat(base)) !== "file") {
      diagnostics.push(mistake("no-such-file", `no file "${wish.value}" to extend`, wish.at, `looked for ${base}`));
      continue;
    }
    const under = await extend(base, files, loop);
    read.push(...under.read);
    diagnostics.push(...under.diagnostics);
    if (under.root) merged = merged ? merge(merged, under.root, exclusives) : under.root;
  }
  const root = merged ? merge(merged, own, exclusives) : own;
  return { ...(root.kind === "map" ? { root } : {}), read, diagnostics };
}

function wishes(own: PlacedMap): readonly Extract<Placed, { kind: "scalar" }>[] {
  const value = find(own, "extends");
  const all = value?.kind === "list" ? value.values : value ? [value] : [];
  return all.filter(
    (wish): wish is Extract<Placed, { kind: "scalar" }> => wish.kind === "scalar" && typeof wish.value === "string",
  );
}

/** A source, kernel, rootfs or first boot of another kind replaces the extended one whole; another git ref replaces the ref alone. */
export function exclusives(path: Path): readonly Exclusive[] {
  if (path.length === 1 && path[0] === "rootfs") return [{ keys: kindsOf(Rootfs), displaces: "map" }];
  if (path.length === 1 && path[0] === "kernel") return [{ keys: kindsOf(Kernel), displaces: "map" }];
  if (path.length === 1 && path[0] === "xen") return [{ keys: kindsOf(Xen), displaces: "map" }];
  if (path.join() === "provision,firstboot") return [{ keys: ["ignition", "combustion"], displaces: "map" }];
  if (path.length !== 2 || path[0] !== "sources") return [];
  return [
    { keys: kindsOf(Sources.valueType), displaces: "map" },
    { keys: ["branch", "tag", "commit"], displaces: "key" },
  ];
}

function mistake(code: string, message: string, at: Placed["at"], help?: string): Diagnostic {
  return { severity: "error", code, message, at, ...(help ? { help } : {}) };
}
