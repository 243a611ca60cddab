import { nameOf } from "./names.js";

/**
 * Extended header records of POSIX.1-2001 tar (pax): each is `LENGTH KEY=VALUE\n`, where LENGTH counts the whole
 * record in decimal, its own digits included. Values are bytes: an xattr such as security.capability is binary.
 * See https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_03
 */
export type Records = ReadonlyMap<string, Buffer>;

/** The records of an extended header's data. Throws a plain Error when they are malformed. */
export function parseRecords(data: Buffer): Map<string, Buffer> {
  const records = new Map<string, Buffer>();
  for (let at = 0; at < data.length && data[at] !== 0; ) {
    const space = data.indexOf(0x20, at);
    const length = space < 0 ? Number.NaN : Number(data.toString("latin1", at, space));
    const equals = data.indexOf(0x3d, space);
    const end = at + length;
    const sound = length > 0 && end <= data.length && data[end - 1] === 0x0a && equals > space && equals < end;
    if (!sound) throw new Error("an extended header is damaged");
    records.set(nameOf(data.subarray(space + 1, equals)), Buffer.from(data.subarray(equals + 1, end - 1)));
    at = end;
  }
  return records;
}

/** The data of an extended header with these records, in their order. */
export function encodeRecords(records: Records): Buffer {
  return Buffer.concat([...records].map(([key, value]) => encodeRecord(key, value)));
}

function encodeRecord(key: string, value: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from("\n")]);
  let length = body.length + 1;
  while (String(length).length + body.length !== length) length = String(length).length + body.length;
  return Buffer.concat([Buffer.from(String(length)), body]);
}
