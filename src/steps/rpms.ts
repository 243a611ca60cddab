import type { Assets, Input, Step } from "../plan/step.js";
import type { RpmPin } from "../recipe/pins.js";
import type { RpmRootfsSpec } from "../recipe/spec.js";
import { type Mirror, mirrorLines } from "../util/mirror.js";
import { RPM } from "./tools.js";

/**
 * The steps `packages` and, for what came to a locked set later, `packages:added` of a `rootfs: rpm`: the locked packages as
 * a tar of .rpm files, each checked.
 */
export function rpmsSteps(
  rootfs: RpmRootfsSpec,
  rpms: readonly RpmPin[],
  assets: Assets,
  mirrors: readonly Mirror[],
): readonly Step[] {
  const step = (id: string, pins: readonly RpmPin[]) => rpmsStep(id, rootfs, pins, assets, mirrors);
  // KIWI installs a set as a whole.
  const added = rootfs.kiwi ? [] : rpms.filter((pin) => pin.added);
  const first = rpms.filter((pin) => !added.includes(pin));
  return [step("packages", first), ...(added.length > 0 ? [step("packages:added", added)] : [])];
}

function rpmsStep(
  id: string,
  rootfs: RpmRootfsSpec,
  rpms: readonly RpmPin[],
  assets: Assets,
  mirrors: readonly Mirror[],
): Step {
  const names = repositoryNames(rootfs);
  const line = (pin: RpmPin) => {
    const { repository, checksum, path } = pin;
    const encoded = path.split("/").map(encodeURIComponent).join("/");
    const [algorithm, digits] = checksum.split(":");
    return [
      names.indexOf(repository),
      algorithm,
      digits,
      fileName(pin),
      `${rootfs.repositories[repository]?.url}/${encoded}`,
    ].join(" ");
  };
  const inOrder = [...rpms].sort((a, b) => (fileName(a) < fileName(b) ? -1 : 1));
  return {
    id,
    title: `fetch ${rpms.length} packages of ${rootfs.distro} ${rootfs.arch}`,
    action: {
      kind: "container",
      tool: RPM,
      script: [assets.script("archive"), assets.text("steps/rpm-fetch.sh")].join("\n"),
      env: {},
      transient: { MIRRORS: mirrorLines(mirrors) },
      network: "fetch",
      caps: [],
      caches: ["packages"],
    },
    inputs: [{ name: "list", from: { text: inOrder.map((pin) => `${line(pin)}\n`).join("") } }, ...keyInputs(rootfs)],
    outputs: [{ name: "packages", kind: "file" }],
    // Bytes and who vouches for them, whatever place they come from.
    identity: {
      rpms: inOrder.map((pin) => `${fileName(pin)} ${pin.checksum}`),
      keys: names.map((name) => rootfs.repositories[name]?.keys.map((key) => key.sha256) ?? []),
    },
    weight: "io",
  };
}

/** The repositories in the order of the numbers that scripts know them by. */
export function repositoryNames(rootfs: Pick<RpmRootfsSpec, "repositories">): readonly string[] {
  return Object.keys(rootfs.repositories).sort();
}

/** The keys of repository N as inputs `key-N-0`, `key-N-1` … */
export function keyInputs(rootfs: Pick<RpmRootfsSpec, "repositories">) {
  return repositoryNames(rootfs).flatMap((name, number) =>
    (rootfs.repositories[name]?.keys ?? []).map(
      (local, index) => ({ name: `key-${number}-${index}`, from: { local } }) satisfies Input,
    ),
  );
}

function fileName({ path }: RpmPin): string {
  return path.replace(/^.*\//, "");
}
