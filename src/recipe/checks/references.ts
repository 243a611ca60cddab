import type { Diagnostic } from "../../diagnostic/diagnostic.js";
import { entriesAt, find, listAt, type Path, type Placed, textAt } from "../../diagnostic/placed.js";
import { didYouMean } from "../../diagnostic/suggest.js";
import { BUSYBOX } from "../used-sources.js";
import { type Check, doubtful, wrong } from "./check.js";
import { initramfsAt } from "./initramfs.js";

/** Places that name a source, and of which kinds it may be. */
const REFERENCES: readonly { readonly path: Path; readonly kinds?: readonly string[]; readonly wants?: string }[] = [
  { path: ["kernel", "source"] },
  { path: ["kernel", "prebuilt"], kinds: ["http", "path", "git"], wants: "a built kernel" },
  { path: ["xen", "source"] },
  { path: ["xen", "prebuilt"], kinds: ["http", "path", "git"], wants: "a built Xen" },
  { path: ["u-boot", "source"] },
  { path: ["toolchain", "source"], kinds: ["http", "path"], wants: "a tarball" },
  { path: ["rootfs", "tar"], kinds: ["http", "path"], wants: "a tarball" },
  { path: ["rootfs", "busybox"] },
];

/** Kinds of source that are sources indeed: trees of files and no tarball. */
const UNFIT = ["git", "distro"];

/** Every source that is named must be there and of a fitting kind; one that nobody names is doubtful. */
export const checkReferences: Check = (root) => {
  const sources = entriesAt(root, "sources");
  const names = sources.map((source) => source.name);
  const used = new Set<string>();
  const found: Diagnostic[] = [];
  const references = REFERENCES.flatMap(({ path, ...rest }) => {
    const list = listAt(root, ...path);
    const names = list.length > 0 ? list.map((one) => textAt(one)) : [textAt(root, ...path)];
    return names.flatMap((name) => (name === undefined ? [] : [{ path, name, ...rest }]));
  });
  for (const { path, name, kinds, wants } of references) {
    used.add(name.text);
    const source = sources.find((one) => one.name === name.text);
    if (source === undefined) {
      const help = names.length === 0 ? "`sources:` is empty" : didYouMean(name.text, names);
      found.push(wrong("unknown-source", `no source is named "${name.text}"`, name.at, help));
    } else if (kinds && UNFIT.some((kind) => !kinds.includes(kind) && find(source.value, kind))) {
      const message = `${path.join(".")} wants ${wants}, and source "${name.text}" is none`;
      found.push(
        wrong("wrong-source-kind", message, name.at, `name a source of kind ${kinds.join(" or ")}`, [
          { message: `"${name.text}" is here`, at: source.key },
        ]),
      );
    }
  }
  // While a name is missing or wrong, any source may be the one that was meant.
  const elsewhere = find(root, "kernel", "package") ?? find(root, "kernel", "prebuilt");
  const clear = ["u-boot", ...(elsewhere ? [] : ["kernel"])].every((part) =>
    names.includes(textAt(root, part, "source")?.text ?? ""),
  );
  if (initramfsAt(root)) used.add(BUSYBOX);
  // What is extended offers its sources; the recipe itself need not take them all.
  const own = sources.filter(({ key }) => key.file === root.at.file);
  const idle = clear && found.length === 0 ? own.filter((source) => !used.has(source.name)) : [];
  return [
    ...found,
    ...idle.map(({ name, key }) => doubtful("unused-source", `nothing uses the source "${name}"`, key)),
  ];
};

/** A toolchain without a C library builds kernels and U-Boot, but no busybox, be it a root filesystem's or an initramfs's. */
export const checkUserland: Check = (root) => {
  const libc = textAt(root, "toolchain", "libc");
  const own: Placed | undefined = find(root, "rootfs", "busybox");
  const busybox = own ?? initramfsAt(root);
  if (busybox === undefined || libc === undefined || !["nolibc", "newlib"].includes(libc.text)) return [];
  return [
    wrong(
      "no-libc",
      libc.text === "nolibc"
        ? "a nolibc toolchain builds kernels and U-Boot, but no userland, and busybox is userland"
        : "newlib is for machines without an operating system, and busybox needs Linux's C library",
      libc.at,
      "use `toolchain: distro`, or a toolchain with glibc, musl or uclibc",
      [{ message: own ? "busybox is asked for here" : "an initramfs of busybox follows from this", at: busybox.at }],
    ),
  ];
};
