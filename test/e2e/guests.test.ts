import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { writeTree } from "../../src/disk/device-tree-blob.js";
import { nodeSource } from "../../src/disk/device-tree-node.js";
import type { Engine } from "../../src/engine/engine.js";
import type { ToolImage } from "../../src/plan/step.js";
import { dom0lessNode } from "../../src/xen/guests/dom0less.js";
import { libvirtDomain } from "../../src/xen/guests/libvirt.js";
import { xlConfiguration } from "../../src/xen/guests/xl.js";
import { ALONE, WEB } from "../rig/guest.js";
import { engineWith } from "../rig/op-run.js";
import { shell } from "../rig/shell.js";

/** Xen's own reader of xl's files, libvirt's schemas, and dtc. */
const GUEST_JUDGES: ToolImage = {
  name: "guest-judges",
  base: { distro: "debian", suite: "trixie" },
  packages: ["device-tree-compiler", "libvirt-common", "libxenmisc4.20", "libxml2-utils", "python3"],
};

/** Reads a file as xl does, and its disks (Xen, tools/include/libxlutil.h; struct libxl_device_disk of libxl). */
const READ_XL = `
import ctypes, glob, sys
libc = ctypes.CDLL(None)
xlu = ctypes.CDLL(glob.glob("/usr/lib/*/libxlutil.so.*")[0])
libc.fdopen.restype = xlu.xlu_cfg_init.restype = ctypes.c_void_p
xlu.xlu_cfg_get_listitem.restype = ctypes.c_char_p
class Disk(ctypes.Structure):
    _fields_ = [("domain", ctypes.c_uint32), ("name", ctypes.c_char_p), ("path", ctypes.c_char_p),
                ("vdev", ctypes.c_char_p), ("backend", ctypes.c_int), ("format", ctypes.c_int), ("rest", ctypes.c_char * 4096)]
err = ctypes.c_void_p(libc.fdopen(2, b"w"))
cfg = ctypes.c_void_p(xlu.xlu_cfg_init(err, b"guest"))
if xlu.xlu_cfg_readfile(cfg, b"/in/cfg"): sys.exit("not read")
for key in (b"name", b"uuid", b"kernel", b"ramdisk", b"extra", b"memory", b"vcpus", b"on_crash"):
    value = ctypes.c_char_p()
    if xlu.xlu_cfg_get_string(cfg, key, ctypes.byref(value), 0): sys.exit("no " + key.decode())
    print(key.decode(), value.value.decode())
def items(key):
    values, count = ctypes.c_void_p(), ctypes.c_int()
    if xlu.xlu_cfg_get_list(cfg, key, ctypes.byref(values), ctypes.byref(count), 0): sys.exit("no list")
    return [xlu.xlu_cfg_get_listitem(values, i) for i in range(count.value)]
for text in items(b"disk"):
    disk, one = Disk(), ctypes.c_char_p(text)
    if xlu.xlu_disk_parse(cfg, 1, ctypes.byref(one), ctypes.byref(disk)): sys.exit("no disk: " + text.decode())
    print("disk", disk.vdev.decode(), {1: "phy", 2: "tap", 3: "qdisk"}[disk.backend], disk.path.decode())
for text in items(b"vif"): print("vif", text.decode())
`;

const folder = mkdtempSync(join(tmpdir(), "boardsmith-guests-"));
let engine: Engine;
beforeAll(async () => {
  engine = await engineWith(GUEST_JUDGES);
});
afterAll(async () => {
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});
const judged = (script: string, inputs: Readonly<Record<string, string>>) =>
  shell(engine, GUEST_JUDGES, folder, `set -eu\n${script}`, inputs);

it("xl's own library reads the configuration as it is meant", async () => {
  const { code, lines } = await judged("python3 /in/read", { read: READ_XL, cfg: xlConfiguration(WEB) });
  expect({ code, lines }).toEqual({
    code: 0,
    lines: [
      "name web",
      "uuid 0a1b2c3d-0000-5000-8000-00000000abcd",
      "kernel /usr/lib/boardsmith/guests/kernel-dom0",
      "ramdisk /usr/lib/boardsmith/guests/web/ramdisk",
      'extra console=hvc0 root=/dev/xvda title="a&b" path=C:\\x',
      "memory 256",
      "vcpus 2",
      "on_crash destroy",
      "disk xvda phy /dev/vm/web",
      "disk xvdb qdisk /srv/data, old.img",
      "disk xvdc tap /srv/more.img",
      "vif mac=00:16:3e:01:02:03, bridge=br0",
    ],
  });
});

it("libvirt's schema accepts the domain, and would not accept another", async () => {
  const script = `for f in good bad; do
xmllint --noout --relaxng /usr/share/libvirt/schemas/domain.rng /in/$f 2>&1 | sed 's/^/'$f': /'; done`;
  const good = libvirtDomain(WEB);
  const { lines } = await judged(script, {
    good,
    bad: good.replace("<vcpu>", "<vcpus>").replace("</vcpu>", "</vcpus>"),
  });
  expect(lines.filter((line) => line.startsWith("good"))).toEqual(["good: /in/good validates"]);
  expect(lines.at(-1)).toBe("bad: /in/bad fails to validate");
});

it("dtc reads a dom0less node as source and as a blob, and finds the same in both", async () => {
  const node = dom0lessNode(ALONE, { kernel: { address: 0x4c00_0000, size: 5_000_001 } });
  const chosen = { name: "chosen", properties: { "#address-cells": 2, "#size-cells": 2 }, nodes: [node] };
  const root = { name: "", properties: { "#address-cells": 2, "#size-cells": 2 }, nodes: [chosen] };
  const script = `base64 -d /in/blob >/work/blob
dtc -q -I dtb -O dts /work/blob >/work/a
dtc -q -I dts -O dtb /in/source | dtc -q -I dtb -O dts >/work/b
cmp /work/a /work/b; cat /work/a`;
  const { code, lines } = await judged(script, {
    blob: Buffer.from(writeTree(root)).toString("base64"),
    source: `/dts-v1/;\n${nodeSource(root)}`,
  });
  expect(code, lines.join("\n")).toBe(0);
  const text = lines.map((line) => line.trim());
  expect(text).toContain("memory = <0x01 0x40000000>;");
  expect(text).toContain("reg = <0x00 0x4c000000 0x00 0x4c4b41>;");
  expect(text).toContain('bootargs = "console=ttyAMA0 root=/dev/ram0";');
});
