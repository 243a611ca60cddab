import type { Assets, Step } from "../plan/step.js";
import { IMAGE } from "./tools.js";

/** The whole image as one .xz or .zst file. */
export function compressStep(format: "xz" | "zst", epoch: number, assets: Assets): Step {
  return {
    id: `compress:${format}`,
    title: `compress the image (${format})`,
    action: {
      kind: "container",
      tool: IMAGE,
      script: assets.script("compress"),
      env: { FORMAT: format, SOURCE_DATE_EPOCH: String(epoch) },
      network: "none",
      caps: [],
      caches: [],
    },
    inputs: [{ name: "image", from: { step: "image", output: "image" } }],
    outputs: [{ name: "image", kind: "file" }],
  };
}
