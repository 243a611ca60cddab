import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cardSize, machineArgv } from "../../../src/emulate/machine.js";

const MIB = 1024 ** 2;
const card = { file: "/in/image", format: "raw" } as const;

describe("QEMU's command line", () => {
  test("boots the card alone and never writes to it", () => {
    const argv = machineArgv({ machine: "cubieboard", memory: 1024 * MIB, until: "login" }, card);
    expect(argv.join(" ")).toBe(
      "qemu-system-arm -M cubieboard -m 1024M -nographic -no-reboot -drive file=/in/image,format=raw,if=sd -snapshot -nic user",
    );
  });

  test("keeps what is written where that is wanted", () => {
    const emulation = { machine: "cubieboard", memory: 1024 * MIB, until: "login" } as const;
    expect(machineArgv(emulation, { ...card, keeps: true })).not.toContain("-snapshot");
  });

  test("lets a Cortex-A7's clock run as fast as the board's", () => {
    const argv = machineArgv({ machine: "bpim2u", memory: 1024 * MIB, until: "login" }, card);
    expect(argv.join(" ")).toContain("-M bpim2u -global cortex-a7-arm-cpu.cntfrq=24000000 -m 1024M");
    const xen = machineArgv({ machine: "bpim2u", memory: 1024 * MIB, until: "login" }, card, { xen: true });
    expect(xen.join(" ")).toContain("-accel tcg,thread=single");
  });

  test("takes the sizes of memory that the machine has", () => {
    const argv = machineArgv({ machine: "cubieboard", memory: 512 * MIB, until: "login" }, card);
    expect(argv).toContain("512M");
    expect(() => machineArgv({ machine: "cubieboard", memory: 2048 * MIB, until: "kernel" }, card)).toThrow(
      "QEMU's cubieboard has 512 MiB or 1024 MiB of memory, the board says 2048 MiB",
    );
  });
});

test("a card is the smallest power of two that holds the image", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 40 }), (bytes) => {
      const size = cardSize(bytes);
      expect(Math.log2(size) % 1).toBe(0);
      expect(size).toBeGreaterThanOrEqual(bytes);
      if (size > MIB) expect(size / 2).toBeLessThan(bytes);
    }),
  );
  expect(cardSize(2048 * MIB)).toBe(2048 * MIB);
  expect(cardSize(2048 * MIB + 1)).toBe(4096 * MIB);
});
