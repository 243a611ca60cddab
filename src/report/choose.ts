import type { Writable } from "node:stream";
import type { View } from "../run/events.js";

/**
 * The view that fits where the output goes: JSON lines when asked for, the live list on a terminal that can redraw,
 * plain lines everywhere else. What a view does not need is not loaded.
 */
export async function chooseView(
  stream: Writable & { readonly isTTY?: boolean },
  env: { readonly [name: string]: string | undefined },
  options: { readonly json?: boolean; readonly plain?: boolean; readonly cwd?: string },
): Promise<View> {
  const cwd = options.cwd === undefined ? {} : { cwd: options.cwd };
  if (options.json) return (await import("./json.js")).jsonView(stream);
  const terminal = Boolean(stream.isTTY) && env.TERM !== "dumb";
  const colour = terminal && !env.NO_COLOR;
  if (terminal && !options.plain && !env.CI) return (await import("./tty.js")).ttyView(stream, { colour, ...cwd });
  return (await import("./plain.js")).plainView(stream, { colour, ...cwd });
}
