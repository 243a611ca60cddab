import type { KiwiDescription } from "./read-description.js";
import { below, type XmlElement } from "./read-xml.js";

/** What of a description counts for some of its profiles. */
export interface Chosen {
  /** With those that they require; what counts when none was asked for. */
  readonly profiles: readonly string[];
  /** The sections of a name that count: `packages`, `preferences`, `users` … */
  sections(name: string): readonly XmlElement[];
  /** The image type that is built: the primary one, or the first. */
  readonly type: XmlElement | undefined;
  /** Does an element count on machines of that architecture (`arch="armv7l,armv7hl"`)? */
  fits(element: XmlElement): boolean;
}

/** Chooses by profiles and architecture, as KIWI does. Profiles that the description has not are for the caller to refuse. */
export function choose(description: KiwiDescription, asked: readonly string[], arch: string): Chosen {
  const wanted = asked.length > 0 ? asked : description.profiles.flatMap((one) => (one.byDefault ? [one.name] : []));
  const profiles = new Set<string>();
  const take = (name: string): void => {
    if (profiles.has(name)) return;
    profiles.add(name);
    for (const more of description.profiles.find((one) => one.name === name)?.requires ?? []) take(more);
  };
  wanted.forEach(take);
  const listed = (text: string | undefined) => text?.split(",").map((one) => one.trim());
  const fits = ({ attributes }: XmlElement) => listed(attributes.arch)?.includes(arch) ?? true;
  const sections = (name: string) =>
    below(description.root, name).filter(
      (section) => fits(section) && (listed(section.attributes.profiles)?.some((one) => profiles.has(one)) ?? true),
    );
  const types = sections("preferences").flatMap((one) => below(one, "type").filter(fits));
  const type = types.find(({ attributes }) => attributes.primary === "true") ?? types[0];
  return { profiles: [...profiles], sections, type, fits };
}
