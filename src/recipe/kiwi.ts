import { join } from "node:path";
import type { Board } from "../board/board.js";
import type { Diagnostic } from "../diagnostic/diagnostic.js";
import type { Files } from "../diagnostic/files.js";
import { find, listAt, type Placed, textAt } from "../diagnostic/placed.js";
import { didYouMean } from "../diagnostic/suggest.js";
import { choose } from "../kiwi/chosen.js";
import { kiwiPackages } from "../kiwi/packages.js";
import { descriptionFile, type KiwiDescription, readDescription } from "../kiwi/read-description.js";
import { below } from "../kiwi/read-xml.js";
import { wrong } from "./checks/check.js";
import type { Locals } from "./local.js";
import type { KiwiSpec, RpmRootfsSpec } from "./spec.js";

/** What a KIWI description asks for, with the places of its wishes. */
export interface KiwiWishes
  extends Pick<RpmRootfsSpec, "packages" | "patterns" | "exclude" | "recommends">,
    Pick<KiwiSpec, "removes" | "lvm"> {
  readonly places: NonNullable<RpmRootfsSpec["places"]>;
}

/** The newest schema of the kiwi-ng that runs descriptions (see the tool image `kiwi`). */
const NEWEST = 7.5;

/** Reads the description of a `rootfs: kiwi`; says nothing where there is none or its folder was not found. */
export async function readKiwi(
  root: Placed,
  board: Board | undefined,
  locals: Locals,
  files: Files,
): Promise<{ readonly wishes?: KiwiWishes; readonly diagnostics: readonly Diagnostic[] }> {
  const named = textAt(root, "rootfs", "kiwi");
  const [folder] = locals.of(find(root, "rootfs", "kiwi"));
  if (named === undefined || folder === undefined) return { diagnostics: [] };
  const file = descriptionFile(await files.list(folder.path));
  const text = file === undefined ? undefined : await files.text(join(folder.path, file));
  if (file === undefined || text === undefined) {
    const message = `"${named.text}" is no folder of a KIWI description`;
    const help = "one has a config.xml, or one *.kiwi file";
    return { diagnostics: [wrong("not-kiwi", message, named.at, help)] };
  }
  const { description, diagnostics } = readDescription(join(folder.path, file), text);
  if (description === undefined) return { diagnostics };
  const profiles = listAt(root, "rootfs", "profiles").flatMap((value) => textAt(value) ?? []);
  const wrongs = [...checkProfiles(description, profiles), ...checkRunnable(description)];
  if (wrongs.length > 0 || board === undefined) return { diagnostics: wrongs };
  return wishesOf(
    description,
    profiles.map((one) => one.text),
    board,
  );
}

function wishesOf(description: KiwiDescription, profiles: readonly string[], board: Board) {
  const chosen = choose(description, profiles, board.arch.rpm);
  const { packages, patterns, exclude, recommends, products, removed } = kiwiPackages(chosen);
  if (packages.length + patterns.length === 0) {
    const message = "the description names no package and no pattern for these profiles";
    const help = `its profiles are ${description.profiles.map((one) => one.name).join(", ") || "none"}`;
    return { diagnostics: [wrong("missing-key", message, description.root.at, help)] };
  }
  const help = "name the product's packages or a pattern";
  const unknown = products.map(({ name, at }) =>
    wrong("kiwi-unsupported", `product "${name}" cannot be locked: only zypper knows products`, at, help),
  );
  const named = Object.entries({ packages, patterns, exclude });
  const places = named.flatMap(([kind, all]) => all.map(({ name, at }) => [`${kind}/${name}`, at] as const));
  const names = (all: typeof packages) => all.map((one) => one.name);
  const systemdisk = chosen.type && below(chosen.type, "systemdisk")[0];
  return {
    diagnostics: unknown,
    wishes: {
      packages: names(packages),
      patterns: names(patterns),
      exclude: names(exclude),
      recommends,
      removes: removed.length > 0,
      // KIWI's own default: a systemdisk is LVM unless its filesystem has volumes itself.
      lvm: systemdisk !== undefined && chosen.type?.attributes.filesystem !== "btrfs",
      places: Object.fromEntries(places),
    },
  };
}

function checkProfiles(description: KiwiDescription, asked: readonly { text: string; at: Placed["at"] }[]) {
  const known = description.profiles.map((one) => one.name);
  return asked.flatMap(({ text, at }) => {
    if (known.includes(text)) return [];
    const help = known.length === 0 ? "it has no profiles" : didYouMean(text, known);
    return [wrong("unknown-profile", `the description has no profile "${text}"`, at, help)];
  });
}

function checkRunnable({ root }: KiwiDescription): readonly Diagnostic[] {
  const version = Number.parseFloat(root.attributes.schemaversion ?? "");
  if (version > NEWEST) {
    const message = `this description is written for schema ${root.attributes.schemaversion}, and the kiwi-ng that runs it reads up to ${NEWEST}`;
    const help = `write it for schema ${NEWEST}; newer ones of kiwi-ng bring that up to date by themselves`;
    return [wrong("kiwi-schema", message, root.at, help)];
  }
  return below(root, "include").map(({ at }) =>
    wrong("kiwi-unsupported", "parts of a description in other files are not read", at, "put them into this file"),
  );
}
