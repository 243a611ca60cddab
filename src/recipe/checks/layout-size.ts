import { find, type Placed } from "../../diagnostic/placed.js";
import { parseSize } from "../../util/size.js";
import type { SizeSpec, VolumeSpec } from "../spec.js";

/** What a recipe's partition says about its size; undefined where the text says nothing we know. */
export function parsePartitionSize(text: string): SizeSpec | undefined {
  if (text.trim() === "rest") return { rest: true };
  const content = /^\s*content\s*(?:\+\s*(.+))?$/.exec(text);
  if (content) {
    const slack = content[1] === undefined ? 0 : parseSize(content[1]);
    return slack === undefined ? undefined : { content: { slack } };
  }
  const bytes = parseSize(text);
  return bytes === undefined ? undefined : { bytes };
}

/** The same for a logical volume, which may also take hundredths of its group. */
export function parseVolumeSize(text: string): VolumeSpec["size"] | undefined {
  const percent = /^\s*(\d{1,3}(?:\.\d+)?)\s*%\s*$/.exec(text);
  if (percent) return Number(percent[1]) > 0 && Number(percent[1]) <= 100 ? { percent: Number(percent[1]) } : undefined;
  return parsePartitionSize(text);
}

/** A partition's size as the recipe has it, if it makes sense. */
export function sizeOf(partition: Placed): SizeSpec | undefined {
  const value = find(partition, "size");
  return value?.kind === "scalar" && value.value !== null ? parsePartitionSize(String(value.value)) : undefined;
}

/** A volume's. */
export function volumeSizeOf(volume: Placed): VolumeSpec["size"] | undefined {
  const value = find(volume, "size");
  return value?.kind === "scalar" && value.value !== null ? parseVolumeSize(String(value.value)) : undefined;
}
