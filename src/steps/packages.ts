import type { Assets, Step } from "../plan/step.js";
import type { Pins } from "../recipe/pins.js";
import type { Spec } from "../recipe/spec.js";
import { type Mirror, mirrorLines } from "../util/mirror.js";
import { rpmsSteps } from "./rpms.js";
import { archiveFiles, fileList } from "./source.js";
import { FETCH } from "./tools.js";

/** The step `packages`: the locked packages of a `rootfs: distro` or `rpm` as a tar. None for other root filesystems. */
export function packagesSteps(
  spec: Spec,
  pins: Pins,
  assets: Assets,
  mirrors: readonly Mirror[] = [],
): readonly Step[] {
  if (spec.rootfs.kind === "rpm" && pins.rpms !== undefined) return rpmsSteps(spec.rootfs, pins.rpms, assets, mirrors);
  if (spec.rootfs.kind !== "distro" || pins.packages === undefined) return [];
  const { distro, suite, arch } = spec.rootfs;
  return [
    {
      id: "packages",
      title: `fetch ${pins.packages.length} packages of ${distro} ${suite} ${arch}`,
      action: {
        kind: "container",
        tool: FETCH,
        script: archiveFiles(assets),
        env: { OUTPUT: "packages" },
        transient: { MIRRORS: mirrorLines(mirrors) },
        network: "fetch",
        caps: [],
        caches: ["packages"],
      },
      inputs: [{ name: "list", from: { text: fileList(pins.packages) } }],
      outputs: [{ name: "packages", kind: "file" }],
      identity: { packages: pins.packages.map((one) => `${one.path.replace(/^.*\//, "")} ${one.sha256}`).sort() },
      weight: "io",
    },
  ];
}
