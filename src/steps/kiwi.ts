import { refuse } from "../diagnostic/failure.js";
import type { Assets, Step } from "../plan/step.js";
import type { Pins, RpmPin } from "../recipe/pins.js";
import type { KiwiSpec, RpmRootfsSpec, Spec } from "../recipe/spec.js";
import { KIWI, RPM } from "./tools.js";

/** The two steps of a `rootfs: kiwi`: kiwi-ng prepares the tree, and rpm says what is in it. Output names are those of `rootfs: rpm`. */
export function kiwiSteps(
  spec: Spec,
  rootfs: RpmRootfsSpec & { readonly kiwi: KiwiSpec },
  pins: Pins,
  assets: Assets,
): readonly Step[] {
  if (rootfs.arch !== "armv7hl") {
    throw refuse("unknown-architecture", `rootfs: ${rootfs.distro} for ${rootfs.arch} is not known`, "armv7hl is");
  }
  const { kiwi } = rootfs;
  const rpms = pins.rpms ?? [];
  const script = (...names: readonly string[]) => names.map((name) => assets.text(`steps/${name}.sh`)).join("\n");
  const common = { network: "none", caps: [], caches: [], emulation: "armhf" } as const;
  return [
    {
      id: "kiwi",
      title: `prepare ${kiwi.description.shown} by KIWI, ${rpms.length} packages`,
      action: {
        kind: "container",
        tool: KIWI,
        script: script("lib", "rpm-root", "kiwi"),
        env: {
          ARCH: rootfs.arch,
          LVM: String(kiwi.lvm),
          PROFILES: kiwi.profiles.join("\n"),
          SOURCE_DATE_EPOCH: String(spec.epoch),
        },
        ...common,
      },
      inputs: [
        { name: "description", from: { local: kiwi.description } },
        { name: "packages", from: { step: "packages", output: "packages" } },
        { name: "names", from: { text: lines(rpms.map(({ name }) => name)) } },
        { name: "mount.sh", from: { text: assets.text("steps/kiwi-mount.sh") } },
        { name: "preflight.sh", from: { text: assets.text("steps/kiwi-preflight.sh") } },
        { name: "description.py", from: { text: assets.text("steps/kiwi-description.py") } },
      ],
      outputs: [{ name: "tree", kind: "file" }],
    },
    {
      id: "rootfs",
      title: "take the root filesystem from KIWI",
      action: {
        kind: "container",
        tool: RPM,
        script: script("lib", "rpm-root", "rootfs-kiwi"),
        env: { REMOVES: String(kiwi.removes), SOURCE_DATE_EPOCH: String(spec.epoch) },
        ...common,
      },
      inputs: [
        { name: "tree", from: { step: "kiwi", output: "tree" } },
        { name: "list", from: { text: lines(rpms.map((one: RpmPin) => `${one.name} ${one.version} ${one.arch}`)) } },
      ],
      outputs: ["rootfs", "packages", "verify"].map((name) => ({ name, kind: "file" })),
    },
  ];
}

function lines(all: readonly string[]): string {
  return [...new Set(all)]
    .sort()
    .map((line) => `${line}\n`)
    .join("");
}
