import { createHash } from "node:crypto";
import { lvmId } from "./lvm/uuid.js";

/** Of a spec, what ids are made of: equal recipes for equal boards get equal ids on every machine. */
export type Identified = { readonly name: string; readonly board: { readonly name: string } };

/** MBR disk signature, 8 lower-case hex digits, never zero (a zero one counts as missing). */
export function diskId(spec: Identified): string {
  const id = digest(spec, "disk").readUInt32BE(0);
  return (id === 0 ? 1 : id).toString(16).padStart(8, "0");
}

/** A UUID of version 5's form for a thing of the recipe's, e.g. `filesystem root`. */
export function uuidFor(spec: Identified, what: string): string {
  const bytes = digest(spec, what).subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** FAT volume id, 8 lower-case hex digits. */
export function volumeId(spec: Identified, what: string): string {
  return digest(spec, `volume ${what}`).subarray(0, 4).toString("hex");
}

/** What the kernel calls a partition in `root=PARTUUID=…`; `number` counts from 1. */
export function partitionId(spec: Identified, table: "mbr" | "gpt", number: number, name: string): string {
  if (table === "gpt") return uuidFor(spec, `partition ${name}`);
  return `${diskId(spec)}-${number.toString(16).padStart(2, "0")}`;
}

/** An LVM2 id (32 letters and digits) for a thing of the recipe's, e.g. `group system`. */
export function lvmIdFor(spec: Identified, what: string): string {
  return lvmId(digest(spec, `lvm ${what}`));
}

function digest(spec: Identified, what: string): Buffer {
  return createHash("sha256").update(`boardsmith\0${spec.name}\0${spec.board.name}\0${what}`).digest();
}
