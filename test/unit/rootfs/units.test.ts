import { describe, expect, it } from "vitest";
import type { ProvisionSpec } from "../../../src/recipe/spec.js";
import { parseInstall } from "../../../src/rootfs/unit-file.js";
import { units } from "../../../src/rootfs/units.js";
import { found, type Member, NONE, treeOf } from "./rig.js";

const AT = "usr/lib/systemd/system";
const ROOTFS: { readonly [path: string]: Member | string } = {
  "usr/lib/systemd/systemd": "ELF",
  "sbin/init": { link: "../usr/lib/systemd/systemd" },
  [`${AT}/ssh.service`]:
    "[Unit]\nWantedBy=not.this\n[Install]\nWantedBy=multi-user.target\n# WantedBy=nor.this\nAlias=sshd.service\nAlso=sshd-keygen.service\n",
  [`${AT}/sshd-keygen.service`]: "[Install]\nWantedBy=ssh.service \\\n  ssh.socket\nRequiredBy=sshd@.service\n",
  [`${AT}/getty@.service`]: "[Install]\nWantedBy=getty.target\nDefaultInstance=tty1\n",
  [`${AT}/tunnel@.service`]: "[Install]\nWantedBy=%i.target\n",
  [`${AT}/static.service`]: "[Service]\nExecStart=/bin/true\n",
  [`${AT}/hwclock.service`]: { link: "/dev/null" },
  [`${AT}/dbus-org.service`]: { link: "ssh.service" },
  "etc/systemd/system/multi-user.target.wants/e2scrub_reap.service": { link: `/${AT}/e2scrub_reap.service` },
  [`${AT}/e2scrub_reap.service`]: "[Install]\nWantedBy=multi-user.target\n",
  "etc/systemd/system/own.service": "[Service]\n",
};
const none = { enable: [], disable: [], mask: [] };

function links(members: typeof ROOTFS, spec: Partial<ProvisionSpec["units"]>) {
  const tree = treeOf(members);
  const says = found((f) => units(tree, { ...none, ...spec }, f));
  const all = [...tree.nodes()].filter(
    (node) => node.type === "symlink" && node.path.startsWith("etc/systemd/system/"),
  );
  return { says, links: all.map((node) => `${node.path.slice(19)} -> ${node.link}`) };
}

const OLD = `multi-user.target.wants/e2scrub_reap.service -> /${AT}/e2scrub_reap.service`;

describe("enabling", () => {
  it("makes the links that [Install] asks for, aliases and Also= included", () => {
    expect(links(ROOTFS, { enable: ["ssh"] })).toEqual({
      says: NONE,
      links: [
        OLD,
        `multi-user.target.wants/ssh.service -> /${AT}/ssh.service`,
        `sshd.service -> /${AT}/ssh.service`,
        `ssh.service.wants/sshd-keygen.service -> /${AT}/sshd-keygen.service`,
        `ssh.socket.wants/sshd-keygen.service -> /${AT}/sshd-keygen.service`,
        `sshd@.service.requires/sshd-keygen.service -> /${AT}/sshd-keygen.service`,
      ],
    });
  });

  it("knows instances of templates, default instances and specifiers", () => {
    expect(links(ROOTFS, { enable: ["getty@.service", "getty@ttyS1.service", "tunnel@home.service"] })).toEqual({
      says: NONE,
      links: [
        OLD,
        `getty.target.wants/getty@tty1.service -> /${AT}/getty@.service`,
        `getty.target.wants/getty@ttyS1.service -> /${AT}/getty@.service`,
        `home.target.wants/tunnel@home.service -> /${AT}/tunnel@.service`,
      ],
    });
  });

  it("by another name follows the link to the unit", () => {
    expect(links(ROOTFS, { enable: ["dbus-org.service"] }).links[1]).toBe(
      `multi-user.target.wants/dbus-org.service -> /${AT}/ssh.service`,
    );
  });

  it("warns when there is nothing to enable", () => {
    expect(links(ROOTFS, { enable: ["static"] }).says).toEqual({
      notes: ["warning: units: static.service has no [Install] section; others start it, and enabling it does nothing"],
      mistakes: [],
    });
  });
});

describe("disabling and masking", () => {
  it("takes the links away, and puts /dev/null", () => {
    expect(links(ROOTFS, { disable: ["e2scrub_reap.service"], mask: ["ssh"] })).toEqual({
      says: NONE,
      links: ["ssh.service -> /dev/null"],
    });
  });

  it("says that there was nothing to disable", () => {
    expect(links(ROOTFS, { disable: ["ssh"] })).toEqual({
      says: {
        notes: ["warning: units: ssh.service was not enabled; what starts it all the same can be masked"],
        mistakes: [],
      },
      links: [OLD],
    });
  });
});

it("mistakes", () => {
  expect(
    links(ROOTFS, { enable: ["shh", "hwclock", "tunnel@", "ssh"], disable: ["nothing-like-it"], mask: ["own", "ssh"] })
      .says.mistakes,
  ).toEqual([
    "units: cannot disable nothing-like-it.service: the rootfs has no such unit",
    "units: own.service cannot be masked: /etc/systemd/system/own.service is a file of its own",
    'units: cannot enable shh.service: the rootfs has no such unit (did you mean "ssh.service"?)',
    "units: hwclock.service cannot be enabled: it is masked (a link to /dev/null)",
    "units: tunnel@.service is a template and has no default instance (name an instance, e.g. tunnel@ttyS0.service)",
    "units: ssh.service cannot be enabled: it is masked (a link to /dev/null)",
  ]);
  expect(
    links({ "bin/busybox": "ELF", "sbin/init": { link: "../bin/busybox" } }, { enable: ["ssh"] }).says.mistakes,
  ).toEqual(["units: ssh: the rootfs's init is busybox, not systemd"]);
});

it("[Install] adds up, starts over at an empty value, and goes on behind a backslash", () => {
  expect(
    parseInstall("[Install]\nWantedBy=a b\nWantedBy=c\nAlias=x\nAlias=\nAlias=y\nRequiredBy=d\\\n; no\n e\n"),
  ).toEqual({
    wantedBy: ["a", "b", "c"],
    requiredBy: ["d", "e"],
    upheldBy: [],
    alias: ["y"],
    also: [],
  });
});
