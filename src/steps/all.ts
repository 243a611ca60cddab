import type { Assets, Plan, Step } from "../plan/step.js";
import type { Pins } from "../recipe/pins.js";
import type { Spec } from "../recipe/spec.js";
import type { Mirror } from "../util/mirror.js";
import { imageSteps } from "./image.js";
import { initramfsSteps } from "./initramfs.js";
import { kernelSteps } from "./kernel.js";
import { lintStep } from "./lint.js";
import { packagesSteps } from "./packages.js";
import { proofSteps } from "./proof.js";
import { recordSteps } from "./records.js";
import { rootfsSteps } from "./rootfs.js";
import { sourceSteps } from "./source.js";
import { ubootSteps } from "./uboot.js";

/** Every step of a recipe's build and what leaves the store in the end. Pure. */
export function allSteps(
  spec: Spec,
  pins: Pins,
  assets: Assets,
  options: { readonly mirrors: readonly Mirror[]; readonly boot: boolean },
): { readonly steps: readonly Step[]; readonly exports: Plan["exports"] } {
  const steps = [
    ...sourceSteps(spec, pins, assets, options.mirrors),
    ...packagesSteps(spec, pins, assets, options.mirrors),
    ...kernelSteps(spec, assets),
    ...ubootSteps(spec, assets),
    ...rootfsSteps(spec, pins, assets),
    ...initramfsSteps(spec, assets),
    ...imageSteps(spec, assets),
    lintStep(spec, assets),
    ...recordSteps(assets),
    ...(options.boot ? proofSteps(spec, assets) : []),
  ];
  const ids = new Set(steps.map((step) => step.id));
  const exports = [...EXPORTS, ...(spec.netboot ? SERVED : [])]
    .filter((one) => ids.has(one.step))
    .map((one) => ({ ...one, as: `${spec.name}${one.as}` }));
  return { steps, exports };
}

/** What leaves the store of a build for a server. */
const SERVED = [
  { step: "boot-files", output: "boot", as: ".tftp.tar" },
  { step: "provision", output: "rootfs", as: ".nfsroot.tar" },
  { step: "netboot", output: "exports", as: ".exports" },
  { step: "netboot", output: "cmdline", as: ".cmdline" },
  { step: "netboot", output: "server", as: ".SERVER.txt" },
] as const;

const EXPORTS = [
  { step: "image", output: "image", as: ".img" },
  { step: "image", output: "bmap", as: ".img.bmap" },
  { step: "image", output: "layout", as: ".layout.json" },
  { step: "boot-files", output: "boot-map", as: ".boot-map.json" },
  { step: "kernel", output: "config", as: ".kernel-config" },
  { step: "lint", output: "findings", as: ".lint.json" },
  { step: "compress:xz", output: "image", as: ".img.xz" },
  { step: "compress:zst", output: "image", as: ".img.zst" },
  { step: "proof", output: "proof", as: ".proof.json" },
  { step: "proof", output: "junit", as: ".proof.junit.xml" },
  { step: "proof", output: "serial", as: ".serial.log" },
] as const;
