import { type DeviceTree, parseDeviceTree } from "./device-tree.js";
import { type TreeNode, valueBytes } from "./device-tree-node.js";

/** Version written, and the oldest that a reader of it must understand. */
const VERSION = 17;
const COMPATIBLE = 16;
const HEADER = 40;

/** A blob's tree, to be edited and written again; undefined when the bytes are none. Throws a plain Error on a damaged one. */
export function readTree(bytes: Uint8Array): TreeNode | undefined {
  const flat = parseDeviceTree(bytes);
  return flat && nest(flat);
}

function nest({ nodes, properties }: DeviceTree): TreeNode {
  interface Open {
    readonly name: string;
    readonly properties: Record<string, Uint8Array>;
    readonly nodes: Open[];
  }
  const byPath = new Map<string, Open>();
  for (const path of nodes) {
    const node = { name: path.slice(path.lastIndexOf("/") + 1), properties: {}, nodes: [] };
    byPath.set(path, node);
    if (path !== "/") byPath.get(path.slice(0, path.lastIndexOf("/")) || "/")?.nodes.push(node);
  }
  for (const [key, value] of properties) {
    const colon = key.indexOf(":");
    const node = byPath.get(key.slice(0, colon));
    if (node) node.properties[key.slice(colon + 1)] = value;
  }
  const root = byPath.get("/");
  if (!root) throw new Error("the device tree has no root");
  return root;
}

/** A tree as a blob: header, an empty list of reservations, structure, strings. See device-tree.ts for the picture. */
export function writeTree(root: TreeNode): Uint8Array {
  const strings = new Map<string, number>();
  let stringsLength = 0;
  const nameAt = (name: string): number => {
    const known = strings.get(name);
    if (known !== undefined) return known;
    const at = stringsLength;
    strings.set(name, at);
    stringsLength += Buffer.byteLength(name) + 1;
    return at;
  };
  const pieces: Uint8Array[] = [];
  const walk = (node: TreeNode): void => {
    pieces.push(cells(1), filled(Buffer.from(`${node.name}\0`)));
    for (const [name, value] of Object.entries(node.properties)) {
      const bytes = valueBytes(value);
      pieces.push(cells(3, bytes.length, nameAt(name)), filled(bytes));
    }
    for (const inner of node.nodes) walk(inner);
    pieces.push(cells(2));
  };
  walk(root);
  pieces.push(cells(9));
  const structure = Buffer.concat(pieces);
  const reservations = Buffer.alloc(16);
  const structureAt = HEADER + reservations.length;
  const stringsAt = structureAt + structure.length;
  const header = cells(
    0xd00dfeed,
    stringsAt + stringsLength,
    structureAt,
    stringsAt,
    HEADER,
    VERSION,
    COMPATIBLE,
    0,
    stringsLength,
    structure.length,
  );
  const names = Buffer.from([...strings.keys()].map((name) => `${name}\0`).join(""));
  return Buffer.concat([header, reservations, structure, names]);
}

function cells(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, index * 4);
  return bytes;
}

function filled(bytes: Uint8Array): Uint8Array {
  const rest = -bytes.length & 3;
  return rest === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(rest)]);
}
