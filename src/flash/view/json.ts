import type { Writable } from "node:stream";
import type { FlashView } from "./view.js";

/** Milliseconds between two lines about the progress of one drive. */
const EVERY = 500;

/** A JSON object a line: progress now and then, and each card's record. */
export function jsonFlashView(stream: Writable): FlashView {
  const last = new Map<string, number>();
  return {
    event: (drive, event) => {
      if (event.type !== "note") {
        if (Date.now() - (last.get(drive) ?? 0) < EVERY) return;
        last.set(drive, Date.now());
      }
      stream.write(`${JSON.stringify({ drive, ...event })}\n`);
    },
    finished: (record) => void stream.write(`${JSON.stringify(record)}\n`),
    close: () => {},
  };
}
