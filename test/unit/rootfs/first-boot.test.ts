import { describe, expect, test } from "vitest";
import { type FirstBoot, firstBoot } from "../../../src/rootfs/first-boot-kind.js";
import { presets } from "../../../src/rootfs/presets.js";
import type { Tree } from "../../../src/rootfs/tree.js";
import { found, type Member, NONE, treeOf } from "./rig.js";

type Members = { readonly [path: string]: Member | string };

const AT = "usr/lib/systemd/system";
const OWN = "etc/systemd/system";
const SYSTEMD: Members = {
  "usr/lib/systemd/systemd": { mode: 0o755, content: "ELF" },
  "usr/sbin/init": { link: "../lib/systemd/systemd" },
  sbin: { link: "usr/sbin" },
  "etc/passwd": "root:x:0:0:root:/root:/bin/bash\n",
  "etc/shadow": { mode: 0o640, content: "root:*:19675:0:99999:7:::\n" },
  [`${AT}/systemd-firstboot.service`]: "[Unit]\nConditionFirstBoot=yes\n[Service]\nExecStart=systemd-firstboot\n",
  [`${AT}/sysinit.target.wants/systemd-firstboot.service`]: { link: "../systemd-firstboot.service" },
};
const OPENSUSE: Members = { ...SYSTEMD, "usr/lib/sysimage/rpm/Packages.db": "" };
const YAST: Members = {
  [`${AT}/YaST2-Firstboot.service`]:
    "[Unit]\nConditionPathExists=/var/lib/YaST2/reconfig_system\n[Install]\nWantedBy=default.target\n",
};
const jeos = (condition: string): Members => ({
  "usr/share/licenses/product/base/license.txt": "LICENSE AGREEMENT\n",
  [`${AT}/jeos-firstboot.service`]: `[Unit]\n${condition}\n[Install]\nWantedBy=sysinit.target\n`,
});

const ROOT = { name: "root", passwordHash: "$6$x$y", sshKeys: [], groups: [] };

function run(members: Members, what: Pick<FirstBoot, "firstboot"> & Partial<FirstBoot>) {
  const tree = treeOf(members);
  let machineId: string | undefined;
  const says = found((findings) => {
    machineId = firstBoot(tree, { users: [], console: "ttyS0", files: {}, ...what }, findings);
  });
  return { tree, says, machineId };
}

const linkOf = (tree: Tree, path: string) => tree.get(path, "keep")?.link;

