import type { Assets, Plan, Step } from "../plan/step.js";
import type { Pins } from "../recipe/pins.js";
import type { Spec } from "../recipe/spec.js";
import type { Mirror } from "../util/mirror.js";
import { fastModelSteps } from "./fast-model.js";
import { imageSteps } from "./image.js";
import { initramfsSteps } from "./initramfs.js";
import { kernelSteps } from "./kernel.js";
import { lintStep } from "./lint.js";
import { packagesSteps } from "./packages.js";
import { proofSteps, twinSteps } from "./proof.js";
import { recordSteps } from "./records.js";
import { rootfsSteps } from "./rootfs.js";
import { sourceSteps } from "./source.js";
import { ubootSteps } from "./uboot.js";
import { xenSteps } from "./xen.js";

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
    ...xenSteps(spec, assets),
    ...ubootSteps(spec, assets),
    ...rootfsSteps(spec, pins, assets),
    ...initramfsSteps(spec, assets),
    ...imageSteps(spec, assets),
    ...fastModelSteps(spec, assets),
    lintStep(spec, assets),
    ...recordSteps(assets),
    ...(options.boot ? [...proofSteps(spec, assets), ...twinSteps(spec, assets)] : []),
  ];
  const ids = new Set(steps.map((step) => step.id));
  const exports = [...EXPORTS, ...(spec.netboot ? SERVED : []), ...(spec.fastModel ? FAST_MODEL_EXPORTS : [])]
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
  { step: "kernel:domU", output: "config", as: ".guest-kernel-config" },
  { step: "xen", output: "config", as: ".xen-config" },
  { step: "lint", output: "findings", as: ".lint.json" },
  { step: "compress:xz", output: "image", as: ".img.xz" },
  { step: "compress:zst", output: "image", as: ".img.zst" },
  { step: "proof", output: "proof", as: ".proof.json" },
  { step: "proof", output: "junit", as: ".proof.junit.xml" },
  { step: "proof", output: "serial", as: ".serial.log" },
] as const;

/** A fast model's images, the files that the second of them is given by name, and the twin's proof. */
const FAST_MODEL_EXPORTS = [
  { step: "fast-model", output: "image", as: ".axf" },
  { step: "fast-model", output: "semihosting", as: ".semihosting.axf" },
  { step: "fast-model", output: "device-tree", as: ".dtb" },
  { step: "fast-model", output: "run", as: ".run.txt" },
  { step: "kernel", output: "kernel", as: ".kernel" },
  { step: "initramfs", output: "initramfs", as: ".initramfs" },
  { step: "twin", output: "proof", as: ".twin.proof.json" },
  { step: "twin", output: "junit", as: ".twin.proof.junit.xml" },
  { step: "twin", output: "serial", as: ".twin.serial.log" },
] as const;
