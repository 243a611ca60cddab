import { existsSync, readFileSync } from "node:fs";
import type { Board } from "../board/board.js";
import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { type BootMap, checkBootMap } from "../disk/boot-map.js";
import { formatSize } from "../util/size.js";

/** What U-Boot loads to fixed addresses; its own place follows the end of DRAM. */
const LOADED = ["kernel", "fdt", "script", "ramdisk"];

/** Does an image go with the DRAM of a board that it may not have been made for? Its boot map, NAME.boot-map.json beside it, tells. */
export function checkImageDram(image: string, board: Board): readonly Diagnostic[] {
  const file = `${image.replace(/\.img$/, "")}.boot-map.json`;
  if (!existsSync(file)) return [];
  const { dram, areas } = JSON.parse(readFileSync(file, "utf8")) as BootMap;
  if (dram.base === board.dram.base && dram.size === board.dram.size) return [];
  const beyond = checkBootMap({ dram: board.dram, areas: areas.filter(({ owner }) => LOADED.includes(owner)) });
  const less = board.dram.size < dram.size;
  const difference: Diagnostic = {
    severity: "warning",
    code: less ? "dram-exceeded" : "dram-unused",
    message: `${image} was made for ${formatSize(dram.size)} of DRAM, and board ${board.name} has ${formatSize(board.dram.size)}`,
    help:
      board.spl.dram === undefined
        ? "an SPL that finds the size itself starts it with what is there; one that was told another size does not"
        : `the SPL of the board's own ${board.uboot.defconfig} is told ${formatSize(board.spl.dram)}`,
  };
  return [difference, ...beyond];
}
