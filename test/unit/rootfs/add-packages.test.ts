import { expect, test } from "vitest";
import { addPackages } from "../../../src/rootfs/add-packages.js";
import { treeOf } from "./rig.js";

const NAMES = { debian: "systemd or ifupdown", opensuse: "systemd-networkd" };

test("the help names packages as the rootfs's own distribution calls them, and none where a recipe names none", () => {
  expect(addPackages(treeOf({ "var/lib/dpkg/status": "" }), NAMES)).toBe("add systemd or ifupdown to rootfs.packages");
  expect(addPackages(treeOf({ "usr/lib/sysimage/rpm/Packages.db": "" }), NAMES)).toBe(
    "add systemd-networkd to rootfs.packages",
  );
  expect(addPackages(treeOf({ "etc/passwd": "" }), NAMES)).toBeUndefined();
});
