import type { CpioEntry } from "./cpio.js";

/** Where the root filesystem lies. */
export type RootPlace =
  | { readonly kind: "partition" }
  /** A logical volume, which has to be activated before it can be mounted. */
  | { readonly kind: "lvm"; readonly group: string; readonly volume: string };

/** Commands that /init uses; each is a link to busybox. Its shell gets all the others when somebody asks for one. */
export const APPLETS = [
  "cat",
  "cttyhack",
  "findfs",
  "grep",
  "head",
  "insmod",
  "ls",
  "mount",
  "od",
  "printf",
  "setsid",
  "sh",
  "sleep",
  "switch_root",
  "tr",
  "umount",
] as const;

/** lvm without udev, without a record of devices, and without a daemon: there is none of them here. */
const LVM_CONF = `devices { use_devicesfile = 0 obtain_device_list_from_udev = 0 scan = [ "/dev" ] }
activation { udev_sync = 0 udev_rules = 0 monitoring = 0 }
global { use_lvmpolld = 0 use_lvmlockd = 0 }
backup { backup = 0 archive = 0 }
`;

/** What goes into a minimal initramfs. */
export interface InitramfsParts {
  /** The text of /init. */
  readonly init: string;
  /** A static busybox. */
  readonly busybox: Uint8Array;
  /** Uncompressed, in the order in which they are loaded; the names are those of files. */
  readonly modules: readonly { readonly name: string; readonly bytes: Uint8Array; readonly optional: boolean }[];
  readonly root: RootPlace;
  /** The root filesystem's type. */
  readonly filesystem: string;
  /** lvm and its libraries by path, where the root is a logical volume. */
  readonly lvm: ReadonlyMap<string, Uint8Array>;
}

/** The initramfs's files, folders before what is in them, in an order that depends on their names alone. */
export function initramfsContents(parts: InitramfsParts): readonly CpioEntry[] {
  const { init, busybox, modules, root, filesystem, lvm } = parts;
  const files = new Map<string, CpioEntry>();
  const file = (path: string, bytes: string | Uint8Array, mode = 0o644): void => {
    files.set(path, { path, mode, what: { file: typeof bytes === "string" ? Buffer.from(bytes) : bytes } });
  };
  file("init", init, 0o755);
  file("bin/busybox", busybox, 0o755);
  for (const applet of APPLETS) {
    files.set(`bin/${applet}`, { path: `bin/${applet}`, mode: 0o777, what: { link: "busybox" } });
  }
  const list = modules.map(({ name, optional }) => `/lib/modules/${name}${optional ? " optional" : ""}\n`);
  file("etc/modules", list.join(""));
  for (const { name, bytes } of modules) file(`lib/modules/${name}`, bytes);
  const volume = root.kind === "lvm" ? `volume=${root.group}/${root.volume}\n` : "";
  file("etc/root.conf", `type=${filesystem}\n${volume}`);
  if (root.kind === "lvm") {
    for (const [path, bytes] of lvm) file(path, bytes, 0o755);
    const program = [...lvm.keys()].find((path) => path.endsWith("/lvm"));
    if (program !== undefined && program !== "bin/lvm") {
      files.set("bin/lvm", { path: "bin/lvm", mode: 0o777, what: { link: `/${program}` } });
    }
    file("etc/lvm/lvm.conf", LVM_CONF);
  }
  const folders = new Set(["dev", "proc", "root", "run", "sys", "tmp"]);
  for (const path of files.keys()) {
    const above = path.split("/").slice(0, -1);
    for (let depth = 1; depth <= above.length; depth++) folders.add(above.slice(0, depth).join("/"));
  }
  for (const path of folders) files.set(path, { path, mode: 0o755, what: { folder: true } });
  // The kernel's own /dev/console is there in most kernels, but not in all: init's messages go there.
  files.set("dev/console", { path: "dev/console", mode: 0o600, what: { char: { major: 5, minor: 1 } } });
  return [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}
