import { describe, expect, it } from "vitest";
import { guests } from "../../../src/rootfs/guests.js";
import { EPOCH, found, listing, memory, treeOf } from "./rig.js";

const XEN = { "usr/sbin/xl": "ELF", "etc/xen/xl.conf": "", "boot/vmlinuz-guest": "kernel" };
const GUESTS = [
  {
    name: "web",
    xl: 'name = "web"\n',
    libvirt: "<domain/>\n",
    autostart: true,
    files: [
      { path: "/usr/lib/boardsmith/guests/kernel-dom0", content: memory(Buffer.from("zImage")) },
      { path: "/boot/vmlinuz-guest" },
    ],
  },
  { name: "mail", xl: 'name = "mail"\n', libvirt: "<domain/>\n", autostart: false, files: [] },
];

function run(members: Parameters<typeof treeOf>[0], all = GUESTS) {
  const before = new Set(listing(treeOf(members)));
  const tree = treeOf(members);
  const says = found((findings) => guests(tree, all, EPOCH, findings));
  const fresh = listing(tree).filter((line) => !before.has(line) && !line.startsWith("d"));
  const path = (line: string) => line.slice(line.indexOf("./"));
  return { tree, says, fresh: fresh.sort((a, b) => (path(a) < path(b) ? -1 : 1)) };
}

describe("guests in dom0", () => {
  it("for xl: a configuration each, a link for those that start with the board, and their kernels", () => {
    const { tree, says, fresh } = run(XEN);
    expect(says).toEqual({ notes: ["guests: web, mail, for xl"], mistakes: [] });
    expect(fresh).toEqual([
      "lrwxrwxrwx 0/0 ./etc/xen/auto/web.cfg -> ../web.cfg",
      "-rw-r--r-- 0/0 ./etc/xen/mail.cfg",
      "-rw-r--r-- 0/0 ./etc/xen/web.cfg",
      "-rw-r--r-- 0/0 ./usr/lib/boardsmith/guests/kernel-dom0",
    ]);
    expect(tree.text("etc/xen/web.cfg")).toBe('name = "web"\n');
    expect(tree.text("etc/xen/auto/web.cfg")).toBe('name = "web"\n');
    expect(tree.text("usr/lib/boardsmith/guests/kernel-dom0")).toBe("zImage");
  });

  it("for libvirt as well where it is installed, which then starts them", () => {
    const { says, fresh } = run({ ...XEN, "usr/sbin/libvirtd": "ELF" });
    expect(says.notes).toEqual(["guests: web, mail, for xl and for libvirt, which starts them"]);
    expect(fresh.filter((line) => line.includes("/etc/"))).toEqual([
      "lrwxrwxrwx 0/0 ./etc/libvirt/libxl/autostart/web.xml -> /etc/libvirt/libxl/web.xml",
      "-rw------- 0/0 ./etc/libvirt/libxl/mail.xml",
      "-rw------- 0/0 ./etc/libvirt/libxl/web.xml",
      "-rw-r--r-- 0/0 ./etc/xen/mail.cfg",
      "-rw-r--r-- 0/0 ./etc/xen/web.cfg",
    ]);
  });

  it("are refused without a toolstack, and without the files they start from", () => {
    const { says } = run({ "var/lib/dpkg/status": "Package: base-files\n" });
    expect(says.mistakes).toEqual([
      "the rootfs has nothing that starts guests (neither xl nor libvirt), and the recipe has web, mail (add xen-utils to rootfs.packages)",
      'guest "web" starts from /boot/vmlinuz-guest, and the rootfs has no such file (put it there by an overlay, or name a file of yours (./x))',
    ]);
  });

  it("none: nothing is touched", () => {
    expect(run({}, [])).toMatchObject({ says: { notes: [], mistakes: [] }, fresh: [] });
  });
});
