import type { Writable } from "node:stream";
import type { View } from "../run/events.js";

/** One JSON event per line, as they come: for programs. */
export function jsonView(stream: Writable): View {
  return {
    event: (event) => void stream.write(`${JSON.stringify(event)}\n`),
    close: () => {},
  };
}
