import type { GroupSpec, Spec } from "../../src/recipe/spec.js";
import { CARD_IMAGE, cardSpec } from "./card.js";

const GiB = 1024 ** 3;
const GROUP: GroupSpec = {
  name: "pv",
  content: "lvm",
  size: { rest: true },
  group: "system",
  extentSize: 4 * 1024 ** 2,
  volumes: [
    { name: "root", content: "root", size: { bytes: GiB }, label: "root" },
    { name: "swap", content: "swap", size: { bytes: GiB / 8 }, label: "swap" },
    { name: "data", content: "empty", size: { rest: true }, label: "data", mount: "/srv" },
  ],
};

/** A card with an openSUSE root filesystem, on a partition or in a volume group. */
export function opensuseSpec(lvm: boolean): Spec {
  const card = cardSpec();
  const partitions = lvm ? [...CARD_IMAGE.partitions.slice(0, 1), GROUP] : CARD_IMAGE.partitions;
  return {
    ...card,
    name: "card-opensuse",
    description: "openSUSE on a card & more",
    rootfs: {
      kind: "rpm",
      distro: "opensuse",
      arch: "armv7hl",
      repositories: {
        oss: { url: "http://download.opensuse.org/ports/armv7hl/tumbleweed/repo/oss", priority: 99, keys: [] },
      },
      patterns: ["minimal_base"],
      packages: ["systemd", "openssh", "filesystem"],
      exclude: ["grub2"],
      recommends: false,
    },
    provision: {
      ...card.provision,
      locale: "en_US.UTF-8",
      timezone: "UTC",
      users: [{ name: "ada", sshKeys: [], groups: ["wheel"], passwordHash: "$6$salt$hash" }],
      units: { enable: ["sshd.service"], disable: [], mask: ["tmp.mount"] },
    },
    image: { ...CARD_IMAGE, size: 2 * GiB, partitions },
  };
}
