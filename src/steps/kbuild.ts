import type { Fragment } from "../kconfig/fragment.js";
import { mergeFragments } from "../kconfig/merge.js";
import type { Assets, ContainerAction, Input } from "../plan/step.js";
import type { LocalFile, Spec } from "../recipe/spec.js";
import type { Json } from "../util/canonical.js";
import { canonical } from "../util/canonical.js";
import { sourceFormat } from "./source.js";
import { toolchainEnv, toolchainInputs } from "./toolchain.js";
import { BUILD } from "./tools.js";

/** What differs between the two trees that Kbuild builds: the kernel and U-Boot. */
export interface KbuildTree {
  readonly source: string;
  readonly defconfig: { readonly inTree: string } | { readonly local: LocalFile };
  readonly patches: readonly LocalFile[];
  readonly fragments: readonly Fragment[];
  /** Symbols that may come out otherwise than asked; absent where a recipe can name none. */
  readonly allowDropped?: readonly string[];
}

/** Inputs of a Kbuild step: source, toolchain, patches and fragments under numbered names with their lists, the truth check. */
export function kbuildInputs(spec: Spec, tree: KbuildTree, assets: Assets): readonly Input[] {
  const patches = tree.patches.map((local, index) => ({ name: numbered("patch", index, local.shown), local }));
  const fragments = tree.fragments.map((fragment, index) => ({
    name: numbered("fragment", index, fragment.name),
    text: fragment.text,
  }));
  return [
    { name: "source", from: { step: `source:${tree.source}`, output: "source" } },
    ...toolchainInputs(spec),
    ...("local" in tree.defconfig ? [{ name: "defconfig", from: { local: tree.defconfig.local } }] : []),
    ...patches.map(({ name, local }) => ({ name, from: { local } })),
    {
      name: "patches",
      from: { text: lines(patches.map(({ name, local }) => `${name}\t${local.kind}\t${local.shown}`)) },
    },
    ...fragments.map(({ name, text }) => ({ name, from: { text } })),
    { name: "fragments", from: { text: lines(fragments.map(({ name }) => name)) } },
    { name: "asks", from: { text: `${canonical(request(tree))}\n` } },
    { name: "kconfig-check.py", from: { text: assets.text("steps/kconfig-check.py") } },
  ];
}

/** The container action of a Kbuild step around the shell body NAME.sh. */
export function kbuildAction(
  spec: Spec,
  tree: KbuildTree,
  assets: Assets,
  name: string,
  env: ContainerAction["env"],
): ContainerAction {
  const source = spec.sources[tree.source];
  return {
    kind: "container",
    tool: BUILD,
    script: `${assets.script("kbuild").trimEnd()}\n\n${assets.text(`steps/${name}.sh`)}`,
    env: {
      ...toolchainEnv(spec),
      SOURCE_DATE_EPOCH: String(spec.epoch),
      ARCH: spec.board.kernel.arch,
      DEFCONFIG: "inTree" in tree.defconfig ? tree.defconfig.inTree : "/in/defconfig",
      SOURCE_FORMAT: source ? sourceFormat(source) : "",
      ...env,
    },
    network: "none",
    caps: [],
    caches: ["ccache"],
  };
}

/** What kconfig-check.py is asked: every symbol with its place, and the exceptions. */
function request(tree: KbuildTree): Json {
  const { asks } = mergeFragments(tree.fragments);
  return {
    asks: asks.map(({ symbol, value, at }) => ({ symbol, value, at: { ...at, text: at.text ?? "" } })),
    allowed: tree.allowDropped?.map((name) => name.replace(/^CONFIG_/, "")) ?? null,
  };
}

/** `fragment-01-slim.config`: the order, and for people in a step's shell the file's own name. */
function numbered(kind: string, index: number, shown: string): string {
  const name = shown
    .replace(/\/+$/, "")
    .replace(/^.*\//, "")
    .replace(/[^\w.+-]/g, "_");
  return `${kind}-${String(index + 1).padStart(2, "0")}-${name}`;
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join("");
}
