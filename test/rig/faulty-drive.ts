import type { Drive } from "../../src/flash/drive.js";

const PAGE = 4096;

/** What goes wrong with a drive. Offsets are bytes; a fault with `times` is over after so many occurrences. */
export type DriveFault =
  /** A bit of what is written there is another on the medium. */
  | { readonly kind: "flip-on-write"; readonly at: number; readonly times?: number }
  /** A bit of what is read there is another than on the medium. */
  | { readonly kind: "flip-on-read"; readonly at: number; readonly times?: number }
  /** A write that covers it is acknowledged and forgotten. */
  | { readonly kind: "lost-write"; readonly at: number; readonly times?: number }
  /** The medium has so many bytes; addresses behind go round. */
  | { readonly kind: "wrap"; readonly capacity: number }
  /** The medium has so many bytes; what is written behind is forgotten, and reads give zeros. */
  | { readonly kind: "drop"; readonly capacity: number }
  /** A line of the address bus is stuck: the bit of that value is always 0. */
  | { readonly kind: "stuck-line"; readonly bit: number }
  | {
      readonly kind: "error";
      readonly code: string;
      readonly on: "read" | "write" | "flush";
      readonly at: number;
      readonly times?: number;
    }
  /** Gone as soon as that byte is touched, or when so many bytes were written. */
  | { readonly kind: "removed"; readonly at?: number; readonly after?: number }
  /** Never answers. */
  | { readonly kind: "stall"; readonly at: number; readonly on: "read" | "write" }
  /** After so many written bytes, everything that is written is forgotten. */
  | { readonly kind: "worn-out"; readonly after: number }
  /** Discarded ranges keep their bytes. */
  | { readonly kind: "false-discard" };

/** A drive in memory whose faults are chosen, and which can be looked at from outside. */
export class FaultyDrive implements Drive {
  readonly name: string;
  readonly identity: string;
  readonly capacity: number;
  readonly block: number;
  readonly direct = true;
  readonly pages = new Map<number, Buffer>();
  readonly #faults: { fault: DriveFault; left: number }[];
  /** Bytes a second; undefined: as fast as memory. */
  readonly #speed: { readonly read: number; readonly write: number } | undefined;
  discard?: (start: number, end: number) => Promise<boolean>;
  readonly #noise: boolean;
  writtenBytes = 0;
  readBytes = 0;
  /** Every write, in order. */
  readonly writes: { readonly start: number; readonly end: number }[] = [];
  #busy: Promise<void> = Promise.resolve();

