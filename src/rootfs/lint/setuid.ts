import type { Node } from "../tree.js";
import type { LintRule } from "./finding.js";
import { packageFiles } from "./package-files.js";

const CAPABILITIES = "SCHILY.xattr.security.capability";

/** A program with more rights than who starts it comes from a package, or from somebody who knows why. */
export const setuid: LintRule = function* ({ tree }) {
  const raised = [...tree.nodes()].filter((node) => node.type === "file" || node.type === "hardlink").flatMap(rightsOf);
  if (raised.length === 0) return;
  const owned = packageFiles(tree);
  // Without a database there is nothing to hold them against: a rootfs tarball may have come with them.
  if (!owned) return;
  for (const { path, rights } of raised) {
    if (owned(path)) continue;
    yield {
      code: "setuid-unowned",
      message: `/${path} ${rights}, and no package owns it`,
      about: `/${path}`,
      help: "take the rights away (an overlay's mode:), or accept it under lint.accept with the reason",
    };
  }
};

function rightsOf(node: Node): readonly { readonly path: string; readonly rights: string }[] {
  const { path, mode, uid, gid } = node;
  const rights = [
    ...((mode & 0o4000) !== 0 ? [`runs as user ${uid} (setuid)`] : []),
    // Without the group's x it is an old mark for mandatory locking.
    ...((mode & 0o2010) === 0o2010 ? [`runs as group ${gid} (setgid)`] : []),
    ...(node.records?.has(CAPABILITIES) ? ["has file capabilities"] : []),
  ];
  return rights.length === 0 ? [] : [{ path, rights: rights.join(" and ") }];
}
