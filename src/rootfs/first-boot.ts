import { addPackages } from "./add-packages.js";
import { ColonFile } from "./colon.js";
import type { Findings } from "./findings.js";
import { initOf } from "./init.js";
import { mountUnit } from "./mount-unit.js";
import type { Tree } from "./tree.js";
import { enableUnit } from "./units.js";

/** Texts of src/rootfs/files that go into images, by name. */
export type Files = { readonly [name: string]: string };

const HOME = "usr/lib/boardsmith";

/**
 * Nobody could log in to this image, so its first boot asks on the console for root's password.
 * `device` is the serial console's name, e.g. `ttyS0`.
 */
export function askPassword(tree: Tree, files: Files, device: string, findings: Findings): void {
  if (!["usr/sbin/chpasswd", "sbin/chpasswd", "usr/bin/chpasswd", "bin/chpasswd"].some((one) => tree.has(one))) {
    findings.mistake(
      "no-chpasswd",
      "no user of the recipe can log in, and the rootfs has no chpasswd with which a first boot could ask for a password",
      [
        addPackages(tree, { debian: "passwd", opensuse: "shadow" }),
        "add a user with a password-hash or ssh-keys to provision.users",
      ]
        .filter(Boolean)
        .join(", or ")
        .replace("or add a", "or a"),
    );
    return;
  }
  const shadow = new ColonFile(tree, "etc/shadow");
  // The question is asked while the field is just this; any other lock is somebody's decision.
  shadow.set("root", 1, "*");
  shadow.save(tree);
  install(tree, files, "firstboot", findings, {
    busybox: `${device}::wait:/${HOME}/firstboot`,
    sysvinit: `bsfb:2345:wait:/${HOME}/firstboot </dev/console >/dev/console 2>&1`,
  });
  findings.note("no user of the recipe can log in: the first boot asks on the console for root's password");
}

/** What grows with the card where it ends with a volume group. */
export interface GrowVolume {
  /** `GROUP/VOLUME`; without a volume's name only the group grows. */
  readonly name: string;
  /** Where the volume is mounted, when that is not the root. */
  readonly mount?: string;
}

/** Growth of the last partition and what is in it on first boot: the root filesystem, or a volume with its group. */
export function grow(tree: Tree, files: Files, volume: GrowVolume | undefined, findings: Findings): void {
  const missing = ["sfdisk", "resize2fs", ...(volume === undefined ? [] : ["lvm"])].filter(
    (tool) => !["sbin", "usr/sbin", "bin", "usr/bin"].some((folder) => tree.has(`${folder}/${tool}`)),
  );
  if (missing.length > 0) {
    const what = `grow: the rootfs has no ${missing.join(" and no ")}`;
    const lvm2 = volume === undefined ? "" : "lvm2, ";
    const help = addPackages(tree, {
      debian: `${lvm2}fdisk and e2fsprogs`,
      opensuse: `${lvm2}util-linux and e2fsprogs`,
    });
    if (help !== undefined) {
      findings.mistake("no-grow-tools", what, `${help}, or set provision.grow: false`);
    } else {
      findings.note(`warning: ${what}: the root filesystem stays as large as the image has it`);
    }
    return;
  }
  if (volume !== undefined) tree.write(`${HOME}/grow.volume`, `${volume.name}\n`);
  install(tree, files, "grow", findings, {
    busybox: `::once:/${HOME}/grow`,
    sysvinit: `bsgr:2345:once:/${HOME}/grow`,
  });
  // Or it would be enlarged and mounted at the same moment, and one of the two fail.
  if (volume?.mount !== undefined && initOf(tree) === "systemd") {
    const text = `[Unit]\nAfter=${mountUnit(volume.mount)}\n`;
    tree.write("usr/lib/systemd/system/boardsmith-grow.service.d/volume.conf", text);
  }
}

/**
 * What a card is given while it is flashed is applied at its first boot, before anything that has a name or an address.
 * `folders`: where filesystems of their own are mounted, on which homes may lie.
 */
export function cardSettings(tree: Tree, files: Files, folders: readonly string[], findings: Findings): void {
  install(tree, files, "provision", findings, {
    busybox: `::sysinit:/${HOME}/provision`,
    sysvinit: `bspr::sysinit:/${HOME}/provision`,
    before: /^[^#]*:sysinit:/,
  });
  const units = folders.map(mountUnit);
  if (units.length > 0 && initOf(tree) === "systemd") {
    const text = `[Unit]\nAfter=${units.join(" ")}\n`;
    tree.write("usr/lib/systemd/system/boardsmith-provision.service.d/mounts.conf", text);
  }
}

/** Host keys belong to one board: those a rootfs came with go, and a first boot makes new ones. */
export function hostKeys(tree: Tree, files: Files, findings: Findings): void {
  const shipped = [
    ...tree
      .list("etc/ssh")
      .filter((name) => name.startsWith("ssh_host_"))
      .map((name) => `etc/ssh/${name}`),
    ...tree
      .list("etc/dropbear")
      .filter((name) => name.endsWith("_host_key"))
      .map((name) => `etc/dropbear/${name}`),
  ];
  for (const path of shipped) tree.remove(path);
  if (shipped.length > 0)
    findings.note(`SSH host keys that the rootfs came with are taken out (${shipped.length} files)`);
  if (!tree.has("usr/sbin/sshd") || !tree.has("usr/bin/ssh-keygen")) return;
  if (initOf(tree) !== "systemd") {
    findings.note(
      "warning: the rootfs has sshd and no systemd: its own start script must make host keys (ssh-keygen -A)",
    );
    return;
  }
  // Debian's own sshd-keygen.service waits for what systemd takes for a first boot, which most images have none of.
  const unit = "boardsmith-ssh-keys.service";
  tree.write(`usr/lib/systemd/system/${unit}`, files[unit] ?? "");
  enableUnit(tree, unit, findings);
}

/** Puts files/boardsmith-NAME in as /usr/lib/boardsmith/NAME, started by whatever starts things here. */
function install(
  tree: Tree,
  files: Files,
  name: string,
  findings: Findings,
  lines: { readonly busybox: string; readonly sysvinit: string; readonly before?: RegExp },
): void {
  const init = initOf(tree);
  if (init === "other") {
    findings.mistake(
      "unknown-init",
      `the rootfs's init is none that boardsmith can hook ${name} into (systemd, busybox and sysvinit are)`,
    );
    return;
  }
  tree.write(`${HOME}/${name}`, files[`boardsmith-${name}`] ?? "", { mode: 0o755 });
  if (init === "systemd") {
    const unit = `boardsmith-${name}.service`;
    tree.write(`usr/lib/systemd/system/${unit}`, files[unit] ?? "");
    enableUnit(tree, unit, findings);
    return;
  }
  // sysvinit goes through inittab in order, so ours comes before the first getty; busybox sorts by action itself, and keeps
  // the order of those with one action.
  const old = (tree.text("etc/inittab") ?? "")
    .split("\n")
    .filter((line, index, all) => line !== "" || index < all.length - 1);
  const { before = /^[^#]*:(respawn|askfirst):/ } = lines;
  const getty = old.findIndex((line) => before.test(line));
  const at = getty < 0 ? old.length : getty;
  const line = init === "busybox" ? lines.busybox : lines.sysvinit;
  tree.write("etc/inittab", `${[...old.slice(0, at), line, ...old.slice(at)].join("\n")}\n`);
}
