/** One line of the mirror map: URLs that begin with `from` are fetched from `to` instead. */
export interface Mirror {
  readonly from: string;
  readonly to: string;
}

/** The URL as the mirror map has it: the longest `from` it begins with is replaced, once. */
export function rewrite(url: string, mirrors: readonly Mirror[]): string {
  let best: Mirror | undefined;
  for (const mirror of mirrors) {
    if (url.startsWith(mirror.from) && (best === undefined || mirror.from.length > best.from.length)) best = mirror;
  }
  return best === undefined ? url : best.to + url.slice(best.from.length);
}

/** `FROM=TO` as a mirror, or what is wrong with it. An = inside FROM is fine as long as TO has a scheme or is a path. */
export function parseMirror(text: string): Mirror | { readonly wrong: string } {
  const split = /^([^=].*?)=([a-z][a-z0-9+.-]*:\/\/.*|\/.*)$/i.exec(text);
  const [from, to] = split ? [split[1] ?? "", split[2] ?? ""] : [text.split("=")[0] ?? "", text.split("=")[1] ?? ""];
  return checkMirror(from, to);
}

/** The two as a mirror, or what is wrong with them. */
export function checkMirror(from: string, to: string): Mirror | { readonly wrong: string } {
  if (/\s/.test(from + to)) return { wrong: "a URL has no white space" };
  if (from === "") return { wrong: "there is no URL to replace" };
  if (!/^([a-z][a-z0-9+.-]*:\/\/|\/)/i.test(to))
    return { wrong: `${to === "" ? "there is" : `"${to}" is`} no URL to fetch from instead` };
  return { from, to };
}

/** The map as shell step bodies read it: a line `FROM TO` each. */
export function mirrorLines(mirrors: readonly Mirror[]): string {
  return mirrors.map(({ from, to }) => `${from} ${to}\n`).join("");
}
