/** An element of an XML document: attributes that are undefined are left out. */
export interface Element {
  readonly name: string;
  readonly attributes: { readonly [name: string]: string | number | undefined };
  /** Elements, or the text alone. */
  readonly content: readonly Element[] | string;
}

/** Shorthand for an element. */
export function element(
  name: string,
  attributes: Element["attributes"] = {},
  content: readonly (Element | undefined)[] | string = [],
): Element {
  return {
    name,
    attributes,
    content: typeof content === "string" ? content : content.filter((one) => one !== undefined),
  };
}

/** A document as text, two spaces a level; `comments` stand before the root element, where OBS looks for its own. */
export function document(root: Element, comments: readonly string[] = []): string {
  const lines = [
    '<?xml version="1.0" encoding="utf-8"?>',
    ...comments.map((one) => `<!-- ${one} -->`),
    ...lay(root, ""),
  ];
  return `${lines.join("\n")}\n`;
}

function lay({ name, attributes, content }: Element, indent: string): readonly string[] {
  const said = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escaped(String(value)).replaceAll('"', "&quot;")}"`)
    .join("");
  if (typeof content === "string") return [`${indent}<${name}${said}>${escaped(content)}</${name}>`];
  if (content.length === 0) return [`${indent}<${name}${said}/>`];
  return [`${indent}<${name}${said}>`, ...content.flatMap((one) => lay(one, `${indent}  `)), `${indent}</${name}>`];
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
