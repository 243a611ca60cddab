/**
 * A flattened device tree (.dtb), all numbers big endian:
 *
 *   header: d00dfeed | total size | place of structure | place of strings | place of reservations | version …
 *   structure: 1 name\0 begins a node, 2 ends it, 3 length, name's place in strings, value: a property, 4 nothing, 9 the end;
 *   each filled up to 4 bytes
 *
 * Source: Devicetree Specification 0.4, chapter 5.
 */
export interface DeviceTree {
  /** Full paths of all nodes, `/` first. */
  readonly nodes: readonly string[];
  /** Values by `path:name`, e.g. `/soc/serial@1c28000:status`. */
  readonly properties: ReadonlyMap<string, Uint8Array>;
}

const MAGIC = 0xd00dfeed;

/** Reads a device tree; undefined when the bytes are none. Throws a plain Error on a damaged one. */
export function parseDeviceTree(bytes: Uint8Array): DeviceTree | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 40 || view.getUint32(0) !== MAGIC) return undefined;
  if (view.getUint32(4) > bytes.length) throw new Error("the device tree is cut off");
  const strings = view.getUint32(12);
  const nodes: string[] = [];
  const properties = new Map<string, Uint8Array>();
  const open: string[] = [];
  const here = () => (open.length <= 1 ? "/" : open.join("/"));
  let at = view.getUint32(8);
  const word = (): number => {
    if (at + 4 > bytes.length) throw new Error("the device tree ends in the middle");
    at += 4;
    return view.getUint32(at - 4);
  };
  for (;;) {
    const token = word();
    if (token === 1) {
      const name = textAt(bytes, at);
      at += (Buffer.byteLength(name) + 1 + 3) & ~3;
      open.push(name);
      nodes.push(here());
    } else if (token === 2) {
      if (open.pop() === undefined) throw new Error("the device tree ends a node that it never began");
    } else if (token === 3) {
      const [length, name] = [word(), word()];
      if (at + length > bytes.length) throw new Error("the device tree has a property beyond its end");
      properties.set(`${here()}:${textAt(bytes, strings + name)}`, bytes.subarray(at, at + length));
      at += (length + 3) & ~3;
    } else if (token === 9) {
      if (open.length > 0) throw new Error("the device tree ends inside a node");
      return { nodes, properties };
    } else if (token !== 4) throw new Error(`the device tree has an unknown token ${token}`);
  }
}

/** A value as device tree sources write it: text, numbers, or bytes; nothing for a property that is just there. */
export function propertyText(value: Uint8Array): string {
  if (value.length === 0) return "";
  const text = Buffer.from(value).toString("latin1");
  if (/^(?:[\x20-\x7e]+\0)+$/.test(text)) {
    return text
      .slice(0, -1)
      .split("\0")
      .map((one) => JSON.stringify(one))
      .join(", ");
  }
  if (value.length % 4 !== 0)
    return `[${Buffer.from(value)
      .toString("hex")
      .replace(/..(?=.)/g, "$& ")}]`;
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const cells = Array.from({ length: value.length / 4 }, (_, index) => `0x${view.getUint32(index * 4).toString(16)}`);
  return `<${cells.join(" ")}>`;
}

function textAt(bytes: Uint8Array, at: number): string {
  const end = bytes.indexOf(0, at);
  if (at > bytes.length || end < 0) throw new Error("the device tree has a name without an end");
  return Buffer.from(bytes.subarray(at, end)).toString("utf8");
}
