/** Where the bmap of an image may lie, as bmaptool looks for it: `card.img.xz.bmap`, `card.img.bmap`, `card.bmap`. */
export function bmapNames(image: string): readonly string[] {
  const names = [`${image}.bmap`];
  for (let name = image; /[^/]\.[A-Za-z0-9]+$/.test(name); ) {
    name = name.replace(/\.[A-Za-z0-9]+$/, "");
    names.push(`${name}.bmap`);
  }
  return names;
}