describe("a wizard of openSUSE's", () => {
  test("YaST's is started by its file, and systemd's stays silent", () => {
    const { tree, says, machineId } = run({ ...OPENSUSE, ...YAST }, { firstboot: "yast" });
    expect(says).toEqual(NONE);
    expect(machineId).toBe("empty");
    expect(tree.text("var/lib/YaST2/reconfig_system")).toBe("");
    expect(linkOf(tree, `${OWN}/default.target.wants/YaST2-Firstboot.service`)).toBe(`/${AT}/YaST2-Firstboot.service`);
    expect(linkOf(tree, `${OWN}/systemd-firstboot.service`)).toBe("/dev/null");
    expect(tree.text("etc/shadow")).toBe("root:*:19675:0:99999:7:::\n");
  });

  test("jeos-firstboot does not ask for what the recipe says", () => {
    const members = { ...OPENSUSE, ...jeos("ConditionPathExists=/var/lib/YaST2/reconfig_system") };
    const said = { locale: "de_DE.UTF-8", timezone: "Europe/Berlin", keymap: "de-nodeadkeys", users: [ROOT] };
    const { tree, says, machineId } = run(members, { firstboot: "jeos", ...said });
    expect(says).toEqual(NONE);
    expect(machineId).toBe("empty");
    expect(tree.has("var/lib/YaST2/reconfig_system")).toBe(true);
    expect(linkOf(tree, `${OWN}/sysinit.target.wants/jeos-firstboot.service`)).toBeDefined();
    expect(tree.text("etc/jeos-firstboot.conf")).toBe(
      "JEOS_LOCALE='de_DE.UTF-8'\nJEOS_KEYTABLE='de-nodeadkeys'\nJEOS_TIMEZONE='Europe/Berlin'\nJEOS_PASSWORD_ALREADY_SET='yes'\n",
    );
  });

  test("jeos-firstboot asks for a language where the recipe has none of a country", () => {
    const { tree, says } = run({ ...OPENSUSE, ...jeos("") }, { firstboot: "jeos", locale: "C.UTF-8" });
    expect(tree.has("etc/jeos-firstboot.conf")).toBe(false);
    expect(says).toEqual(NONE);
  });

  test("jeos-firstboot needs a licence to show", () => {
    const { "usr/share/licenses/product/base/license.txt": _, ...bare } = jeos("");
    expect(run({ ...OPENSUSE, ...bare }, { firstboot: "jeos" }).says.notes).toEqual([
      "warning: jeos-firstboot shows a licence and asks nothing where it finds none: the rootfs has no /etc/YaST2/licenses/base/license.txt and no /usr/share/licenses/product/base/license.txt; let an overlay bring one",
    ]);
  });

  test("an earlier jeos-firstboot wants a first boot of systemd's", () => {
    const { machineId } = run({ ...OPENSUSE, ...jeos("ConditionFirstBoot=yes") }, { firstboot: "jeos" });
    expect(machineId).toBe("uninitialized");
  });

  test.each([
    ["yast", OPENSUSE, "add yast2-firstboot to rootfs.packages"],
    ["jeos", OPENSUSE, "add jeos-firstboot to rootfs.packages"],
    ["jeos", { ...SYSTEMD, "var/lib/dpkg/status": "" }, "Debian has no such package; use `firstboot: systemd`"],
  ] as const)("%s needs its package", (firstboot, members, help) => {
    const unit = { yast: "YaST2-Firstboot", jeos: "jeos-firstboot" }[firstboot];
    const mistakes = [`firstboot: ${firstboot}: the rootfs has no ${unit}.service (${help})`];
    expect(run(members, { firstboot }).says).toEqual({ notes: [], mistakes });
  });
});

describe("systemd's wizard", () => {
  test("asks for what the recipe does not say, root's password too", () => {
    const old = { "etc/locale.conf": "LANG=C\n", "etc/localtime": { link: "/usr/share/zoneinfo/UTC" } };
    const { tree, says, machineId } = run({ ...SYSTEMD, ...old }, { firstboot: "systemd", locale: "C.UTF-8" });
    expect(says).toEqual(NONE);
    expect(machineId).toBe("uninitialized");
    expect(tree.text("etc/locale.conf")).toBe("LANG=C\n");
    expect(tree.get("etc/localtime", "keep")).toBeUndefined();
    expect(tree.text("etc/shadow")).toBe("root:!unprovisioned:19675:0:99999:7:::\n");
    expect(tree.has(OWN)).toBe(false);
  });

  test("does not ask for UTC, which needs no file in a rootfs without time zones", () => {
    const { tree } = run(SYSTEMD, { firstboot: "systemd", timezone: "UTC" });
    expect(linkOf(tree, "etc/localtime")).toBe("/usr/share/zoneinfo/UTC");
  });

  test("leaves a root alone that has a password", () => {
    const { tree } = run(SYSTEMD, { firstboot: "systemd", users: [ROOT] });
    expect(tree.text("etc/shadow")).toBe("root:*:19675:0:99999:7:::\n");
  });

  test("is started where the distribution masks it and leaves its link out", () => {
    const { [`${AT}/sysinit.target.wants/systemd-firstboot.service`]: _, ...bare } = SYSTEMD;
    const masked = { ...bare, [`${OWN}/systemd-firstboot.service`]: { link: "/dev/null" } };
    const { tree, says } = run(masked, { firstboot: "systemd" });
    expect(says).toEqual(NONE);
    expect(tree.get(`${OWN}/systemd-firstboot.service`, "keep")).toBeUndefined();
    const link = `${OWN}/sysinit.target.wants/systemd-firstboot.service`;
    expect(linkOf(tree, link)).toBe(`/${AT}/systemd-firstboot.service`);
  });

  test("has to be there, and systemd with it", () => {
    const { [`${AT}/systemd-firstboot.service`]: _, ...without } = SYSTEMD;
    expect(run({ ...without, "var/lib/dpkg/status": "" }, { firstboot: "systemd" }).says.mistakes).toEqual([
      "firstboot: systemd: the rootfs has no systemd-firstboot.service (Debian's systemd has it from trixie on; before that, use `firstboot: password`)",
    ]);
    const busybox = { "bin/busybox": { mode: 0o755, content: "ELF" }, "sbin/init": { link: "../bin/busybox" } };
    expect(run(busybox, { firstboot: "systemd" }).says.mistakes).toEqual([
      "firstboot: systemd is a systemd unit, and the rootfs's init is busybox (use `firstboot: password`)",
    ]);
  });
});

