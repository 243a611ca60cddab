/** A value of a device tree's property: numbers are cells of 32 bits, a list of texts is a string list. */
export type TreeValue = string | number | readonly string[] | readonly number[] | Uint8Array | true;

/** A node of a device tree with its properties and nodes, in order: what is generated, edited and written. */
export interface TreeNode {
  /** `module@49000000`; the root's is empty. */
  readonly name: string;
  readonly properties: { readonly [name: string]: TreeValue };
  readonly nodes: readonly TreeNode[];
}

/** A property's bytes as a blob has them (Devicetree Specification 0.4, 2.2.4). */
export function valueBytes(value: TreeValue): Uint8Array {
  if (value === true) return new Uint8Array();
  if (value instanceof Uint8Array) return value;
  const list: readonly (string | number)[] = typeof value === "object" ? value : [value];
  return Buffer.concat(
    list.map((one) => {
      if (typeof one === "string") return Buffer.from(`${one}\0`);
      const cell = Buffer.alloc(4);
      cell.writeUInt32BE(one);
      return cell;
    }),
  );
}

/** A property's value as a device tree source writes it; nothing for one that is just there. */
export function valueText(value: TreeValue): string | undefined {
  if (value === true) return undefined;
  if (value instanceof Uint8Array) return `[${Buffer.from(value).toString("hex")}]`;
  const list: readonly (string | number)[] = typeof value === "object" ? value : [value];
  if (list.every((one) => typeof one === "number")) return `<${list.map((one) => `0x${one.toString(16)}`).join(" ")}>`;
  return list.map((one) => `"${String(one).replace(/["\\]/g, "\\$&")}"`).join(", ");
}

/** A node as device tree source, e.g. for an overlay's fragment. */
export function nodeSource(node: TreeNode, indent = ""): string {
  const inner = `${indent}  `;
  const properties = Object.entries(node.properties).map(([name, value]) => {
    const text = valueText(value);
    return `${inner}${name}${text === undefined ? "" : ` = ${text}`};\n`;
  });
  const nodes = node.nodes.map((one) => nodeSource(one, inner));
  return `${indent}${node.name || "/"} {\n${[...properties, ...nodes].join("")}${indent}};\n`;
}

/** The node at `path` below `root`, such as `/chosen`. */
export function nodeAt(root: TreeNode, path: string): TreeNode | undefined {
  let node: TreeNode | undefined = root;
  for (const name of path.split("/").filter(Boolean)) node = node?.nodes.find((one) => one.name === name);
  return node;
}

/** The tree with the node at `path` replaced by what `edit` makes of it; an undefined one is taken out. */
export function editNode(
  root: TreeNode,
  path: string,
  edit: (node: TreeNode) => TreeNode | undefined,
): TreeNode | undefined {
  const [name, ...rest] = path.split("/").filter(Boolean);
  if (name === undefined) return edit(root);
  const nodes = root.nodes.flatMap((one) => {
    const edited = one.name === name ? editNode(one, rest.join("/"), edit) : one;
    return edited === undefined ? [] : [edited];
  });
  return { ...root, nodes };
}
