import type { Assets, Step } from "../plan/step.js";

/** Steps that only write down what there is: packages with licences, and the image's checksum. They run beside the proof. */
export function recordSteps(assets: Assets): readonly Step[] {
  const op = (name: string) =>
    ({ kind: "op", op: name, args: {}, tools: [], scripts: {}, code: assets.code(name) }) as const;
  return [
    {
      id: "inventory",
      title: "list packages and licences",
      action: op("inventory"),
      inputs: [{ name: "rootfs", from: { step: "rootfs", output: "rootfs" } }],
      outputs: [{ name: "inventory", kind: "file" }],
      weight: "io",
    },
    {
      id: "checksum",
      title: "checksum the card image",
      action: op("checksum"),
      inputs: [{ name: "image", from: { step: "image", output: "image" } }],
      outputs: [{ name: "sha256", kind: "file" }],
      weight: "io",
    },
  ];
}
