import { SaxesParser } from "saxes";
import type { Diagnostic, Location } from "../diagnostic/diagnostic.js";

/** An element of an XML document that remembers where it stands. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: { readonly [name: string]: string };
  readonly children: readonly XmlElement[];
  /** The text right inside it, without the white space around. */
  readonly text: string;
  /** Of its opening tag's name. */
  readonly at: Location;
}

type Open = { -readonly [K in keyof XmlElement]: XmlElement[K] } & { readonly children: XmlElement[] };

/** Reads an XML document: its root element, or the first place where it is none. Entities are not expanded beyond XML's own. */
export function readXml(
  file: string,
  text: string,
): { readonly root?: XmlElement; readonly diagnostics: Diagnostic[] } {
  const lines = text.split("\n");
  const starts = [0];
  for (const line of lines) starts.push((starts.at(-1) ?? 0) + line.length + 1);
  /** The place of `length` characters from an index on. */
  const place = (index: number, length: number): Location => {
    const after = starts.findIndex((start) => start > index);
    const line = Math.min(after < 0 ? lines.length : after, lines.length);
    const shown = (lines[line - 1] ?? "").replace(/\r$/, "");
    const column = [...shown.slice(0, index - (starts[line - 1] ?? 0))].length + 1;
    return { file, line, column, length, text: shown };
  };
  const parser = new SaxesParser();
  const open: Open[] = [];
  let root: XmlElement | undefined;
  /** What the parser took a closing tag for, the wrong ones too. */
  let closed: XmlElement | undefined;
  let problem: Diagnostic | undefined;
  parser.on("opentagstart", ({ name }) => {
    const at = place(text.lastIndexOf(`<${name}`, parser.position) + 1, name.length);
    open.push({ name, attributes: {}, children: [], text: "", at });
  });
  parser.on("opentag", ({ attributes }) => {
    const element = open.at(-1);
    if (element) element.attributes = attributes;
  });
  const said = (words: string) => {
    const element = open.at(-1);
    if (element) element.text += words;
  };
  parser.on("text", said);
  parser.on("cdata", said);
  parser.on("closetag", () => {
    const done = open.pop();
    closed = done;
    if (done === undefined) return;
    done.text = done.text.trim();
    const above = open.at(-1);
    if (above) above.children.push(done);
    else root = done;
  });
  parser.on("error", (error) => {
    if (problem !== undefined) return;
    const no = (message: string, at: Location) => ({ severity: "error", code: "xml-syntax", message, at }) as const;
    const closing = /<\/\s*([^\s<>]+)\s*>?$/.exec(text.slice(0, parser.position));
    if (error.message.includes("unexpected close tag") && closing && closed) {
      const message = `not valid XML: </${closing[1]}> stands where <${closed.name}> of line ${closed.at.line} is still open`;
      problem = no(message, place(closing.index, closing[0].length));
      return;
    }
    const message = error.message.replace(/^\d+:\d+: /, "").replace(/\.$/, "");
    const index = Math.max(0, Math.min(parser.position, text.trimEnd().length) - 1);
    problem = no(`not valid XML: ${message}`, place(index, 1));
  });
  parser.write(text).close();
  if (problem !== undefined) return { diagnostics: [problem] };
  return root === undefined ? { diagnostics: [] } : { root, diagnostics: [] };
}

/** The elements of a name right below another. */
export function below({ children }: XmlElement, name: string): readonly XmlElement[] {
  return children.filter((child) => child.name === name);
}
