/** A section of lvm2's text format: values and sections by name, in their order. */
export interface Section {
  readonly values: ReadonlyMap<string, Value>;
  readonly sections: ReadonlyMap<string, Section>;
}

export type Value = string | number | readonly (string | number)[];

/**
 * Reads lvm2's text format, of which its metadata are made:
 *
 *   name { … }    key = "text"    key = 12    key = ["text", 12]    # comment
 *
 * Source: lvm2, libdaemon/client/config-util.h and device_mapper/libdm-config.c. Throws on what is none.
 */
export function parseText(text: string): Section {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\]=,]|#[^\n]*|[^\s{}[\]=,"#]+/g) ?? [];
  const words = tokens.filter((token) => !token.startsWith("#"));
  let at = 0;
  const next = (): string => {
    const word = words[at++];
    if (word === undefined) throw new Error("the metadata end in the middle of a section");
    return word;
  };
  const atom = (word: string): string | number => {
    if (word.startsWith('"')) return word.slice(1, -1).replace(/\\(.)/g, "$1");
    if (!/^-?\d+(\.\d+)?$/.test(word)) throw new Error(`"${word}" is no value in metadata`);
    return Number(word);
  };
  const value = (): Value => {
    const word = next();
    if (word !== "[") return atom(word);
    const list: (string | number)[] = [];
    for (let one = next(); one !== "]"; one = next()) if (one !== ",") list.push(atom(one));
    return list;
  };
  const section = (inner: boolean): Section => {
    const values = new Map<string, Value>();
    const sections = new Map<string, Section>();
    while (inner || at < words.length) {
      const name = next();
      if (inner && name === "}") break;
      const sign = next();
      if (sign === "{") sections.set(name, section(true));
      else if (sign === "=") values.set(name, value());
      else throw new Error(`"${name} ${sign}" is neither a value nor a section`);
    }
    return { values, sections };
  };
  return section(false);
}
