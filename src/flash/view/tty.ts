import type { Writable } from "node:stream";
import { formatSize } from "../../util/size.js";
import { verdictLine } from "./verdict.js";
import type { FlashView } from "./view.js";

/** Milliseconds between two pictures: a serial line or ssh has to keep up. */
const EVERY = 200;
const BAR = 24;

interface Line {
  readonly phase: string;
  readonly done: number;
  readonly total: number | undefined;
  /** When this phase began, and how far it was then. */
  readonly since: number;
  readonly from: number;
}

/** A line for each drive that moves while it is written; verdicts stay above. */
export function ttyFlashView(stream: Writable & { readonly columns?: number }): FlashView {
  const lines = new Map<string, Line>();
  let drawn = 0;
  let last = 0;
  const draw = (above = "") => {
    last = Date.now();
    const width = (stream.columns ?? 80) - 1;
    const text = [...lines].map(([drive, line]) => `${picture(drive, line).slice(0, width)}\n`).join("");
    stream.write(`${drawn > 0 ? `\u001b[${drawn}A\u001b[J` : ""}${above}${text}`);
    drawn = lines.size;
  };
  return {
    event: (drive, event) => {
      if (event.type === "note") {
        draw(`${drive}: ${event.text}\n`);
        return;
      }
      const before = lines.get(drive);
      const same = before?.phase === event.phase;
      const { phase, done, total } = event;
      lines.set(drive, {
        phase,
        done,
        total,
        since: same ? before.since : Date.now(),
        from: same ? before.from : done,
      });
      if (!same || Date.now() - last >= EVERY) draw();
    },
    finished: (record) => {
      lines.delete(record.drive.name);
      draw(`${verdictLine(record)}\n`);
    },
    close: () => draw(),
  };
}

function picture(drive: string, { phase, done, total, since, from }: Line): string {
  const seconds = (Date.now() - since) / 1000;
  const speed = seconds > 0.5 ? `${formatSize(Math.round((done - from) / seconds))}/s` : "";
  const share = total ? Math.min(1, done / total) : undefined;
  const bar =
    share === undefined
      ? formatSize(done)
      : `${"━".repeat(Math.round(share * BAR)).padEnd(BAR, "·")} ${`${Math.floor(share * 100)}`.padStart(3)} %`;
  const left = share && seconds > 2 ? `${Math.ceil((seconds / Math.max(share, 0.01)) * (1 - share))} s left` : "";
  return [drive.padEnd(8), phase.padEnd(10), bar, speed, left].filter((word) => word !== "").join("  ");
}
