import type { LintRule } from "./finding.js";

/** What has to differ from board to board must not come with the image. */
export const boardIdentity: LintRule = function* ({ tree }) {
  const keys = [
    ...["etc/ssh"].flatMap((folder) => inFolder(tree.list(folder), folder, /^ssh_host_.*key$/)),
    ...["etc/dropbear"].flatMap((folder) => inFolder(tree.list(folder), folder, /_host_key$/)),
  ];
  for (const path of keys) {
    yield {
      code: "ssh-host-key",
      message: `/${path} is a private host key: every board of this image would have the same`,
      about: `/${path}`,
      help: "take it out of the overlay; the first boot makes keys of the board's own",
    };
  }
  for (const path of ["etc/machine-id", "var/lib/dbus/machine-id"]) {
    const id = tree.text(path)?.trim();
    if (id === undefined || id === "" || id === "uninitialized" || tree.get(path, "keep")?.type !== "file") continue;
    yield {
      code: "machine-id",
      message: `/${path} holds ${id}: every board of this image would be the same machine to DHCP and the journal`,
      about: `/${path}`,
      help: "leave it empty (take it out of the overlay); systemd fills it at the first boot",
    };
  }
};

function inFolder(names: readonly string[], folder: string, wanted: RegExp): readonly string[] {
  return names.filter((name) => wanted.test(name)).map((name) => `${folder}/${name}`);
}
