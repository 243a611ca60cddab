import type { Board } from "../board/board.js";
import type { Location } from "../diagnostic/diagnostic.js";
import type { Chosen } from "../kiwi/chosen.js";
import { kiwiPackages } from "../kiwi/packages.js";
import type { KiwiDescription } from "../kiwi/read-description.js";
import { below, type XmlElement } from "../kiwi/read-xml.js";
import { layout } from "./layout.js";
import type { Left } from "./left.js";
import { leftovers } from "./leftovers.js";
import { repositories } from "./repositories.js";
import { users } from "./users.js";

/** What lies beside a description, and where the recipe finds it. */
export interface Beside {
  /** Names in the description's folder. */
  readonly names: readonly string[];
  /** The folder as the recipe names it. */
  readonly folder: string;
  /** openSUSE's key as the recipe names it. */
  readonly key: string;
}

const SCRIPTS = /^(config|images|post_bootstrap|pre_disk_sync|disk|editbootconfig|editbootinstall|uninstall)\.sh$/;

/** A recipe of the same system as plain data, and all of the description that it cannot say. */
export function kiwiRecipe(
  description: KiwiDescription,
  chosen: Chosen,
  board: Board,
  beside: Beside,
): { readonly recipe: { readonly [key: string]: unknown }; readonly left: readonly Left[] } {
  const preferences = chosen.sections("preferences");
  const said = (name: string): XmlElement | undefined => preferences.flatMap((one) => below(one, name)).at(-1);
  const { packages, patterns, exclude, recommends } = kiwiPackages(chosen);
  const kernel = packages.find(({ name }) => /^kernel-(default|lpae|vanilla|debug)$/.test(name));
  const others = packages.filter((one) => one !== kernel);
  // KIWI's own boot loader and initrd, and what is no package: `group(mail)` is what one provides.
  const boots = others.filter(({ name }) => /^(dracut|grub2|u-boot-)/.test(name));
  const provided = others.filter(({ name }) => !/^[A-Za-z0-9_][A-Za-z0-9._+-]*$/.test(name));
  const wanted = others.filter((one) => !boots.includes(one) && !provided.includes(one));
  const places = repositories(chosen, beside.key, description.root.at);
  const people = users(chosen);
  const image = layout(chosen, description.root.at);
  const line = kernelLine(chosen, board);
  const names = (all: readonly { readonly name: string }[]) => all.map(({ name }) => name);
  const some = <T>(key: string, list: readonly T[]) => (list.length > 0 ? { [key]: list } : {});
  const locale = said("locale")?.text.split(",")[0];
  const overlay = beside.names.includes("root") ? [{ from: `${beside.folder}/root` }] : [];
  const scripts = beside.names.filter((name) => SCRIPTS.test(name));
  const at: Location = description.root.at;
  const grow = chosen.type && below(chosen.type, "oemconfig").flatMap((one) => below(one, "oem-resize"))[0]?.text;
  return {
    recipe: {
      description: specification(description),
      board: board.name,
      sources: { ...(kernel ? {} : { linux: { distro: "linux" } }), "u-boot": { distro: "u-boot" } },
      kernel: kernel ? { package: kernel.name } : { source: "linux" },
      "u-boot": { source: "u-boot" },
      ...(line.value.length > 0 ? { boot: { arguments: line.value } } : {}),
      rootfs: {
        rpm: "opensuse",
        repositories: places.value,
        ...some("patterns", names(patterns)),
        packages: [...new Set([...names(wanted), "lvm2"])],
        ...some(
          "exclude",
          names(exclude).filter((name) => !names(wanted).includes(name)),
        ),
        ...(recommends ? { recommends } : {}),
      },
      provision: {
        ...(locale === undefined || locale === ""
          ? {}
          : { locale: locale === "POSIX" ? "C.UTF-8" : `${locale}.UTF-8` }),
        ...word("timezone", said("timezone")?.text),
        ...word("keymap", said("keytable")?.text.replace(/\.map(\.gz)?$/, "")),
        ...some("users", people.value),
        ...some("overlays", overlay),
        grow: grow !== "false",
      },
      image: image.value,
    },
    left: [
      ...scripts.map((name) => ({
        what: name,
        at,
        why: "scripts are not run: say it under provision:, or take the description whole by `rootfs: { kiwi: … }`",
      })),
      ...(kernel ? [] : [{ what: "kernel", at, why: "no package of it is known here: one is compiled from source" }]),
      ...(wanted.some(({ name }) => name === "lvm2")
        ? []
        : [{ what: "package lvm2", at, why: "added: recipes have lvm2 unless they say `lvm: false`" }]),
      ...boots.map(({ name, at }) => ({
        what: `package ${name}`,
        at,
        why: "boot loader and initramfs are boardsmith's",
      })),
      ...provided.map(({ name, at }) => ({
        what: name,
        at,
        why: "it is no package's name: name one that provides it",
      })),
      ...[places, people, image, line].flatMap((part) => part.left),
      ...leftovers(description, chosen),
    ].sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column),
  };
}

function word(key: string, text: string | undefined): { readonly [key: string]: string } {
  return text !== undefined && /^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/.test(text) ? { [key]: text } : {};
}

function specification({ root, name }: KiwiDescription): string {
  const said = below(root, "description").flatMap((one) => below(one, "specification"))[0]?.text;
  return (said || name || "from a KIWI description").replace(/\s+/g, " ");
}

/** Kernel arguments beyond those that boardsmith itself gives. */
function kernelLine({ type }: Chosen, board: Board) {
  const all = (type?.attributes.kernelcmdline ?? "").split(/\s+/).filter(Boolean);
  const own = all.filter(
    (one) => one.startsWith("console=") && /^[^=]+=([^,]+)/.exec(one)?.[1] === board.console.device,
  );
  const taken = all.filter((one) => /^(root|rootwait)(=|$)/.test(one));
  const at = type?.at;
  return {
    value: all.filter((one) => !own.includes(one) && !taken.includes(one)),
    left: at ? taken.map((one) => ({ what: `kernel argument ${one}`, at, why: "it follows from the layout" })) : [],
  };
}
