import { refuse } from "../diagnostic/failure.js";
import type { Assets, Input, Step } from "../plan/step.js";
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

/** Debian's releases in which /lib, /bin and /sbin became links into /usr, and packages did not yet know. */
const UNMERGED: readonly string[] = ["bullseye", "bookworm"];

/** The bare root filesystem as a tar, and the step that makes it this recipe's own. */
export function rootfsSteps(spec: Spec, pins: Pins, assets: Assets): readonly Step[] {
  return [...bare(spec, pins, assets), provisionStep(spec, assets)];
}

function bare(spec: Spec, pins: Pins, assets: Assets): readonly Step[] {
  switch (spec.rootfs.kind) {
    case "distro":
      return [distro(spec, spec.rootfs, pins, assets)];
    case "rpm":
      return spec.rootfs.kiwi
        ? kiwiSteps(spec, { ...spec.rootfs, kiwi: spec.rootfs.kiwi }, pins, assets)
        : rpm(spec, spec.rootfs, pins, assets);
    case "tar":
      return [tar(spec, spec.rootfs.source, assets)];
    case "busybox":
      return [
        busyboxStep("rootfs", "compile busybox and make a root filesystem of it", spec, spec.rootfs.source, assets),
      ];
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
        ...(UNMERGED.includes(rootfs.suite) ? { MERGE_USR: "1" } : {}),
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

/** What installs locked rpm packages into a root. */
export function rpmScript(assets: Pick<Assets, "text">): string {
  return ["lib", "rpm-root", "rootfs-rpm"].map((name) => assets.text(`steps/${name}.sh`)).join("\n");
}

/** One transaction, and a second for what came to a locked set later: the first one's result is taken from the store then. */
function rpm(spec: Spec, rootfs: RpmRootfsSpec, pins: Pins, assets: Assets): readonly Step[] {
  if (rootfs.arch !== "armv7hl") {
    throw refuse("unknown-architecture", `rootfs: ${rootfs.distro} for ${rootfs.arch} is not known`, "armv7hl is");
  }
  const step = (id: string, what: string, inputs: readonly Input[]): Step => ({
    id,
    title: `install ${rootfs.distro} ${rootfs.arch}${what}`,
    action: {
      kind: "container",
      tool: RPM,
      script: rpmScript(assets),
      env: { ARCH: rootfs.arch, SOURCE_DATE_EPOCH: String(spec.epoch) },
      network: "none",
      caps: [],
      caches: [],
      emulation: "armhf",
    },
    inputs,
    outputs: [...OUTPUTS, { name: "verify", kind: "file" }],
  });
  const packages = (from: string): Input => ({ name: "packages", from: { step: from, output: "packages" } });
  const added = pins.rpms?.filter((pin) => pin.added).length ?? 0;
  const first = pins.rpms === undefined ? "" : `, ${pins.rpms.length - added} packages`;
  if (added === 0) return [step("rootfs", first, [packages("packages")])];
  const base: Input = { name: "base", from: { step: "rootfs:first", output: "rootfs" } };
  return [
    step("rootfs:first", first, [packages("packages")]),
    step("rootfs", `, ${added} more packages`, [packages("packages:added"), base]),
  ];
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
