import type { Spec, XenSpec } from "../../src/recipe/spec.js";
import { cardSpec } from "./card.js";

/** What stands for a Xen: its header, which asks for `memory` bytes, and the name by which dom0 will know it. */
export function fakeXen({ size = 900_000, memory = 1_200_000, release = "4.17" } = {}): Buffer {
  const bytes = Buffer.alloc(size, 0xa5);
  bytes.writeUInt32LE(0x016f2818, 0x24);
  bytes.writeUInt32LE(0, 0x28);
  bytes.writeUInt32LE(memory, 0x2c);
  bytes.write(`\0xen,xen-${release}\0`, 0x1000, "latin1");
  return bytes;
}

/** The card's spec under Xen, on a board that can. */
export function xenSpec(xen: Partial<XenSpec> = {}, more: Partial<Spec> = {}): Spec {
  const base = cardSpec();
  return {
    ...base,
    board: {
      ...base.board,
      name: "cubieboard2",
      soc: { name: "A20", family: "sun7i", core: "cortex-a7", cores: 2, virtualization: true, lpae: true },
    },
    boot: { method: "script", arguments: ["quiet"] },
    xen: {
      from: { kind: "package", package: "xen-hypervisor-4.17-armhf" },
      arguments: ["sync_console"],
      dom0: { memory: 256 * 1024 ** 2, vcpus: 1 },
      ...xen,
    },
    ...more,
  };
}
