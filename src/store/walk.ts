import { readdir, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { refuse } from "../diagnostic/failure.js";

/** A node of a user's tree; `path` is relative, with slashes. */
export type TreeNode = { readonly path: string; readonly absolute: string } & (
  | { readonly type: "directory" }
  | { readonly type: "symlink"; readonly target: string }
  | { readonly type: "file"; readonly executable: boolean; readonly size: number }
);

/** Every node below a folder, each folder before what is in it, names in code-unit order. Refuses devices, sockets and pipes. */
export async function* walkTree(root: string, below = ""): AsyncGenerator<TreeNode> {
  const entries = await readdir(join(root, below), { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    const absolute = join(root, path);
    if (entry.isDirectory()) {
      yield { path, absolute, type: "directory" };
      yield* walkTree(root, path);
    } else if (entry.isSymbolicLink()) {
      yield { path, absolute, type: "symlink", target: await readlink(absolute) };
    } else if (entry.isFile()) {
      const { mode, size } = await stat(absolute);
      yield { path, absolute, type: "file", executable: (mode & 0o111) !== 0, size };
    } else {
      throw refuse(
        "odd-file",
        `${absolute} is neither a file nor a folder nor a symbolic link`,
        "remove it: a recipe's trees hold plain files only",
      );
    }
  }
}
