/**
 * Entries of a FAT's folders, 32 bytes each. A name that is not upper case and 8.3 stands in entries of its own in front of
 * the short one, 13 UTF-16 units in each, the last part first.
 *
 *   short  name 8 | extension 3 | attributes 1 | … | 14 time, date (made, read, written) | 20 cluster high | 26 cluster low | size 4
 *   long   number 1 | 5 units | 0x0f | 0 | checksum of the short name | 6 units | 0 0 | 2 units
 *
 * Source: Microsoft, FAT32 File System Specification 1.03.
 */
export interface FatEntry {
  readonly name: string;
  readonly folder: boolean;
  readonly cluster: number;
  /** Bytes; 0 for a folder. */
  readonly size: number;
}

const ARCHIVE = 0x20;
const FOLDER = 0x10;
const LABEL = 0x08;

/** How many entries names take in a folder, long names included. */
export const entryCount = (name: string): number => (isShort(name) ? 1 : 1 + Math.ceil(name.length / 13));

/** A folder's entries as they stand on the disk. `time`: seconds since 1970, of all of them. */
export function entryBytes(entries: readonly FatEntry[], time: number): Buffer {
  const taken = new Set<string>();
  return Buffer.concat(
    entries.map((entry) => {
      const short = shortName(entry.name, taken);
      taken.add(short);
      const attributes = entry.folder ? FOLDER : ARCHIVE;
      const own = shortEntry(short, attributes, time, entry.cluster, entry.size);
      return isShort(entry.name) ? own : Buffer.concat([longEntries(entry.name, short), own]);
    }),
  );
}

/** The root folder's first entry, which is the volume's label. */
export const labelEntry = (label: string, time: number): Buffer => shortEntry(label.padEnd(11), LABEL, time, 0, 0);

/** What a folder begins with: itself, and the one above it. */
export function dotEntries(own: number, above: number, time: number): Buffer {
  return Buffer.concat([
    shortEntry(".".padEnd(11), FOLDER, time, own, 0),
    shortEntry("..".padEnd(11), FOLDER, time, above, 0),
  ]);
}

const isShort = (name: string): boolean => /^[A-Z0-9_-]{1,8}(\.[A-Z0-9_-]{1,3})?$/.test(name);

/** Eleven characters, unlike any other in the folder: `NETWOR~1   ` for `network-config`. */
function shortName(name: string, taken: ReadonlySet<string>): string {
  const upper = name.toUpperCase();
  const plain = (text: string): string => text.replace(/[^A-Z0-9_-]/g, "");
  const dot = upper.lastIndexOf(".");
  const base = plain(dot > 0 ? upper.slice(0, dot) : upper);
  const extension = plain(dot > 0 ? upper.slice(dot + 1) : "")
    .slice(0, 3)
    .padEnd(3);
  // Only its case is another: no number is needed.
  if (isShort(upper) && !taken.has(base.padEnd(8) + extension)) return base.padEnd(8) + extension;
  for (let number = 1; ; number++) {
    const mark = `~${number}`;
    const short = (base.slice(0, 8 - mark.length) + mark).padEnd(8) + extension;
    if (!taken.has(short)) return short;
  }
}

function shortEntry(short: string, attributes: number, time: number, cluster: number, size: number): Buffer {
  const entry = Buffer.alloc(32);
  entry.write(short, 0, 11, "latin1");
  entry[11] = attributes;
  const [clock, day] = dosTime(time);
  for (const at of [14, 22]) entry.writeUInt16LE(clock, at);
  for (const at of [16, 18, 24]) entry.writeUInt16LE(day, at);
  entry.writeUInt16LE(Math.floor(cluster / 0x10000), 20);
  entry.writeUInt16LE(cluster % 0x10000, 26);
  entry.writeUInt32LE(size, 28);
  return entry;
}

function longEntries(name: string, short: string): Buffer {
  const sum = [...Buffer.from(short, "latin1")].reduce((so, byte) => ((((so & 1) << 7) | (so >> 1)) + byte) & 0xff, 0);
  const count = Math.ceil(name.length / 13);
  const units = Buffer.alloc(count * 26, 0xff);
  units.write(name.length < count * 13 ? `${name}\0` : name, "utf16le");
  const parts = Array.from({ length: count }, (_, index) => {
    const entry = Buffer.alloc(32);
    entry[0] = index + 1 === count ? (index + 1) | 0x40 : index + 1;
    entry[11] = 0x0f;
    entry[13] = sum;
    units.copy(entry, 1, index * 26, index * 26 + 10);
    units.copy(entry, 14, index * 26 + 10, index * 26 + 22);
    units.copy(entry, 28, index * 26 + 22, index * 26 + 26);
    return entry;
  });
  return Buffer.concat(parts.reverse());
}

/** A time of day in two seconds and a day since 1980, as MS-DOS has them. */
function dosTime(seconds: number): readonly [number, number] {
  const time = new Date(Math.max(seconds, 315_532_800) * 1000);
  return [
    (time.getUTCHours() << 11) | (time.getUTCMinutes() << 5) | (time.getUTCSeconds() >> 1),
    ((time.getUTCFullYear() - 1980) << 9) | ((time.getUTCMonth() + 1) << 5) | time.getUTCDate(),
  ];
}
