import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { embeddedConfig } from "../../../src/kconfig/embedded.js";

const CONFIG = "CONFIG_A=y\n# CONFIG_B is not set\n";
const KERNEL = Buffer.concat([
  Buffer.alloc(5000, 7),
  Buffer.from("IKCFG_ST"),
  gzipSync(CONFIG),
  Buffer.from("IKCFG_ED"),
  Buffer.alloc(300, 9),
]);

test("a configuration is found in a bare kernel and in a packed one, whatever stands around it", () => {
  expect(embeddedConfig(KERNEL)).toBe(CONFIG);
  const zImage = Buffer.concat([
    Buffer.from([0x1f, 0x8b, 0x08, 0xff, 0xff]),
    Buffer.alloc(99, 1),
    gzipSync(KERNEL),
    Buffer.alloc(50, 3),
  ]);
  expect(embeddedConfig(zImage)).toBe(CONFIG);
});

test("a kernel without one has none", () => {
  expect(embeddedConfig(Buffer.alloc(9000, 7))).toBeUndefined();
  expect(embeddedConfig(gzipSync(Buffer.alloc(9000, 7)))).toBeUndefined();
});
