import { describe, expect, it } from "vitest";
import { Tree } from "../../../src/rootfs/tree.js";
import { bytesOf, contentOf, EPOCH, listing, members, memory, tarOf, treeOf } from "./rig.js";

describe("hardlinks", () => {
  const three = {
    "bin/": {},
    "bin/a": { mode: 0o755, content: "ELF" },
    "bin/b": { flag: "1", mode: 0o755, link: "./bin/a" },
    "bin/c": { flag: "1", mode: 0o755, link: "./bin/a" },
  };

  it("share content until what they point at is rewritten; then the first of them has it", () => {
    const tree = treeOf(three);
    tree.write("bin/a", "new");
    const out = members(bytesOf(tree));
    expect(contentOf(out.get("bin/a"))).toBe("new");
    expect(contentOf(out.get("bin/b"))).toBe("ELF");
    expect(out.get("bin/b")).toMatchObject({ type: "file", mode: 0o755 });
    expect(out.get("bin/c")).toMatchObject({ type: "hardlink", link: "bin/b" });
  });

  it("outlive what they point at", () => {
    const tree = treeOf(three);
    tree.remove("bin/a");
    expect(listing(tree)).toEqual([
      "drwxr-xr-x 0/0 ./bin/",
      "-rwxr-xr-x 0/0 ./bin/b",
      "hrwxr-xr-x 0/0 ./bin/c link to ./bin/b",
    ]);
    expect(tree.text("bin/c")).toBe("ELF");
  });
});

describe("symlinks", () => {
  it("of folders are followed, absolute and relative, and loops end", () => {
    const tree = treeOf({
      "usr/lib/": {},
      lib: { link: "usr/lib" },
      "var/run": { link: "/run" },
      "run/": {},
      round: { link: "round" },
      up: { link: "usr/../run" },
    });
    tree.write("lib/modules/6.1/modules.dep", "x");
    tree.write("var/run/pid", "1");
    tree.write("up/two", "2");
    expect([...tree.nodes()].map((node) => node.path).slice(-4)).toEqual([
      "usr/lib/modules/6.1",
      "usr/lib/modules/6.1/modules.dep",
      "run/pid",
      "run/two",
    ]);
    expect(tree.get("round/x")).toBeUndefined();
    expect(tree.get("round")).toBeUndefined();
  });

  it("at the end are followed by a write and replaced by a symlink", () => {
    const tree = treeOf({ "etc/default/locale": { link: "../locale.conf" }, "etc/locale.conf": "LANG=C\n" });
    tree.write("etc/default/locale", "LANG=de_DE.UTF-8\n");
    expect(tree.text("etc/locale.conf")).toBe("LANG=de_DE.UTF-8\n");
    tree.symlink("etc/default/locale", "/elsewhere");
    expect(tree.get("etc/default/locale", "keep")?.link).toBe("/elsewhere");
  });
});

it("of two members of one path the later counts, in the earlier's place", () => {
  const first = tarOf({ "etc/": {}, "etc/motd": "old", "etc/zzz": "z" });
  const second = tarOf({ "etc/motd": { mode: 0o600, content: "new" } });
  const tree = Tree.of(memory(Buffer.concat([first.subarray(0, 5 * 512), second])), EPOCH);
  expect(listing(tree)).toEqual(["drwxr-xr-x 0/0 ./etc/", "-rw------- 0/0 ./etc/motd", "-rw-r--r-- 0/0 ./etc/zzz"]);
  expect(tree.text("etc/motd")).toBe("new");
});

it("a folder goes with all that is below it, and a file may take its place", () => {
  const tree = treeOf({ "a/": {}, "a/b/": {}, "a/b/c": "x", ab: "y" });
  tree.write("a", "file now");
  expect([...tree.nodes()].map((node) => node.path)).toEqual(["a", "ab"]);
  expect(tree.remove("nothing")).toBe(false);
});

it("device nodes, fifos and owners survive", () => {
  const tree = treeOf({
    "dev/console": { flag: "3", mode: 0o600, major: 5, minor: 1 },
    "dev/loop0": { flag: "4", mode: 0o660, gid: 6, major: 7 },
    "run/pipe": { flag: "6", mode: 0o600, uid: 12 },
  });
  tree.folder("dev", { mode: 0o700 });
  expect(listing(tree)).toEqual([
    "drwx------ 0/0 ./dev/",
    "crw------- 0/0 ./dev/console",
    "brw-rw---- 0/6 ./dev/loop0",
    "drwxr-xr-x 0/0 ./run/",
    "prw------- 12/0 ./run/pipe",
  ]);
  expect(members(bytesOf(tree)).get("dev/console")?.device).toEqual({ major: 5, minor: 1 });
});
