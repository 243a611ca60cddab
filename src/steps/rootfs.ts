import { refuse } from "../diagnostic/failure.js";
import type { Assets, Step } from "../plan/step.js";
import type { Pins } from "../recipe/pins.js";
import type { RootfsSpec, RpmRootfsSpec, Spec } from "../recipe/spec.js";
import { busyboxStep } from "./busybox.js";
import { kiwiSteps } from "./kiwi.js";
import { provisionStep } from "./provision.js";
import { sourceFormat } from "./source.js";
import { IMAGE, RPM } from "./tools.js";

const OUTPUTS = [
  { name: "rootfs", kind: "file" },
  { name: "packages", kind: "file" },
] as const;

/** The bare root filesystem as a tar, and the step that makes it this recipe's own. */
export function rootfsSteps(spec: Spec, pins: Pins, assets: Assets): readonly Step[] {
  return [...bare(spec, pins, assets), provisionStep(spec, assets)];
}

function bare(spec: Spec, pins: Pins, assets: Assets): readonly Step[] {
  const { rootfs } = spec;
  switch (rootfs.kind) {
    case "distro":
      return [distro(spec, rootfs, pins, assets)];
    case "rpm": {
      const { kiwi } = rootfs;
      return kiwi ? kiwiSteps(spec, { ...rootfs, kiwi }, pins, assets) : [rpm(spec, rootfs, pins, assets)];
    }
    case "tar":
      return [tar(spec, rootfs.source, assets)];
    case "busybox": {
      const title = "compile busybox and make a root filesystem of it";
      return [busyboxStep("rootfs", title, spec, rootfs.source, assets)];
    }
  }
}

function distro(spec: Spec, rootfs: RootfsSpec & { kind: "distro" }, pins: Pins, assets: Assets): Step {
  if (rootfs.arch !== "armhf") {
    throw refuse("unknown-architecture", `rootfs: ${rootfs.distro} for ${rootfs.arch} is not known`, "armhf is");
  }
  return {
    id: "rootfs",
    title: `bootstrap ${rootfs.distro} ${rootfs.suite} ${rootfs.arch}${pins.packages ? `, ${pins.packages.length} packages` : ""}`,
    action: {
      kind: "container",
      tool: IMAGE,
      script: assets.script("rootfs-distro"),
      env: {
        ARCH: rootfs.arch,
        WANTED: [...rootfs.packages].sort().join(" "),
        SOURCE_DATE_EPOCH: String(spec.epoch),
        // Debian's kernel packages would make an initramfs of their own under emulation, for minutes; see their hook.
        ...(spec.kernel.kind === "package" ? { INITRD: "No" } : {}),
      },
      network: "none",
      caps: [],
      caches: [],
      emulation: rootfs.arch,
    },
    inputs: [{ name: "packages", from: { step: "packages", output: "packages" } }],
    outputs: OUTPUTS,
  };
}

function rpm(spec: Spec, rootfs: RpmRootfsSpec, pins: Pins, assets: Assets): Step {
  if (rootfs.arch !== "armv7hl") {
    throw refuse("unknown-architecture", `rootfs: ${rootfs.distro} for ${rootfs.arch} is not known`, "armv7hl is");
  }
  return {
    id: "rootfs",
    title: `install ${rootfs.distro} ${rootfs.arch}${pins.rpms ? `, ${pins.rpms.length} packages` : ""}`,
    action: {
      kind: "container",
      tool: RPM,
      script: ["lib", "rpm-root", "rootfs-rpm"].map((name) => assets.text(`steps/${name}.sh`)).join("\n"),
      env: { ARCH: rootfs.arch, SOURCE_DATE_EPOCH: String(spec.epoch) },
      network: "none",
      caps: [],
      caches: [],
      emulation: "armhf",
    },
    inputs: [{ name: "packages", from: { step: "packages", output: "packages" } }],
    outputs: [...OUTPUTS, { name: "verify", kind: "file" }],
  };
}

function tar(spec: Spec, name: string, assets: Assets): Step {
  const source = spec.sources[name];
  const format = source && sourceFormat(source);
  if (format === "tree" || format === "debian") {
    throw refuse(
      "rootfs-source",
      `rootfs: source "${name}" is ${format === "tree" ? "a tree" : "a source package"}, not a tarball`,
      "a root filesystem's owners and device nodes survive in a tarball only: name one by path: or http:",
    );
  }
  return {
    id: "rootfs",
    title: `take the root filesystem from ${name}`,
    action: {
      kind: "op",
      op: "rootfs-tar",
      args: { source: name, epoch: spec.epoch },
      tools: [IMAGE],
      scripts: { "rootfs-tar": assets.script("rootfs-tar") },
      code: assets.code("rootfs-tar"),
    },
    inputs: [{ name: "source", from: { step: `source:${name}`, output: "source" } }],
    outputs: OUTPUTS,
    weight: "io",
  };
}