describe("a machine's configuration", () => {
  test.each(["ignition", "combustion"] as const)("%s runs where there is no machine id at all", (firstboot) => {
    const { tree, says, machineId } = run(
      { ...OPENSUSE, [`usr/lib/dracut/modules.d/35${firstboot}/module-setup.sh`]: "" },
      { firstboot },
    );
    expect(says).toEqual(NONE);
    expect(machineId).toBe("missing");
    expect(linkOf(tree, `${OWN}/systemd-firstboot.service`)).toBe("/dev/null");
  });

  test("needs its package", () => {
    expect(run(OPENSUSE, { firstboot: "ignition" }).says.mistakes).toEqual([
      "firstboot: ignition: the rootfs has no dracut module ignition (add ignition to rootfs.packages)",
    ]);
  });
});

test("nothing is asked where the recipe says none", () => {
  const { tree, says, machineId } = run(SYSTEMD, { firstboot: "none" });
  expect(says).toEqual(NONE);
  expect(machineId).toBe("empty");
  expect(tree.text("etc/shadow")).toBe("root:*:19675:0:99999:7:::\n");
});

describe("presets of a first boot", () => {
  const UNITS: Members = {
    [`${AT}/a.service`]: "[Install]\nWantedBy=multi-user.target\nAlso=a.socket b.service\n",
    [`${AT}/a.socket`]: "[Install]\nWantedBy=sockets.target\n",
    [`${AT}/b.service`]: "[Install]\nWantedBy=multi-user.target\n",
    [`${AT}/c.service`]: "[Install]\nAlias=d.service\n",
    [`${AT}/d.service`]: { link: "c.service" },
    [`${AT}/getty@.service`]: "[Install]\nWantedBy=getty.target\n",
    [`${AT}/static.service`]: "[Service]\nExecStart=/bin/true\n",
    [`${AT}/masked.service`]: "[Install]\nWantedBy=multi-user.target\n",
    [`${OWN}/masked.service`]: { link: "/dev/null" },
    [`${OWN}/multi-user.target.wants/a.service`]: { link: `/${AT}/a.service` },
    [`${OWN}/sockets.target.wants/a.socket`]: { link: `/${AT}/a.socket` },
    [`${OWN}/d.service`]: { link: `/${AT}/c.service` },
    [`${OWN}/getty.target.wants/getty@tty2.service`]: { link: `/${AT}/getty@.service` },
    [`${OWN}/getty.target.wants/getty@tty1.service`]: { link: `/${AT}/getty@.service` },
  };

  test("leave every unit as the image has it", () => {
    const tree = treeOf(UNITS);
    const says = found((findings) => presets(tree, findings));
    expect(tree.text("etc/systemd/system-preset/00-boardsmith.preset")).toBe(
      "enable a.service\nenable a.socket\ndisable b.service\nenable c.service\nenable getty@.service tty1 tty2\n",
    );
    expect(says).toEqual({
      notes: [
        "warning: units: the first boot enables b.service along with a.service (Also=); what must not run is masked",
      ],
      mistakes: [],
    });
  });
});
