import { findUnit } from "../find-unit.js";
import type { Tree } from "../tree.js";
import type { LintFinding, LintRule } from "./finding.js";

const ABOUT = "/etc/resolv.conf";
const HELP = "name servers in provision.network[].dns, or add systemd-resolved to rootfs.packages";

/** /etc/resolv.conf is the board's: no build machine's name servers, no link to what nobody writes. */
export const resolver: LintRule = function* ({ tree, dns }) {
  const node = tree.get("etc/resolv.conf", "keep");
  if (node?.type === "symlink") {
    yield* link(tree, node.link ?? "");
    return;
  }
  const text = tree.text("etc/resolv.conf");
  if (text === undefined) return;
  const servers = [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].flatMap((match) => match[1] ?? []);
  if (servers.includes("127.0.0.11") || /docker|podman|buildah/i.test(text)) {
    yield {
      code: "resolv-conf",
      message: "/etc/resolv.conf is a build container's: its name servers answer nobody on the board",
      about: ABOUT,
      help: HELP,
    };
    return;
  }
  if (servers.includes("127.0.0.53") && !findUnit(tree, "systemd-resolved.service")) {
    yield {
      code: "resolv-conf",
      message: "/etc/resolv.conf asks systemd-resolved (127.0.0.53), which the rootfs does not have",
      about: ABOUT,
      help: HELP,
    };
  }
  const strange = servers.filter((server) => !dns.includes(server) && !/^(127\.|::1$)/.test(server));
  if (strange.length > 0) {
    yield {
      code: "resolv-conf",
      message: `/etc/resolv.conf names ${strange.join(", ")}, which the recipe does not`,
      about: ABOUT,
      help: "name it in provision.network[].dns when it is the board's; else it is the build machine's",
      severity: "warning",
    };
  }
};

function* link(tree: Tree, target: string): Generator<LintFinding> {
  const resolved = /run\/systemd\/resolve\//.test(target);
  const unit = resolved ? findUnit(tree, "systemd-resolved.service") : undefined;
  const why = resolved
    ? unit && !unit.masked
      ? undefined
      : `and the rootfs has no systemd-resolved${unit?.masked ? " that is not masked" : ""}`
    : /^(\/|(\.\.\/)+)(var\/)?run\//.test(target) || tree.has("etc/resolv.conf")
      ? undefined
      : "and nothing is there";
  if (why === undefined) return;
  yield {
    code: "resolv-conf",
    message: `/etc/resolv.conf is a link to ${target}, ${why}`,
    about: ABOUT,
    help: HELP,
  };
}
