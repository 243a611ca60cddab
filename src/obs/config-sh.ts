import type { Spec } from "../recipe/spec.js";
import { keptNames, networkFiles } from "../rootfs/network.js";
import { firstBootLines, type ImageFile, machineIdLines } from "./first-boot-sh.js";

/** config.sh, which KIWI runs inside the new root: host name, network, keys, units, first boot, and no machine's identity in the image. */
export function configScript({ provision, name }: Pick<Spec, "provision" | "name">, imageFile: ImageFile): string {
  const { disable, mask } = provision.units;
  const networkd = provision.network.length > 0 ? ["systemd-networkd.service"] : [];
  const enable = [...new Set([...networkd, ...provision.units.enable])];
  const file = (path: string, text: string) => [`cat >${path} <<'END'`, text.trimEnd(), "END"];
  const units = (verb: string, names: readonly string[]) =>
    names.length > 0 ? [`systemctl ${verb} ${names.join(" ")}`] : [];
  return `${[
    "#!/bin/bash",
    `# ${name}: what the packages do not say of this system. Written by boardsmith.`,
    "set -e",
    `echo ${provision.hostname} >/etc/hostname`,
    ...(networkd.length > 0 ? ["mkdir -p /etc/systemd/network"] : []),
    ...[...keptNames(provision.network), ...networkFiles(provision.network)].flatMap(({ path, text }) =>
      file(`/${path}`, text),
    ),
    ...provision.users.flatMap(({ name: user, sshKeys }) => {
      if (sshKeys.length === 0) return [];
      const home = user === "root" ? "/root" : `/home/${user}`;
      return [
        `install -d -m 700 -o ${user} -g ${user} ${home}/.ssh`,
        ...file(`${home}/.ssh/authorized_keys`, sshKeys.join("\n")),
        `chmod 600 ${home}/.ssh/authorized_keys`,
        `chown ${user}:${user} ${home}/.ssh/authorized_keys`,
      ];
    }),
    ...units("enable", enable),
    ...units("disable", disable),
    ...units("mask", mask),
    ...firstBootLines(provision, imageFile),
    "# The first boot makes these anew.",
    "rm -f /etc/ssh/ssh_host_* /var/lib/systemd/random-seed",
    ...machineIdLines(provision),
  ].join("\n")}\n`;
}

/**
 * editbootinstall.sh, which KIWI calls with the image's file once its partitions are written: SPL and U-Boot go where
 * the boot ROM looks for them. \`offset\` in bytes.
 */
export function bootInstallScript(offset: number): string {
  return `#!/bin/bash
# Puts SPL and U-Boot where the board's boot ROM reads them. $1 is the image, the root tree is the working folder's.
set -e
loader=
for path in boot/u-boot-sunxi-with-spl.bin image/u-boot-sunxi-with-spl.bin; do
  [ ! -e "$path" ] || loader=$path
done
[ -n "$loader" ] || { echo "no u-boot-sunxi-with-spl.bin: add the board's U-Boot package, or put the file into root/boot" >&2; exit 1; }
dd if="$loader" of="$1" bs=1024 seek=${offset / 1024} conv=notrunc
`;
}
