import { relative } from "node:path";
import type { Answer, Answers } from "./answers.js";
import { SETS } from "./questions/system.js";
import { isTree, type Tree, valueAt, valuesAt, wordAt } from "./tree.js";
import { shippedTree, type World } from "./world.js";

/**
 * The answers that lead to a recipe, or as near to it as questions lead: what nobody asks for is in none of them. `tree` is
 * the recipe with all it extends.
 */
export function answersOf(tree: Tree, name: string, world: World): Answers {
  const purpose = purposeIn(tree);
  const set = purpose === "opensuse" ? setIn(tree, world) : undefined;
  const user = valuesAt(tree, "provision", "users")[0];
  const all: Readonly<Record<string, Answer | undefined>> = {
    board: wordAt(tree, "board"),
    purpose,
    set,
    packages: packagesIn(tree, set, purpose, world),
    ...kernelIn(tree, world),
    "dom0-memory": wordAt(tree, "xen", "dom0", "memory"),
    guests: guestsIn(tree),
    size: wordAt(tree, "image", "size"),
    ...layoutIn(tree),
    hostname: wordAt(tree, "provision", "hostname") ?? wordAt(tree, "board"),
    login: user === undefined ? loginIn(tree) : "user",
    user: wordAt(user, "name"),
    "password-hash": user === undefined ? undefined : (wordAt(user, "password-hash") ?? ""),
    "ssh-keys": user === undefined ? undefined : texts(valuesAt(user, "ssh-keys")),
    timezone: wordAt(tree, "provision", "timezone"),
    locale: wordAt(tree, "provision", "locale"),
    outputs: texts(valuesAt(tree, "image", "compress")),
    name,
  };
  return Object.fromEntries(Object.entries(all).flatMap(([id, said]) => (said === undefined ? [] : [[id, said]])));
}

function purposeIn(tree: Tree): string | undefined {
  if (isTree(tree.xen)) return "xen";
  const { rootfs } = tree;
  const kinds = { rpm: "opensuse", distro: "debian", busybox: "busybox" } as const;
  return Object.entries(kinds).find(([key]) => isTree(rootfs) && key in rootfs)?.[1];
}

/** The set with the most packages of which none is missing. */
function setIn(tree: Tree, world: World): string | undefined {
  const there = valuesAt(tree, "rootfs", "packages");
  const within = Object.entries(SETS).flatMap(([name, { start }]) => {
    const wanted = valuesAt(shippedTree(world, start), "rootfs", "packages");
    return wanted.every((one) => there.includes(one)) ? [{ name, count: wanted.length }] : [];
  });
  return within.sort((a, b) => b.count - a.count)[0]?.name;
}

function packagesIn(
  tree: Tree,
  set: string | undefined,
  purpose: string | undefined,
  world: World,
): Answer | undefined {
  if (purpose === undefined || purpose === "busybox") return undefined;
  const start = set === undefined ? `base/${purpose}.yaml` : (SETS[set]?.start ?? "");
  const usual = valuesAt(shippedTree(world, start), "rootfs", "packages");
  return texts(valuesAt(tree, "rootfs", "packages")).filter((one) => !usual.includes(one));
}

function kernelIn(tree: Tree, world: World): Readonly<Record<string, Answer | undefined>> {
  const { kernel } = tree;
  if (!isTree(kernel)) return {};
  if ("package" in kernel) return { kernel: "packaged" };
  if ("prebuilt" in kernel) {
    const path = wordAt(tree, "sources", String(kernel.prebuilt), "path");
    return { kernel: "vendor", "kernel-file": path && (relative(world.cwd, path) || ".") };
  }
  const source = valueAt(tree, "sources", String(kernel.source));
  if (isTree(source) && "git" in source) return { kernel: "branch", branch: wordAt(source, "branch") };
  const slim = texts(valuesAt(kernel, "fragments")).some((path) => path.endsWith("/kernel/slim.config"));
  return { kernel: slim ? "slim" : "full" };
}

function guestsIn(tree: Tree): Answer {
  return Object.entries(isTree(tree.guests) ? tree.guests : {}).map(([name, guest]) => {
    const size = valuesAt(guest, "disks").flatMap((disk) => wordAt(disk, "size") ?? [])[0];
    const starts = valueAt(guest, "autostart") === true ? " autostart" : "";
    return `${name} ${wordAt(guest, "memory")} ${size}${starts}`;
  });
}

function layoutIn(tree: Tree): Readonly<Record<string, Answer | undefined>> {
  const group = valuesAt(tree, "image", "partitions").find((one) => wordAt(one, "content") === "lvm");
  if (group === undefined) return { layout: "plain" };
  const volumes = valuesAt(group, "volumes").map((one) =>
    ["name", "size", "mount"].flatMap((key) => wordAt(one, key) ?? []).join(" "),
  );
  return { layout: "lvm", volumes };
}

function loginIn(tree: Tree): string {
  const kind = wordAt(tree, "provision", "firstboot");
  return kind === undefined || kind === "password" ? "console" : kind;
}

function texts(values: readonly unknown[]): readonly string[] {
  return values.filter((one): one is string => typeof one === "string");
}
