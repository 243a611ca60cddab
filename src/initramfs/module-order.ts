/** What depmod and the kernel's build say about a kernel's modules, from lib/modules/VERSION. */
export interface ModuleIndex {
  /** By normalised name: path below lib/modules/VERSION, and the paths of all that it needs. */
  readonly modules: ReadonlyMap<string, { readonly path: string; readonly needs: readonly string[] }>;
  readonly builtin: ReadonlySet<string>;
  /** What a module asks for by name without using its symbols: loaded before and after it, where it is there. */
  readonly soft: ReadonlyMap<string, { readonly pre: readonly string[]; readonly post: readonly string[] }>;
  /** Modules by an alias that is no pattern. */
  readonly aliases: ReadonlyMap<string, readonly string[]>;
}

/** Modules in the order in which they have to be loaded. */
export interface ModuleOrder {
  readonly load: readonly { readonly path: string; readonly optional: boolean }[];
  /** Of the wanted ones: built into the kernel. */
  readonly builtin: readonly string[];
  /** Of the wanted ones: neither built in nor a module. */
  readonly missing: readonly string[];
}

/** `sunxi-mmc`, `sunxi_mmc` and `kernel/drivers/mmc/host/sunxi-mmc.ko.xz` are one module: `sunxi_mmc`. */
export function moduleName(path: string): string {
  return path
    .replace(/^.*\//, "")
    .replace(/\.ko(\.\w+)?$/, "")
    .replaceAll("-", "_");
}

/**
 * Reads modules.dep, modules.builtin, modules.softdep and modules.alias (modules.dep(5), depmod(8)); `text` gives a
 * file's content, or undefined where there is none.
 */
export function parseModuleIndex(text: (file: string) => string | undefined): ModuleIndex {
  const lines = (file: string): readonly string[] =>
    (text(file) ?? "").split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));
  const modules = new Map(
    lines("modules.dep").flatMap((line) => {
      const [path = "", needs = ""] = line.split(/:\s*/);
      return path === "" ? [] : [[moduleName(path), { path, needs: needs.split(/\s+/).filter(Boolean) }] as const];
    }),
  );
  const soft = new Map<string, { pre: string[]; post: string[] }>();
  for (const line of lines("modules.softdep")) {
    const [, name = "", ...words] = line.trim().split(/\s+/);
    const found = soft.get(moduleName(name)) ?? { pre: [], post: [] };
    let list = found.pre;
    for (const word of words) {
      if (word === "pre:") list = found.pre;
      else if (word === "post:") list = found.post;
      else list.push(word);
    }
    soft.set(moduleName(name), found);
  }
  const aliases = new Map<string, string[]>();
  for (const line of lines("modules.alias")) {
    const [, alias = "", name = ""] = line.trim().split(/\s+/);
    if (!/[*?[]/.test(alias)) aliases.set(alias, [...(aliases.get(alias) ?? []), moduleName(name)]);
  }
  return { modules, builtin: new Set(lines("modules.builtin").map((line) => moduleName(line.trim()))), soft, aliases };
}

/** The wanted modules with all that they need in front of them, each once. */
export function moduleOrder(index: ModuleIndex, wanted: readonly string[]): ModuleOrder {
  const load: { path: string; optional: boolean }[] = [];
  const seen = new Set<string>();
  const visit = (name: string, optional: boolean): void => {
    if (seen.has(name)) return;
    seen.add(name);
    const { pre = [], post = [] } = index.soft.get(name) ?? {};
    for (const one of pre) soft(one);
    const module = index.modules.get(name);
    for (const need of module?.needs.toReversed() ?? []) visit(moduleName(need), optional);
    if (module) load.push({ path: module.path, optional });
    for (const one of post) soft(one);
  };
  // Several modules may answer to one name, of which the machine may not carry each: crc32c has one per instruction set.
  const soft = (name: string): void => {
    const own = moduleName(name);
    const found = index.modules.has(own) ? [own] : (index.aliases.get(name) ?? []);
    for (const one of found) visit(one, true);
  };
  for (const name of wanted) visit(moduleName(name), false);
  const there = (name: string): boolean => index.modules.has(moduleName(name));
  const builtin = (name: string): boolean => !there(name) && index.builtin.has(moduleName(name));
  return { load, builtin: wanted.filter(builtin), missing: wanted.filter((name) => !there(name) && !builtin(name)) };
}
