import type { Spec } from "../recipe/spec.js";
import { jeosAnswers } from "../rootfs/suse-first-boot.js";

/** Text of a file that goes into images, by its name in src/rootfs/files. */
export type ImageFile = (name: string) => string;

/** What the first boot is made of in a package that openSUSE has for it. */
const PACKAGES: Readonly<Record<Kind, readonly string[]>> = {
  none: [],
  password: [],
  systemd: [],
  yast: ["yast2-firstboot"],
  jeos: ["jeos-firstboot"],
  ignition: ["ignition"],
  combustion: ["combustion"],
};

type Kind = Spec["provision"]["firstboot"]["kind"];
type Provision = Spec["provision"];

/** Packages that the recipe's first boot needs beside the recipe's own. */
export const firstBootPackages = ({ firstboot }: Provision): readonly string[] => PACKAGES[firstboot.kind];

/**
 * The recipe's first boot in config.sh's words: what `provision` writes into a root filesystem of boardsmith's, done by
 * commands inside the new root, where its packages are installed. An image of KIWI's has systemd.
 */
export function firstBootLines(provision: Provision, file: ImageFile): readonly string[] {
  const { kind } = provision.firstboot;
  switch (kind) {
    case "none":
      return [];
    case "password":
      return provision.users.some(({ passwordHash, sshKeys }) => passwordHash !== undefined || sshKeys.length > 0)
        ? []
        : askPassword(file);
    case "systemd":
      return systemdAsks(provision);
    case "yast":
      return [...trigger("YaST2-Firstboot.service"), ...ALONE];
    case "jeos":
      return [
        ...trigger("jeos-firstboot.service"),
        ...heredoc(">/etc/jeos-firstboot.conf", jeosAnswers(provision).join("")),
        ...ALONE,
      ];
    default:
      return ALONE;
  }
}

/** Whether there may be a machine-id before the first boot: Ignition and Combustion take a file, even an empty one, for a system that has booted. */
export function machineIdLines({ firstboot }: Provision): readonly string[] {
  if (firstboot.kind === "ignition" || firstboot.kind === "combustion") return ["rm -f /etc/machine-id"];
  return firstboot.kind === "systemd" ? ["echo uninitialized >/etc/machine-id"] : [": >/etc/machine-id"];
}

/** Two that ask at once would each read half of the answers. */
const ALONE = ["systemctl mask systemd-firstboot.service"];

/** `path` may begin with a second `>`. */
const heredoc = (path: string, text: string): readonly string[] =>
  text === "" ? [] : [`cat >${path} <<'END'`, text.trimEnd(), "END"];

function askPassword(file: ImageFile): readonly string[] {
  return [
    "# Nobody could log in: the first boot asks on the console for root's password.",
    "usermod -p '*' root",
    "mkdir -p /usr/lib/boardsmith",
    ...heredoc("/usr/lib/boardsmith/firstboot", file("boardsmith-firstboot")),
    "chmod 755 /usr/lib/boardsmith/firstboot",
    ...heredoc("/usr/lib/systemd/system/boardsmith-firstboot.service", file("boardsmith-firstboot.service")),
    "systemctl enable boardsmith-firstboot.service",
  ];
}

/** systemd-firstboot asks for what is not there yet; its unit has no [Install]. */
function systemdAsks({ locale, timezone, keymap, users }: Provision): readonly string[] {
  const unit = "systemd-firstboot.service";
  const asked = { "locale.conf": locale, localtime: timezone, "vconsole.conf": keymap };
  const unsaid = Object.entries(asked).flatMap(([name, said]) => (said === undefined ? [`/etc/${name}`] : []));
  const root = users.some(({ name, passwordHash }) => name === "root" && passwordHash !== undefined);
  return [
    "# The first boot asks for what the recipe does not say (systemd-firstboot).",
    `systemctl unmask ${unit}`,
    "mkdir -p /etc/systemd/system/sysinit.target.wants",
    `ln -sf /usr/lib/systemd/system/${unit} /etc/systemd/system/sysinit.target.wants/`,
    ...(unsaid.length > 0 ? [`rm -f ${unsaid.join(" ")}`] : []),
    ...(root ? [] : ["usermod -p '!unprovisioned' root"]),
  ];
}

/** Both wizards of openSUSE run while this file is there. */
const trigger = (unit: string): readonly string[] => [
  "mkdir -p /var/lib/YaST2",
  ": >/var/lib/YaST2/reconfig_system",
  `systemctl enable ${unit}`,
];
