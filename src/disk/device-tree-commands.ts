import { type TreeNode, type TreeValue, valueText } from "./device-tree-node.js";

/**
 * U-Boot's commands that make a node below `parent` of the device tree at hand (U-Boot, doc/usage/cmd/fdt: `fdt mknode`,
 * `fdt set`), in a script: texts between single quotes, so that no character of an argument means anything to the shell;
 * so is a name that begins with #, which would begin a comment.
 */
export function treeCommands(parent: string, node: TreeNode): readonly string[] {
  const path = `${parent.replace(/\/$/, "")}/${node.name}`;
  return [
    `fdt mknode ${parent} ${node.name}`,
    ...Object.entries(node.properties).map(([name, value]) => `fdt set ${path} ${bare(name)}${argument(value)}`),
    ...node.nodes.flatMap((inner) => treeCommands(path, inner)),
  ];
}

function bare(name: string): string {
  return name.startsWith("#") ? `'${name}'` : name;
}

function argument(value: TreeValue): string {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  // U-Boot takes several arguments as one list of texts.
  if (list.every((one) => typeof one === "string")) return list.map((one) => ` '${one}'`).join("");
  const text = valueText(value);
  return text === undefined ? "" : ` '${text}'`;
}
