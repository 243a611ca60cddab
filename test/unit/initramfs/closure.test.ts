import { describe, expect, it } from "vitest";
import { closure } from "../../../src/initramfs/closure.js";
import { elfNeeds } from "../../../src/initramfs/elf.js";
import { Tree } from "../../../src/rootfs/tree.js";
import { fakeElf } from "../../rig/elf.js";

describe("what an ELF file needs", () => {
  const wants = {
    loader: "/lib/ld-linux-armhf.so.3",
    libraries: ["libc.so.6", "libdevmapper.so.1.02.1"],
    runpath: "$ORIGIN/../lib:/opt/lib",
  };

  it.each([32, 64] as const)("is read from %i bit files", (bits) => {
    expect(elfNeeds(fakeElf({ bits, ...wants }))).toEqual({
      loader: "/lib/ld-linux-armhf.so.3",
      libraries: ["libc.so.6", "libdevmapper.so.1.02.1"],
      folders: ["$ORIGIN/../lib", "/opt/lib"],
    });
  });

  it("is nothing for a static program, and unknown for what is no ELF file or a part of one", () => {
    expect(elfNeeds(fakeElf({ bits: 32, libraries: [] }))).toEqual({ libraries: [], folders: [] });
    expect(elfNeeds(Buffer.from("#!/bin/sh\n".repeat(20)))).toBeUndefined();
    expect(elfNeeds(fakeElf({ bits: 32, ...wants }).subarray(0, 90))).toBeUndefined();
  });
});

describe("a program's closure", () => {
  const tree = new Tree(0);
  tree.symlink("lib", "usr/lib");
  tree.symlink("sbin", "usr/sbin");
  const put = (path: string, libraries: readonly string[], loader?: string, runpath?: string) =>
    tree.write(path, fakeElf({ bits: 32, libraries, ...(loader ? { loader } : {}), ...(runpath ? { runpath } : {}) }));
  put("usr/sbin/lvm", ["libdevmapper.so.1.02.1", "libprivate.so"], "/lib/ld-linux-armhf.so.3", "$ORIGIN/../lib/lvm");
  put("usr/lib/arm-linux-gnueabihf/libdevmapper.so.1.02.1", ["libc.so.6"]);
  put("usr/lib/lvm/libprivate.so", ["libgone.so.1"]);
  put("usr/lib/arm-linux-gnueabihf/libc.so.6.real", ["ld-linux-armhf.so.3"]);
  tree.symlink("usr/lib/arm-linux-gnueabihf/libc.so.6", "libc.so.6.real");
  put("usr/lib/ld-linux-armhf.so.3", []);

  it("has loader and libraries under the names they are asked by, through links", () => {
    const { files } = closure(tree, "usr/sbin/lvm");
    expect([...files.keys()]).toEqual([
      "usr/sbin/lvm",
      "lib/ld-linux-armhf.so.3",
      "lib/arm-linux-gnueabihf/libdevmapper.so.1.02.1",
      "lib/arm-linux-gnueabihf/libc.so.6",
      "usr/lib/lvm/libprivate.so",
    ]);
    expect(files.get("lib/arm-linux-gnueabihf/libc.so.6")).toEqual(
      tree.read("usr/lib/arm-linux-gnueabihf/libc.so.6.real"),
    );
  });

  it("names what is nowhere", () => {
    expect(closure(tree, "usr/sbin/lvm").missing).toEqual(["libgone.so.1"]);
    expect(closure(tree, "usr/sbin/lvm2").missing).toEqual(["usr/sbin/lvm2"]);
  });
});
