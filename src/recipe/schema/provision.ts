import { z } from "zod";
import { Nfs } from "./nfs.js";
import { form, path, text } from "./text.js";

export const User = z.strictObject({
  name: form(/^[a-z_][a-z0-9_-]{0,31}$/, "a user's name of lower-case letters, digits, - and _").describe(
    "Login name.",
  ),
  uid: z.int().min(0).max(60000).optional().describe("Numeric id; without it, the next free one from 1000."),
  comment: form(/^[^:\n]*$/, "a text without colons")
    .optional()
    .describe("Full name."),
  "password-hash": text()
    .optional()
    .describe(
      "crypt(3) hash, as `openssl passwd -6` prints it. Without it the password is locked. Clear text is refused.",
    ),
  "ssh-keys": z.array(text()).default([]).describe("Public keys, one line each, as in authorized_keys."),
  groups: z
    .array(form(/^[a-z_][a-z0-9_-]{0,31}$/, "a group's name"))
    .default([])
    .describe("Groups beyond the user's own."),
  shell: form(/^\/\S+$/, "an absolute path such as /bin/bash")
    .optional()
    .describe("Login shell."),
});

const interfaceName = () => form(/^[A-Za-z0-9_.-]{1,15}$/, "an interface such as eth0");

const Network = z.strictObject({
  interface: interfaceName().describe("Name of the interface."),
  bridge: z
    .array(interfaceName())
    .optional()
    .describe("Makes it a bridge over these interfaces, such as `br0` over `[eth0]` for the guests of a hypervisor."),
  dhcp: z.boolean().default(false).describe("Ask a DHCP server. Either this or an address."),
  address: text().optional().describe("Static address with prefix length, such as 192.0.2.10/24."),
  gateway: text().optional().describe("Default gateway."),
  dns: z.array(text()).default([]).describe("Name servers."),
});

const unitNames = (what: string) =>
  z
    .array(
      form(
        /^[A-Za-z0-9:_.\\@-]+\.(service|socket|timer|target|mount|path|automount|swap|slice)$/,
        "a unit with its suffix, such as ssh.service",
      ),
    )
    .default([])
    .describe(what);

const Overlay = z.strictObject({
  from: path().describe("A folder (its content is laid over the rootfs) or a file."),
  to: form(/^\/([^/]+\/?)*$/, "an absolute folder of the rootfs")
    .default("/")
    .describe("Folder in the rootfs."),
  owner: form(/^\d{1,10}:\d{1,10}$/, 'numeric "uid:gid"')
    .default("0:0")
    .describe("Owner of everything in it, `uid:gid`."),
  mode: form(/^0?[0-7]{3,4}$/, 'an octal mode in quotes, such as "0644"')
    .optional()
    .describe("Mode of its files; folders get it plus x where r is. Without it, each file's own."),
});

const FirstBoot = z.union([
  z.enum(["password", "none", "yast", "jeos", "systemd"]),
  z.strictObject({
    ignition: path().describe("Ignition's configuration (JSON, spec 3), for a partition with `content: provision`."),
  }),
  z.strictObject({
    combustion: path().describe("Combustion's script, for a partition with `content: provision`."),
  }),
]);

/** `provision:` — what makes a bare rootfs this machine's. */
export const Provision = z.strictObject({
  hostname: form(/^(?=.{1,63}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, "a host name of lower-case letters, digits and dashes")
    .optional()
    .describe("Host name; without it, the board's name."),
  users: z
    .array(User)
    .default([])
    .describe("Users. Without any the image asks on first boot; there is never a default password."),
  locale: form(/^[A-Za-z_]+(\.[A-Za-z0-9-]+)?(@[a-z]+)?$/, "a locale such as C.UTF-8")
    .optional()
    .describe("LANG."),
  timezone: form(/^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/, "a zone such as Europe/Berlin")
    .optional()
    .describe("Time zone."),
  keymap: form(/^[A-Za-z0-9_-]+$/, "a keymap such as us")
    .optional()
    .describe("Console keymap."),
  network: z.array(Network).default([]).describe("Interfaces."),
  nfs: Nfs.prefault({}).describe("Network file systems: what is mounted, what is exported, with all that does it."),
  units: z
    .strictObject({
      enable: unitNames("systemd units to enable."),
      disable: unitNames("systemd units to disable."),
      mask: unitNames("systemd units to mask."),
    })
    .prefault({})
    .describe("systemd units."),
  overlays: z.array(Overlay).default([]).describe("Files of yours laid over the rootfs, in order."),
  firstboot: FirstBoot.default("password").describe(
    "What the first boot asks or does. password: root's password on the console, when no user could log in. yast, jeos, systemd: that wizard. A map: a machine's configuration, by Ignition or Combustion. none: nothing.",
  ),
  grow: z.boolean().default(true).describe("Grow the root partition and filesystem to the card on first boot."),
});
