import type { Location } from "../diagnostic/diagnostic.js";
import type { Chosen } from "./chosen.js";
import { below, type XmlElement } from "./read-xml.js";

/** A name that a description asks for, and where. */
export interface Asked {
  readonly name: string;
  readonly at: Location;
}

/** What a description wants installed; KIWI's two phases (bootstrap, image) count as one. */
export interface KiwiPackages {
  readonly packages: readonly Asked[];
  readonly patterns: readonly Asked[];
  readonly exclude: readonly Asked[];
  readonly recommends: boolean;
  /** Products, which only zypper knows. */
  readonly products: readonly Asked[];
  /** Packages that are installed and then taken out again. */
  readonly removed: readonly Asked[];
}

/** The packages of what was chosen, each name once. */
export function kiwiPackages(chosen: Chosen): KiwiPackages {
  const { type } = chosen;
  const all = chosen.sections("packages");
  const of = (...kinds: readonly (string | undefined)[]) =>
    all.filter(({ attributes }) => attributes.type !== undefined && kinds.includes(attributes.type));
  const installed = of("bootstrap", "image", type?.attributes.image);
  const named = (sections: readonly XmlElement[], element: string): readonly Asked[] => {
    const found = sections.flatMap((section) => below(section, element).filter(chosen.fits));
    const names = new Map<string, Asked>();
    for (const { attributes, at } of found) {
      const name = attributes.name ?? "";
      if (!names.has(name)) names.set(name, { name, at });
    }
    return [...names.values()];
  };
  return {
    packages: named(installed, "package"),
    patterns: named(installed, "namedCollection"),
    exclude: named(installed, "ignore"),
    products: named(installed, "product"),
    removed: named(of("delete", "uninstall"), "package"),
    recommends: installed.some(({ attributes }) => attributes.patternType === "plusRecommended"),
  };
}
