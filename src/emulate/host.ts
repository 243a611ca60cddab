import { readFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { setTimeout } from "node:timers/promises";
import type { Host } from "./budget.js";

/** The machine we run on. Its load is read afresh each time: /proc/loadavg where there is one. */
export function thisHost(): Host {
  const cores = availableParallelism();
  return {
    now: () => performance.now() / 1000,
    load: () => load() / cores,
    pause: (milliseconds) => setTimeout(milliseconds),
  };
}

function load(): number {
  try {
    return Number.parseFloat(readFileSync("/proc/loadavg", "utf8"));
  } catch {
    // Not a Linux host: what the C library knows (zeros on Windows).
    return loadavg()[0] ?? 0;
  }
}
