import { readFile } from "node:fs/promises";
import type { Bytes } from "../rootfs/entries.js";
import { FindingsList } from "../rootfs/findings.js";
import { provision as edit, type Provisioning } from "../rootfs/provision.js";
import { Tree } from "../rootfs/tree.js";
import type { ProvisionArgs, ProvisionSecrets } from "../steps/provision.js";
import type { Op } from "./op.js";
import { input, stopAt } from "./stop-at.js";
import { openFiles, writeTar } from "./tar-file.js";

/** Makes a bare rootfs the recipe's own: all edits of the tar in one pass, nothing is ever unpacked. */
export const provision: Op = async (run) => {
  const args = run.args as unknown as ProvisionArgs;
  const { passwordHashes } = run.transient as unknown as ProvisionSecrets;
  using opened = openFiles();
  const bytes = (name: string): Bytes => opened.open(input(run, name));
  const what: Provisioning = {
    ...args,
    users: args.users.map(({ passwordDigest: _digest, ...user }) => {
      const passwordHash = passwordHashes[user.name];
      return { ...user, ...(passwordHash === undefined ? {} : { passwordHash }) };
    }),
    overlays: args.overlays.map(({ kind, name, ...over }, index) => {
      const content = bytes(`overlay-${index}`);
      return { ...over, content: kind === "tree" ? { tar: content } : { file: content, name } };
    }),
    guests: (args.guests ?? []).map(({ files, ...guest }) => ({
      ...guest,
      files: files.map(({ path, input }) => (input === undefined ? { path } : { path, content: bytes(input) })),
    })),
    modules: bytes("modules"),
    release: (await readFile(input(run, "release"), "utf8")).trim(),
  };
  const tree = Tree.of(bytes("rootfs"), args.epoch);
  const findings = new FindingsList();
  edit(tree, what, findings);
  for (const note of findings.notes) run.log(note);
  stopAt(run, findings.mistakes, "the root filesystem cannot be provisioned as the recipe asks");
  await writeTar(tree, opened.paths, run.out("rootfs"), run.signal);
};
