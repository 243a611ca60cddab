import { describe, expect, it } from "vitest";
import { APPLETS, type InitramfsParts, initramfsContents } from "../../../src/initramfs/contents.js";

const bytes = (text: string) => Buffer.from(text);
const parts: InitramfsParts = {
  init: "#!/bin/sh\n",
  busybox: bytes("busybox"),
  modules: [
    { name: "crc32c_generic.ko", bytes: bytes("crc"), optional: true },
    { name: "ext4.ko", bytes: bytes("ext4"), optional: false },
  ],
  root: { kind: "partition" },
  filesystem: "ext4",
  lvm: new Map(),
};
const file = (over: Partial<InitramfsParts>, path: string) => {
  const what = initramfsContents({ ...parts, ...over }).find((entry) => entry.path === path)?.what;
  return what && "file" in what ? Buffer.from(what.file).toString() : what;
};

describe("a minimal initramfs", () => {
  it("holds init, busybox under each of its names, the modules and their list", () => {
    expect(initramfsContents(parts).map(({ path }) => path)).toEqual(
      [
        ...[
          "bin",
          "bin/busybox",
          "dev",
          "dev/console",
          "etc",
          "etc/modules",
          "etc/root.conf",
          "init",
          "lib",
          "lib/modules",
        ],
        ...["lib/modules/crc32c_generic.ko", "lib/modules/ext4.ko", "proc", "root", "run", "sys", "tmp"],
        ...APPLETS.map((name) => `bin/${name}`),
      ].sort(),
    );
    expect(file({}, "etc/modules")).toBe("/lib/modules/crc32c_generic.ko optional\n/lib/modules/ext4.ko\n");
    expect(file({}, "etc/root.conf")).toBe("type=ext4\n");
    expect(file({}, "bin/sh")).toEqual({ link: "busybox" });
    expect(initramfsContents(parts).find(({ path }) => path === "init")?.mode).toBe(0o755);
  });

  it("has each folder in front of what is in it", () => {
    const seen = new Set([""]);
    for (const { path } of initramfsContents(parts)) {
      expect(seen, path).toContain(path.split("/").slice(0, -1).join("/"));
      seen.add(path);
    }
  });

  it("brings lvm along where the root is a volume, and names it", () => {
    const lvm = new Map([
      ["usr/sbin/lvm", bytes("lvm")],
      ["lib/ld-linux-armhf.so.3", bytes("loader")],
    ]);
    const over = { root: { kind: "lvm", group: "system", volume: "root" }, lvm } as const;
    expect(file(over, "etc/root.conf")).toBe("type=ext4\nvolume=system/root\n");
    expect(file(over, "bin/lvm")).toEqual({ link: "/usr/sbin/lvm" });
    expect(file(over, "lib/ld-linux-armhf.so.3")).toBe("loader");
    expect(file(over, "etc/lvm/lvm.conf")).toContain("udev_sync = 0");
    expect(file({ lvm }, "usr/sbin/lvm")).toBeUndefined();
  });
});
