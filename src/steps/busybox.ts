import type { Assets, Step } from "../plan/step.js";
import { systemConsole } from "../recipe/console.js";
import type { Spec } from "../recipe/spec.js";
import { sourceFormat } from "./source.js";
import { checkToolchain, toolchainEnv, toolchainInputs } from "./toolchain.js";
import { BUILD } from "./tools.js";

/** A static busybox in the least of a root filesystem: a `rootfs: busybox`, and what an initramfs takes its busybox from. */
export function busyboxStep(id: string, title: string, spec: Spec, name: string, assets: Assets): Step {
  const source = spec.sources[name];
  const nolibc = checkToolchain(spec);
  const { device, baud } = systemConsole(spec);
  return {
    id,
    title,
    action: {
      kind: "container",
      tool: BUILD,
      script: `${assets.script("kbuild").trimEnd()}\n\n${assets.text("steps/rootfs-busybox.sh")}`,
      env: {
        ...toolchainEnv(spec),
        SOURCE_DATE_EPOCH: String(spec.epoch),
        ARCH: spec.board.kernel.arch,
        SOURCE_FORMAT: source ? sourceFormat(source) : "",
        CONSOLE: device,
        BAUD: String(baud),
        // Planning refuses it already; the script says so too for whoever runs it by hand.
        ...(nolibc.length > 0 ? { NOLIBC: "1" } : {}),
      },
      network: "none",
      caps: [],
      caches: ["ccache"],
    },
    inputs: [{ name: "source", from: { step: `source:${name}`, output: "source" } }, ...toolchainInputs(spec)],
    outputs: [
      { name: "rootfs", kind: "file" },
      { name: "packages", kind: "file" },
    ],
  };
}