  constructor(
    capacity: number,
    faults: readonly DriveFault[] = [],
    options: {
      readonly name?: string;
      readonly block?: number;
      readonly speed?: { readonly read: number; readonly write: number };
      readonly discards?: boolean;
      /** What lies on it from before. */
      readonly noise?: boolean;
    } = {},
  ) {
    this.capacity = capacity;
    this.name = options.name ?? "card";
    this.identity = `${this.name} of ${capacity}`;
    this.block = options.block ?? 512;
    this.#speed = options.speed;
    this.#faults = faults.map((fault) => ({
      fault,
      left: "times" in fault ? (fault.times ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY,
    }));
    this.#noise = options.noise ?? false;
    if (options.discards) this.discard = (start, end) => this.#discard(start, end);
  }

  /** What the medium really gives, without faults of reading. */
  look(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    this.#eachPage(offset, length, (page, from, at, count) => page?.copy(bytes, at, from, from + count));
    return bytes;
  }

  async read(into: Buffer, offset: number): Promise<void> {
    this.#check(into, offset);
    await this.#touched("read", offset, into.length);
    await this.#takes(into.length, this.#speed?.read);
    this.readBytes += into.length;
    into.fill(0);
    this.#eachPage(offset, into.length, (page, from, at, count) => page?.copy(into, at, from, from + count));
    for (const at of this.#hits("flip-on-read", offset, into.length)) into[at - offset] = (into[at - offset] ?? 0) ^ 4;
  }

  async write(from: Buffer, offset: number): Promise<void> {
    this.#check(from, offset);
    await this.#touched("write", offset, from.length);
    await this.#takes(from.length, this.#speed?.write);
    this.writes.push({ start: offset, end: offset + from.length });
    this.writtenBytes += from.length;
    if (this.#hits("lost-write", offset, from.length).length > 0) return;
    if (this.#faults.some(({ fault }) => fault.kind === "worn-out" && this.writtenBytes > fault.after)) return;
    const bytes = Buffer.from(from);
    for (const at of this.#hits("flip-on-write", offset, from.length))
      bytes[at - offset] = (bytes[at - offset] ?? 0) ^ 4;
    this.#eachPage(offset, bytes.length, (page, to, at, count) => page?.set(bytes.subarray(at, at + count), to), true);
  }

  async flush(): Promise<void> {
    this.#errors("flush", 0, Number.POSITIVE_INFINITY);
    this.#gone(0, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #discard(start: number, end: number): Promise<boolean> {
    if (!this.#faults.some(({ fault }) => fault.kind === "false-discard")) {
      for (let at = start; at < end; at += PAGE) this.pages.set(at, Buffer.alloc(PAGE));
    }
    return true;
  }

  #check(bytes: Buffer, offset: number): void {
    if (offset % this.block !== 0 || bytes.length % this.block !== 0 || bytes.byteOffset % 512 !== 0) {
      throw Object.assign(new Error(`unaligned: ${bytes.length} bytes at ${offset}`), { code: "EINVAL" });
    }
    if (offset + bytes.length > this.capacity) throw Object.assign(new Error("behind the end"), { code: "ENOSPC" });
  }

  async #touched(on: "read" | "write", offset: number, length: number): Promise<void> {
    this.#gone(offset, length);
    this.#errors(on, offset, length);
    for (const { fault } of this.#faults) {
      if (fault.kind === "stall" && fault.on === on && within(fault.at, offset, length)) await new Promise(() => {});
    }
  }

  #gone(offset: number, length: number): void {
    for (const { fault } of this.#faults) {
      if (fault.kind !== "removed") continue;
      const hit = fault.at !== undefined && within(fault.at, offset, length);
      if (hit || (fault.after !== undefined && this.writtenBytes >= fault.after)) {
        this.#faults.push({ fault: { kind: "removed", after: 0 }, left: Number.POSITIVE_INFINITY });
        throw Object.assign(new Error("no such device"), { code: "ENODEV" });
      }
    }
  }

  #errors(on: "read" | "write" | "flush", offset: number, length: number): void {
    for (const entry of this.#faults) {
      const { fault } = entry;
      if (fault.kind !== "error" || fault.on !== on || entry.left <= 0 || !within(fault.at, offset, length)) continue;
      entry.left--;
      throw Object.assign(new Error(fault.code), { code: fault.code });
    }
  }

  #hits(kind: "flip-on-read" | "flip-on-write" | "lost-write", offset: number, length: number): number[] {
    return this.#faults.flatMap((entry) => {
      const { fault } = entry;
      if (fault.kind !== kind || entry.left <= 0 || !within(fault.at, offset, length)) return [];
      entry.left--;
      return [fault.at];
    });
  }

  /** Where an address really is; undefined: nowhere. */
  #place(offset: number): number | undefined {
    let at = offset;
    for (const { fault } of this.#faults) {
      if (fault.kind === "wrap") at %= fault.capacity;
      if (fault.kind === "stuck-line" && Math.floor(at / fault.bit) % 2 === 1) at -= fault.bit;
      if (fault.kind === "drop" && at >= fault.capacity) return undefined;
    }
    return at;
  }

  #page(at: number): Buffer {
    const page = this.#old(at) ?? Buffer.alloc(PAGE);
    this.pages.set(at, page);
    return page;
  }

  /** What lies there, if that is not zeros. */
  #old(at: number): Buffer | undefined {
    return this.pages.get(at) ?? (this.#noise ? Buffer.alloc(PAGE, `old data of page ${at / PAGE} `) : undefined);
  }

  #eachPage(
    offset: number,
    length: number,
    visit: (page: Buffer | undefined, within: number, at: number, count: number) => void,
    make = false,
  ): void {
    for (let at = 0; at < length; ) {
      const from = (offset + at) % PAGE;
      const count = Math.min(PAGE - from, length - at);
      const place = this.#place(offset + at - from);
      const page = place === undefined ? undefined : make ? this.#page(place) : this.#old(place);
      visit(page, from, at, count);
      at += count;
    }
  }

  /** One thing after the other, as a card does it. */
  #takes(bytes: number, speed: number | undefined): Promise<void> {
    if (speed === undefined) return Promise.resolve();
    this.#busy = this.#busy.then(() => new Promise((resolve) => setTimeout(resolve, (bytes / speed) * 1000)));
    return this.#busy;
  }
}

const within = (at: number, offset: number, length: number): boolean => at >= offset && at < offset + length;
