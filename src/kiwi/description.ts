import type { KiwiSystem } from "./system.js";
import { document, type Element, element } from "./xml.js";

/** The schema that KIWI 9 reads and newer ones bring up to their own. */
const SCHEMA = "7.5";
/** What must be there before zypper can run inside the new root. */
const BOOTSTRAP = ["filesystem", "glibc"];

/** What a card that KIWI itself writes needs beside its kernel: an initrd that grows the root filesystem. */
const INITRD = ["dracut", "dracut-kiwi-oem-repart"];

/** In a description for OBS, where its `_service` names the distribution's release. */
export const NO_RELEASE = "release unknown";

/**
 * A system as a KIWI description (config.xml, or NAME.kiwi in the Open Build Service), schema 7.5. The profile is the board's
 * card as KIWI writes it, kernel and initrd included; without a profile the description is the root filesystem alone, as
 * `rootfs: kiwi` takes it. In OBS the profile is the package's flavor, and repositories are the project's own (`obs`).
 */
export function kiwiDescription(system: KiwiSystem, where: { readonly obs: boolean }): string {
  const image = element("image", { schemaversion: SCHEMA, name: system.name }, [
    element("description", { type: "system" }, [
      element("author", {}, "boardsmith"),
      element("contact", {}, "https://build.opensuse.org"),
      element("specification", {}, where.obs ? `${system.description} (${NO_RELEASE})` : system.description),
    ]),
    element("profiles", {}, [element("profile", { name: system.profile, description: system.title })]),
    preferences(system, where.obs),
    element("preferences", { profiles: system.profile }, [imageType(system)]),
    ...users(system),
    ...repositories(system, where.obs),
    ...packages(system),
  ]);
  return document(image, where.obs ? ["OBS-Profiles: @BUILD_FLAVOR@"] : []);
}

/** KIWI knows languages of countries, and POSIX; C.UTF-8 is what a system without a locale has. */
function locale(name: string | undefined): string | undefined {
  const bare = name?.replace(/[.@].*$/, "");
  return bare !== undefined && /^[a-z]{2,3}_[A-Z]{2}$/.test(bare) ? bare : undefined;
}

function preferences(system: KiwiSystem, obs: boolean): Element {
  return element("preferences", {}, [
    element("version", {}, "1.0.0"),
    element("packagemanager", {}, "zypper"),
    locale(system.locale) === undefined ? undefined : element("locale", {}, locale(system.locale)),
    system.keymap === undefined ? undefined : element("keytable", {}, system.keymap),
    system.timezone === undefined ? undefined : element("timezone", {}, system.timezone),
    element("rpm-check-signatures", {}, "true"),
    element("rpm-excludedocs", {}, "true"),
    obs ? undefined : element("type", { image: "tbz" }),
  ]);
}

function imageType(system: KiwiSystem): Element {
  const attributes = {
    image: "oem",
    primary: "true",
    filesystem: "ext4",
    firmware: "custom",
    bootpartition: "true",
    bootfilesystem: "fat32",
    bootpartsize: system.bootSize,
    devicepersistency: "by-label",
    editbootinstall: "editbootinstall.sh",
    kernelcmdline: system.kernelLine,
  };
  return element("type", attributes, [
    element("bootloader", { name: "custom" }),
    element("oemconfig", {}, [
      element("oem-resize", {}, "true"),
      system.group?.swap === undefined ? undefined : element("oem-swap", {}, "true"),
      system.group?.swap === undefined ? undefined : element("oem-swapsize", {}, String(system.group.swap)),
    ]),
    element("size", { unit: "M" }, String(system.size)),
    volumes(system),
  ]);
}

function volumes({ group }: KiwiSystem): Element | undefined {
  if (!group) return undefined;
  return element(
    "systemdisk",
    { name: group.name, preferlvm: "true" },
    group.volumes.map(({ name, mount, size }) => {
      const room = size === undefined ? "all" : `${size}M`;
      return mount === "/"
        ? element("volume", { name: "@root", size: room })
        : element("volume", { name, mountpoint: mount.slice(1), size: room });
    }),
  );
}

function users(system: KiwiSystem): readonly Element[] {
  if (system.users.length === 0) return [];
  return [
    element(
      "users",
      {},
      system.users.map(({ name, passwordHash, comment, groups, shell }) =>
        element("user", {
          name,
          // A hash that no password has: the account is locked until its owner's first boot.
          password: passwordHash ?? "!",
          pwdformat: "encrypted",
          realname: comment,
          // The first is the primary one: a group of their own, as everywhere.
          groups: [name, ...groups].join(","),
          shell: shell ?? "/bin/bash",
        }),
      ),
    ),
  ];
}

function repositories(system: KiwiSystem, obs: boolean): readonly Element[] {
  const source = (path: string) => [element("source", { path })];
  if (obs) return [element("repository", { type: "rpm-md" }, source("obsrepositories:/"))];
  return system.repositories.map(({ name, url, priority }) =>
    element("repository", { type: "rpm-md", alias: name, priority }, source(url)),
  );
}

function packages(system: KiwiSystem): readonly Element[] {
  const type = system.recommends ? "plusRecommended" : "onlyRequired";
  const named = [...new Set(system.packages)].filter((name) => !BOOTSTRAP.includes(name)).sort();
  return [
    element("packages", { type: "image", patternType: type }, [
      ...[...new Set(system.patterns)].sort().map((name) => element("namedCollection", { name })),
      ...named.map((name) => element("package", { name })),
      ...[...new Set(system.exclude)].sort().map((name) => element("ignore", { name })),
    ]),
    element(
      "packages",
      { type: "image", profiles: system.profile },
      [system.kernel, ...INITRD].map((name) => element("package", { name })),
    ),
    element(
      "packages",
      { type: "bootstrap" },
      [...BOOTSTRAP].map((name) => element("package", { name })),
    ),
  ];
}
