import type { Spec } from "./spec.js";

/** Where the booted system has its console. */
export interface SystemConsole {
  /** The kernel's name of it. */
  readonly device: string;
  readonly baud: number;
  /** The kernel's argument for it. */
  readonly argument: string;
}

/** The board's serial console, or under Xen, which has that one for itself, what Xen passes on from it to dom0. */
export function systemConsole({ board, xen }: Pick<Spec, "board" | "xen">): SystemConsole {
  const { device, baud } = board.console;
  return xen
    ? { device: "hvc0", baud, argument: "console=hvc0" }
    : { device, baud, argument: `console=${device},${baud}` };
}
