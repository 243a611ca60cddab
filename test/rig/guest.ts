import type { GuestSpec } from "../../src/recipe/guest.js";

/** A guest with one of everything. */
export const WEB: GuestSpec = {
  name: "web",
  uuid: "0a1b2c3d-0000-5000-8000-00000000abcd",
  kernel: { kind: "role", role: "dom0" },
  ramdisk: { kind: "local", local: { path: "/u/initrd", shown: "./initrd", kind: "file", sha256: "0".repeat(64) } },
  arguments: ["root=/dev/xvda", 'title="a&b"', "path=C:\\x"],
  memory: 256 * 1024 ** 2,
  vcpus: 2,
  disks: [
    { kind: "volume", at: "vm/web", target: "xvda", readOnly: false },
    { kind: "file", at: "/srv/data, old.img", target: "xvdb", readOnly: true },
    { kind: "tap", at: "/srv/more.img", target: "xvdc", readOnly: false },
  ],
  vifs: [{ bridge: "br0", mac: "00:16:3e:01:02:03" }],
  autostart: true,
  dom0less: false,
};

/** One that Xen starts itself. */
export const ALONE: GuestSpec = {
  ...WEB,
  name: "alone",
  kernel: { kind: "local", local: { path: "/u/zImage", shown: "./zImage", kind: "file", sha256: "1".repeat(64) } },
  arguments: ["root=/dev/ram0"],
  memory: 5 * 1024 ** 4,
  vcpus: 1,
  disks: [],
  vifs: [],
  autostart: false,
  dom0less: true,
};
