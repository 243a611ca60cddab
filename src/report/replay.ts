import { open, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { RunEvent, View } from "../run/events.js";

const POLL = 200;
/** A recording that has been silent for this long without an end belongs to a run that was killed, ms. */
const SILENT = 30 * 60_000;

/**
 * Shows a recorded run (events.ndjson) in a view. With `follow`, waits for what a run still going on adds, until
 * it ends, `running` says that it is dead, or the signal fires. Lines that are no events (a killed run's last) are left out.
 */
export async function replay(
  file: string,
  view: View,
  follow?: { readonly signal: AbortSignal; readonly running: () => boolean },
): Promise<void> {
  const handle = await open(file);
  try {
    let rest = "";
    let at = 0;
    const buffer = Buffer.alloc(1 << 16);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) {
        if (!follow || follow.signal.aborted || !follow.running()) return;
        if (Date.now() - (await stat(file)).mtimeMs > SILENT) return;
        await sleep(POLL, undefined, { signal: follow.signal }).catch(() => {});
        continue;
      }
      at += bytesRead;
      // Split as bytes: a chunk may end inside a character.
      const lines = (rest + buffer.toString("latin1", 0, bytesRead)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const event = parse(Buffer.from(line, "latin1").toString("utf8"));
        if (event) view.event(event);
        if (event?.type === "run-finished") return;
      }
    }
  } finally {
    await handle.close();
    await view.close();
  }
}

function parse(line: string): RunEvent | undefined {
  try {
    const event = JSON.parse(line) as RunEvent;
    return typeof event.type === "string" ? event : undefined;
  } catch {
    return undefined;
  }
}
