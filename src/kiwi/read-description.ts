import type { Diagnostic, Location } from "../diagnostic/diagnostic.js";
import { below, readXml, type XmlElement } from "./read-xml.js";

/** A KIWI description as it was read: what it offers, before a profile is chosen. */
export interface KiwiDescription {
  readonly name: string;
  readonly root: XmlElement;
  readonly profiles: readonly KiwiProfile[];
}

export interface KiwiProfile {
  readonly name: string;
  readonly title: string;
  readonly requires: readonly string[];
  /** Taken when none is asked for. */
  readonly byDefault: boolean;
}

/** Older descriptions say much by other elements; KIWI's own stylesheets bring them up to date. */
const OLDEST = 6;

/**
 * The file of a description's folder that KIWI would read: config.xml, or else the only *.kiwi. Undefined: there is none,
 * or several of them.
 */
export function descriptionFile(names: readonly string[]): string | undefined {
  if (names.includes("config.xml")) return "config.xml";
  const found = names.filter((name) => name.endsWith(".kiwi"));
  return found.length === 1 ? found[0] : undefined;
}

/** Reads config.xml or a *.kiwi file (schema versions from 6 on), or says where it is none. */
export function readDescription(
  file: string,
  text: string,
): { readonly description?: KiwiDescription; readonly diagnostics: readonly Diagnostic[] } {
  const { root, diagnostics } = readXml(file, text);
  if (root === undefined) return { diagnostics };
  if (root.name !== "image" || root.attributes.schemaversion === undefined) {
    const message = `<${root.name}> is no KIWI description`;
    return no("not-kiwi", message, root.at, 'one starts with <image schemaversion="7.5" name="…">');
  }
  const version = root.attributes.schemaversion;
  if (!(Number.parseFloat(version) >= OLDEST)) {
    const message = `this description is written for schema ${version}, and ${OLDEST}.0 is the oldest that is read here`;
    const help =
      "KIWI's own stylesheets bring it up to date: `xsltproc /usr/share/kiwi/xsl/master.xsl config.xml`, or let any kiwi-ng of version 9 load it and take image/config.xml of its root tree";
    return no("kiwi-schema", message, root.at, help);
  }
  const profiles = below(root, "profiles").flatMap((all) => below(all, "profile"));
  return {
    description: {
      name: root.attributes.name ?? "",
      root,
      profiles: profiles.map((one) => ({
        name: one.attributes.name ?? "",
        title: one.attributes.description ?? "",
        requires: below(one, "requires").map(({ attributes }) => attributes.profile ?? ""),
        byDefault: one.attributes.import === "true",
      })),
    },
    diagnostics: [],
  };
}

function no(code: string, message: string, at: Location, help: string) {
  return { diagnostics: [{ severity: "error", code, message, at, help } as const] };
}
