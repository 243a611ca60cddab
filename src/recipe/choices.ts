import type { Choices } from "../board/rules.js";
import { gccVersion, xenRelease } from "../board/xen-releases.js";
import { find, keyOf, listAt, type Path, type Placed, textAt } from "../diagnostic/placed.js";
import { parseSize } from "../util/size.js";

type Said = NonNullable<ReturnType<typeof textAt>>;

/** What a recipe says that its board, its kernel or its compiler may not go with. */
export function choices(root: Placed, symbols: Choices["symbols"], left: Choices["symbols"] = []): Choices {
  const pick = (...path: Path) => {
    const found = textAt(root, ...path);
    return found && { value: found.text, at: found.at };
  };
  const [table, prefix, defconfig] = [pick("image", "table"), pick("toolchain", "prefix"), pick("kernel", "defconfig")];
  const compiler = versioned(namesOf(root, "toolchain", "source"), gccVersion);
  return {
    symbols,
    left,
    ...(table ? { table } : {}),
    ...(prefix ? { prefix } : {}),
    ...(defconfig ? { defconfig } : {}),
    ...(compiler ? { compiler } : {}),
    ...xenChoices(root),
  };
}

function xenChoices(root: Placed): Pick<Choices, "xen" | "kernelNames"> {
  const xen = find(root, "xen");
  if (xen === undefined) return {};
  const memory = textAt(xen, "dom0", "memory");
  const bytes = memory && parseSize(memory.text);
  const vcpus = find(xen, "dom0", "vcpus");
  const named = [
    ...namesOf(root, "xen", "source"),
    ...namesOf(root, "xen", "prebuilt"),
    ...present(textAt(xen, "package")),
  ];
  const release = versioned(named, xenRelease);
  const kernels = [
    ...namesOf(root, "kernel", "source"),
    ...namesOf(root, "kernel", "prebuilt"),
    ...present(textAt(root, "kernel", "package")),
  ];
  return {
    kernelNames: kernels.map(({ text, at }) => ({ value: text, at })),
    xen: {
      at: keyOf(root, ["xen"]),
      compiled: find(xen, "source") !== undefined,
      ...(release ? { release } : {}),
      ...(memory && bytes !== undefined ? { memory: { bytes, at: memory.at } } : {}),
      ...(vcpus?.kind === "scalar" && typeof vcpus.value === "number"
        ? { vcpus: { value: vcpus.value, at: vcpus.at } }
        : {}),
    },
  };
}

/** Every word by which a part's sources say which version they are: branches, tags, versions, file names of URLs and paths. */
function namesOf(root: Placed, part: string, key: string): readonly Said[] {
  const list = listAt(root, part, key);
  const names = list.length > 0 ? list.map((one) => textAt(one)) : [textAt(root, part, key)];
  return names.flatMap((name) => {
    const source = name && find(root, "sources", name.text);
    if (!source) return [];
    const words = ["branch", "tag", "version"].map((word) => textAt(source, word));
    const urls = listAt(source, "http");
    const files = [
      ...(urls.length > 0 ? urls.map((one) => textAt(one)) : [textAt(source, "http")]),
      textAt(source, "path"),
    ];
    return [
      ...words.flatMap(present),
      ...files.flatMap(present).map(({ text, at }) => ({ text: text.replace(/^.*\//, ""), at })),
    ];
  });
}

function present(said: ReturnType<typeof textAt>): readonly Said[] {
  return said ? [said] : [];
}

function versioned(
  names: readonly Said[],
  version: (name: string) => string | undefined,
): { readonly value: string; readonly at: Said["at"] } | undefined {
  for (const { text, at } of names) {
    const value = version(text);
    if (value !== undefined) return { value, at };
  }
  return undefined;
}
