import { describe, expect, test } from "vitest";
import { nodeSource } from "../../../src/disk/device-tree-node.js";
import { dom0lessNode } from "../../../src/xen/guests/dom0less.js";
import { libvirtDomain } from "../../../src/xen/guests/libvirt.js";
import { xlConfiguration } from "../../../src/xen/guests/xl.js";
import { ALONE, WEB } from "../../rig/guest.js";

describe("a guest", () => {
  test("as xl reads it", () => {
    expect(xlConfiguration(WEB)).toBe(`# Made by boardsmith from the recipe's guests: web.
name = "web"
uuid = "0a1b2c3d-0000-5000-8000-00000000abcd"
kernel = "/usr/lib/boardsmith/guests/kernel-dom0"
ramdisk = "/usr/lib/boardsmith/guests/web/ramdisk"
extra = "console=hvc0 root=/dev/xvda title=\\"a&b\\" path=C:\\\\x"
memory = 256
vcpus = 2
disk = [
  "format=raw, vdev=xvda, access=rw, backendtype=phy, target=/dev/vm/web",
  "format=raw, vdev=xvdb, access=ro, backendtype=qdisk, target=/srv/data, old.img",
  "format=raw, vdev=xvdc, access=rw, backendtype=tap, target=/srv/more.img",
]
vif = [
  "mac=00:16:3e:01:02:03, bridge=br0",
]
on_poweroff = "destroy"
on_reboot = "restart"
on_crash = "destroy"
`);
  });

  test("with boardsmith's initramfs for its kernel", () => {
    const text = xlConfiguration({ ...WEB, ramdisk: { kind: "minimal", role: "dom0" } });
    expect(text).toContain('\nramdisk = "/usr/lib/boardsmith/guests/initramfs-dom0"\n');
  });

  test("as libvirt reads it", () => {
    expect(libvirtDomain(WEB)).toBe(`<!-- Made by boardsmith from the recipe's guests. -->
<domain type="xen">
  <name>web</name>
  <uuid>0a1b2c3d-0000-5000-8000-00000000abcd</uuid>
  <memory unit="KiB">262144</memory>
  <vcpu>2</vcpu>
  <os>
    <type machine="xenpv">linux</type>
    <kernel>/usr/lib/boardsmith/guests/kernel-dom0</kernel>
    <initrd>/usr/lib/boardsmith/guests/web/ramdisk</initrd>
    <cmdline>console=hvc0 root=/dev/xvda title=&quot;a&amp;b&quot; path=C:\\x</cmdline>
  </os>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>destroy</on_crash>
  <devices>
    <disk type="block" device="disk">
      <driver name="phy" type="raw"/>
      <source dev="/dev/vm/web"/>
      <target dev="xvda" bus="xen"/>
    </disk>
    <disk type="file" device="disk">
      <driver name="qemu" type="raw"/>
      <source file="/srv/data, old.img"/>
      <target dev="xvdb" bus="xen"/>
      <readonly/>
    </disk>
    <disk type="file" device="disk">
      <driver name="tap" type="raw"/>
      <source file="/srv/more.img"/>
      <target dev="xvdc" bus="xen"/>
    </disk>
    <interface type="bridge">
      <mac address="00:16:3e:01:02:03"/>
      <source bridge="br0"/>
    </interface>
    <console type="pty">
      <target type="xen" port="0"/>
    </console>
  </devices>
</domain>
`);
  });

  test("that Xen starts itself, as a fragment of its device tree", () => {
    const files = { kernel: { address: 0x4c00_0000, size: 5_000_001 }, ramdisk: { address: 0x4d00_0000, size: 77 } };
    expect(nodeSource(dom0lessNode({ ...ALONE, memory: 128 * 1024 ** 2 }, files))).toBe(`alone {
  compatible = "xen,domain";
  #address-cells = <0x2>;
  #size-cells = <0x2>;
  memory = <0x0 0x20000>;
  cpus = <0x1>;
  vpl011;
  module@4c000000 {
    compatible = "multiboot,kernel", "multiboot,module";
    reg = <0x0 0x4c000000 0x0 0x4c4b41>;
    bootargs = "console=ttyAMA0 root=/dev/ram0";
  };
  module@4d000000 {
    compatible = "multiboot,ramdisk", "multiboot,module";
    reg = <0x0 0x4d000000 0x0 0x4d>;
  };
};
`);
  });

  test("has all of its memory in two cells of KiB", () => {
    const node = dom0lessNode(ALONE, { kernel: { address: 0, size: 1 } });
    expect(node.properties["memory"]).toEqual([1, 0x4000_0000]);
  });
});
