import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Project } from "./boardsmith.js";
import { fakeBootLoader, fakeKernel, fakeTree } from "./card.js";
import { KBUILD_TREE } from "./fake-kbuild.js";
import { type HttpRig, httpServer } from "./http-server.js";
import { writeTar } from "./tar.js";

/** A project whose one recipe, `toy`, goes through every kind of step in seconds: nothing in it is really compiled. */
export interface Toy extends Project {
  /** Where its root filesystem is fetched from, at /root.tar.gz. */
  readonly server: HttpRig;
  /** The recipe's text as it was made. */
  readonly recipe: string;
  /** Writes a file of the project, folders and all. */
  write(path: string, content: string | Buffer): Promise<void>;
  /** Edits a file of the project. */
  edit(path: string, change: (text: string) => string): Promise<void>;
  /** Digests of all that the last build made, by step and output. */
  digests(): Promise<unknown>;
}

const MIB = 1024 ** 2;
const HASH = "$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/";

const recipeText = (url: string, sha256: string) => `description: A card that nobody boots
board: cubieboard
sources:
  linux: { path: ../linux }
  u-boot: { path: ../u-boot }
  root:
    http: ${url}/root.tar.gz
    sha256: ${sha256}
lvm: false
kernel:
  source: linux
  defconfig: my_defconfig
u-boot: { source: u-boot }
rootfs: { tar: root }
provision:
  grow: false
  users: [{ name: ada, password-hash: "${HASH}" }]
image:
  size: 96MiB
  partitions:
    - { name: boot, content: boot, filesystem: fat32, size: 40MiB }
    - { name: root, content: root, filesystem: ext4, size: rest }
`;

/** Makes one in a folder of its own. */
export async function toy(): Promise<Toy> {
  const folder = await mkdtemp(join(tmpdir(), "boardsmith-toy-"));
  const write = async (path: string, content: string | Buffer) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  };
  for (const [path, text] of Object.entries(KBUILD_TREE)) {
    await write(join("linux", path), text);
    await write(join("u-boot", path), text);
  }
  await write("linux/zImage.bin", fakeKernel(MIB, 3 * MIB, MIB));
  await write("linux/dtbs/allwinner/sun4i-a10-cubieboard.dtb", fakeTree());
  await write("u-boot/arch/arm/configs/Cubieboard_defconfig", "CONFIG_MODULES=y\n");
  await write("u-boot/u-boot.bin", fakeBootLoader());
  const root = await rootTarball(folder);
  const server = await httpServer({ "/root.tar.gz": { body: root, etag: '"1"' } });
  const recipe = recipeText(server.url, createHash("sha256").update(root).digest("hex"));
  await write("recipes/toy.yaml", recipe);
  return {
    folder,
    server,
    recipe,
    env: { BOARDSMITH_STORE: join(folder, "store"), XDG_CONFIG_HOME: join(folder, "config") },
    write,
    edit: async (path, change) => write(path, change(await readFile(join(folder, path), "utf8"))),
    digests: async () => JSON.parse(await readFile(join(folder, "out/toy/toy.manifest.json"), "utf8")).steps,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A few files of a root filesystem and some that do not compress. */
async function rootTarball(folder: string): Promise<Buffer> {
  const path = join(folder, "root.tar");
  const noise = Buffer.alloc(2 * MIB);
  for (let at = 0, word = 1; at < noise.length; at += 4) {
    word = (Math.imul(word, 1664525) + 1013904223) | 0;
    noise.writeInt32LE(word, at);
  }
  await writeTar(path, [
    { name: "./etc/", type: "directory", mode: 0o755 },
    { name: "./etc/passwd", content: "root:x:0:0:root:/root:/bin/sh\n" },
    { name: "./etc/shadow", content: "root:*:19000:0:99999:7:::\n", mode: 0o640 },
    { name: "./etc/group", content: "root:x:0:\n" },
    { name: "./sbin/", type: "directory", mode: 0o755 },
    { name: "./sbin/init", content: "#!/bin/sh\n", mode: 0o755 },
    { name: "./srv/noise", content: noise },
  ]);
  const bytes = gzipSync(await readFile(path));
  await rm(path);
  return bytes;
}

/** Ids of boardsmith's containers on this machine, other people's too: what a test leaves is what was not there before. */
export function containers(): ReadonlySet<string> {
  const ids = execFileSync("docker", ["ps", "-aq", "--filter", "label=boardsmith"], { encoding: "utf8" });
  return new Set(ids.split("\n").filter(Boolean));
}
