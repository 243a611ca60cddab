import type { Model } from "../../board/model.js";

/** Byte at which the shim keeps what it is told, behind the jump over it (shim.S, `parameters`). */
const PARAMETERS = 4;
const WORDS = 7;

/** The assembled shim with the addresses of its model and of what it starts filled in. */
export function withParameters(
  shim: Uint8Array,
  model: Pick<Model, "gic" | "sysFlags" | "uart" | "timer">,
  start: { readonly xen: number; readonly deviceTree: number },
): Uint8Array {
  const bytes = Buffer.from(shim);
  for (let word = 0; word < WORDS; word++) {
    if (bytes.readUInt32LE(PARAMETERS + word * 4) !== 0)
      throw new Error("the shim has no empty parameters at its start");
  }
  const words = [
    start.xen,
    start.deviceTree,
    model.gic.distributor,
    model.gic.cpuInterface,
    model.sysFlags,
    model.uart,
    model.timer,
  ];
  for (const [word, value] of words.entries()) bytes.writeUInt32LE(value, PARAMETERS + word * 4);
  return bytes;
}
