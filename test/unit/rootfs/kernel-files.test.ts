import { describe, expect, it } from "vitest";
import { graft } from "../../../src/rootfs/graft.js";
import { configFile, kernelImages, moduleFolders, treeFolder } from "../../../src/rootfs/kernel-files.js";
import { Tree } from "../../../src/rootfs/tree.js";

const tree = (files: Readonly<Record<string, string>>, links: Readonly<Record<string, string>> = {}) => {
  const made = new Tree(0);
  for (const [path, target] of Object.entries(links)) made.symlink(path, target);
  for (const [path, content] of Object.entries(files)) made.write(path, content);
  return made;
};
const images = (of: Tree) => kernelImages(of, (bytes) => bytes.toString().startsWith("zImage"));

describe("a kernel's files", () => {
  it("are found where Debian has them", () => {
    const debian = tree(
      {
        "boot/vmlinuz-6.12.1-armmp": "zImage 1",
        "boot/config-6.12.1-armmp": "",
        "usr/lib/linux-image-6.12.1-armmp/allwinner/sun4i-a10-cubieboard.dtb": "",
        "usr/lib/modules/6.12.1-armmp/modules.dep": "",
      },
      { lib: "usr/lib", vmlinuz: "boot/vmlinuz-6.12.1-armmp" },
    );
    expect(images(debian)).toEqual({ images: ["boot/vmlinuz-6.12.1-armmp"], others: [] });
    expect(moduleFolders(debian)).toEqual(["usr/lib/modules"]);
    expect(treeFolder(debian, "6.12.1-armmp")).toBe("usr/lib/linux-image-6.12.1-armmp");
    expect(configFile(debian, "6.12.1-armmp")).toBe("boot/config-6.12.1-armmp");
  });

  it("are found where openSUSE has them", () => {
    const suse = tree(
      {
        "usr/lib/modules/6.11.0-1-default/zImage": "zImage 1",
        "usr/lib/modules/6.11.0-1-default/config": "",
        // One package of device trees, and no link to its folder.
        "boot/dtb-6.11.0-1/allwinner/sun4i-a10-cubieboard.dtb": "",
        "boot/dtb-6.11.0-1/allwinner/sun4i-a10-mk802.dtb": "",
      },
      { "boot/zImage": "../usr/lib/modules/6.11.0-1-default/zImage" },
    );
    expect(images(suse).images).toEqual(["usr/lib/modules/6.11.0-1-default/zImage"]);
    expect(treeFolder(suse, "6.11.0-1-default")).toBe("boot/dtb-6.11.0-1");
    expect(configFile(suse, "6.11.0-1-default")).toBe("usr/lib/modules/6.11.0-1-default/config");
  });

  it("are found anywhere in a tarball", () => {
    const plain = tree({
      "kernel/zImage": "zImage 1",
      "kernel/vmlinuz": "zImage 1",
      "kernel/vmlinuz.debug": "ELF",
      "kernel/trees/allwinner/one.dtb": "",
      "kernel/trees/nxp/two.dtb": "",
      "kernel/root/lib/modules/5.4/modules.dep": "",
    });
    expect(images(plain)).toEqual({ images: ["kernel/zImage"], others: ["kernel/vmlinuz.debug"] });
    expect(moduleFolders(plain)).toEqual(["kernel/root/lib/modules"]);
    expect(treeFolder(plain, "5.4")).toBe("kernel/trees");
    expect(configFile(plain, "5.4")).toBeUndefined();
    expect(treeFolder(tree({ "one.dtb": "", zImage: "" }), "5.4")).toBe("");
    expect(treeFolder(tree({ zImage: "" }), "5.4")).toBeUndefined();
  });

  it("that are several kernels are all told", () => {
    expect(images(tree({ "boot/vmlinuz-1": "zImage 1", "boot/vmlinuz-2": "zImage 2" })).images).toHaveLength(2);
  });
});

it("a graft moves a folder with all that is in it", () => {
  const from = tree({ "usr/lib/modules/5.4/a.ko": "a", "usr/lib/other": "x" }, { "usr/lib/modules/5.4/b.ko": "a.ko" });
  const to = new Tree(0);
  graft(from, "usr/lib/modules", to, "lib/modules");
  expect(to.text("lib/modules/5.4/a.ko")).toBe("a");
  expect(to.get("lib/modules/5.4/b.ko", "keep")).toMatchObject({ type: "symlink", link: "a.ko" });
  expect(to.list("")).toEqual(["lib"]);
});
