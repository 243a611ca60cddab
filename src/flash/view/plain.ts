import type { Writable } from "node:stream";
import { formatSize } from "../../util/size.js";
import { verdictLine } from "./verdict.js";
import type { FlashView } from "./view.js";

/** A line for each tenth of what is being done, for logs and pipes. */
export function plainFlashView(stream: Writable): FlashView {
  const told = new Map<string, string>();
  return {
    event: (drive, event) => {
      if (event.type === "note") {
        stream.write(`${drive}: ${event.text}\n`);
        return;
      }
      const { phase, done, total } = event;
      const tenth = total === undefined ? Math.floor(done / 1024 ** 3) : Math.floor((done * 10) / Math.max(total, 1));
      const key = `${phase} ${tenth}`;
      if (told.get(drive) === key) return;
      told.set(drive, key);
      stream.write(
        `${drive}: ${phase} ${total === undefined ? formatSize(done) : `${Math.floor((done * 100) / Math.max(total, 1))} %`}\n`,
      );
    },
    finished: (record) => void stream.write(`${verdictLine(record)}\n`),
    close: () => {},
  };
}
