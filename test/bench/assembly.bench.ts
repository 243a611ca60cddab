/**
 * Image assembly: 13,000 files (330 MB) and 10 MB of boot files to a 2 GiB card with FAT32, ext4 and bmap. Ours against
 * a script written by hand and against what else there is, each in a container with its inputs at hand, in one run.
 * debos and mkosi need KVM, namespaces or loop devices, vmdb2 needs loop devices: not in an unprivileged container.
 *
 *   npx vitest run --config test/bench/vitest.config.ts
 */
import { execFileSync } from "node:child_process";
import { createCipheriv } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import type { ToolImage } from "../../src/plan/step.js";
import { scriptJob } from "../../src/run/container-job.js";
import { imageSteps } from "../../src/steps/image.js";
import { ASSETS, CARD_IMAGE, cardSpec, fakeBootLoader } from "../rig/card.js";
import { engineWith } from "../rig/op-run.js";
import { writeTar } from "../rig/tar.js";

const ROUNDS = Number(process.env["ROUNDS"] ?? 5);
const MiB = 1024 ** 2;
const folder = mkdtempSync(join(process.env["BENCH_FOLDER"] ?? tmpdir(), "boardsmith-bench-"));
const PEERS: ToolImage = {
  name: "peers",
  base: { distro: "debian", suite: "trixie" },
  packages: [
    "bmap-tools",
    "dosfstools",
    "e2fsprogs",
    "fakeroot",
    "fdisk",
    "genimage",
    "libarchive13t64",
    "mtools",
    "systemd-repart",
  ],
};

const FAT = `
mkfs.fat -F 32 -i 12345678 -n BOOT --offset=8192 card.img 65536 >/dev/null 2>&1
mkdir boot; tar -xf /t/boot.tar -C boot
mcopy -s -m -i card.img@@4194304 boot/* ::`;
const BY_HAND = `
truncate -s 2G card.img
printf 'label: dos\\nstart=8192,size=131072,type=c,bootable\\nstart=139264,type=83\\n' | sfdisk -q card.img
dd if=/t/u-boot of=card.img bs=8k seek=1 conv=notrunc status=none${FAT}
mke2fs -q -F -t ext4 -d /t/rootfs.tar -E offset=71303168 card.img 2027520k`;
const UNPACK = "mkdir root boot; tar -xpf /t/rootfs.tar -C root; tar -xf /t/boot.tar -C boot";

/** Each in an empty folder on the same disk, as root of a container, from the tars at /t. */
const WAYS: readonly { readonly name: string; readonly script: string }[] = [
  { name: "by hand", script: BY_HAND },
  { name: "by hand, with bmaptool create", script: `${BY_HAND}\nbmaptool create -o card.bmap card.img` },
  {
    name: "genimage",
    script: `${UNPACK}
cat >card.cfg <<'END'
image boot.vfat { vfat { extraargs = "-F 32" } size = 64M mountpoint = "/boot" }
image root.ext4 { ext4 { } size = 1980M }
image card.img { hdimage { align = 4M }
partition u-boot { in-partition-table = false image = "/t/u-boot" offset = 8K }
partition boot { partition-type = 0xC bootable = true image = "boot.vfat" }
partition root { partition-type = 0x83 image = "root.ext4" } }
END
mv boot root/boot
genimage --config card.cfg --rootpath root --inputpath . --outputpath out --tmppath tmp --loglevel 1
bmaptool create -o card.bmap out/card.img`,
  },
  {
    name: "systemd-repart",
    script: `${UNPACK}
mkdir defs; printf '[Partition]\\nType=esp\\nFormat=vfat\\nCopyFiles=/boot:/\\nSizeMinBytes=64M\\nSizeMaxBytes=64M\\n' >defs/1.conf
printf '[Partition]\\nType=root-arm\\nFormat=ext4\\nCopyFiles=/root:/\\n' >defs/2.conf
systemd-repart --offline=yes --dry-run=no --empty=create --size=2G --definitions=defs --root="$PWD" card.img
bmaptool create -o card.bmap card.img`,
  },
];

let engine: Engine;
beforeAll(async () => {
  engine = await engineWith(PEERS);
  const noise = createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(24 * MiB));
  const groups = Array.from({ length: 130 }, (_, index) => `usr/share/group-${index}/`);
  await writeTar(join(folder, "rootfs.tar"), [
    ...["usr/", "usr/share/", ...groups].map((name) => ({ name, type: "directory" as const, mode: 0o755 })),
    ...Array.from({ length: 13_000 }, (_, index) => {
      // Many small files, few large: sizes of 300 B to 12 KB, each hundredth of 2 MB.
      const size = index % 100 === 0 ? 2 * MiB : 300 + ((index * 7919) % 12_000);
      const content = noise.subarray((index * 1009) % (20 * MiB), ((index * 1009) % (20 * MiB)) + size);
      return { name: `${groups[index % 130]}file-${index}`, content };
    }),
  ]);
  await writeTar(join(folder, "boot.tar"), [
    { name: "zImage", content: noise.subarray(0, 10 * MiB - 40_000) },
    { name: "board.dtb", content: noise.subarray(0, 40_000) },
  ]);
  writeFileSync(join(folder, "u-boot"), fakeBootLoader(600_000));
  execFileSync("npx", ["tsc", "-p", "test/bench/tsconfig.json", "--noCheck"], { stdio: "inherit" });
  writeFileSync("node_modules/.cache/boardsmith-bench/package.json", '{"type":"module"}');
  execFileSync("cp", ["-r", "src/steps", "node_modules/.cache/boardsmith-bench/src/"]);
});
afterAll(async () => {
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function inContainer(script: string): Promise<number> {
  const work = join(folder, "peer");
  mkdirSync(work);
  const lines: string[] = [];
  const job = await scriptJob(folder, `cd /peer\n${script}`, {
    name: "peer",
    tool: PEERS,
    env: { SOURCE_DATE_EPOCH: "1700000000" },
    mounts: [
      { source: folder, target: "/t", readOnly: true },
      { source: work, target: "/peer", readOnly: false },
    ],
    network: "none",
    caps: [],
  });
  const start = process.hrtime.bigint();
  const code = await engine.run({ ...job, onLine: (line) => lines.push(line), signal: AbortSignal.timeout(600_000) });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  rmSync(work, { recursive: true, force: true });
  expect(code, lines.join("\n")).toBe(0);
  return seconds;
}

function ours(): { readonly seconds: number; readonly rss: number } {
  const size = { boot: { bytes: 64 * MiB }, root: { rest: true as const } };
  const partitions = CARD_IMAGE.partitions.map((one) => ({
    ...one,
    size: one.content === "boot" ? size.boot : size.root,
  }));
  const step = imageSteps(cardSpec({ ...CARD_IMAGE, size: 2048 * MiB, partitions }), ASSETS).find(
    ({ id }) => id === "image",
  );
  if (step?.action.kind !== "op") throw new Error("no step image");
  const { args, scripts } = step.action;
  const inputs = {
    rootfs: join(folder, "rootfs.tar"),
    boot: join(folder, "boot.tar"),
    "u-boot": join(folder, "u-boot"),
  };
  const job = join(folder, "job.json");
  const own = join(folder, "ours");
  writeFileSync(job, JSON.stringify({ args, scripts, inputs, folder: own }));
  const said = execFileSync("node", ["node_modules/.cache/boardsmith-bench/test/bench/ours.js", job], {
    encoding: "utf8",
  });
  rmSync(own, { recursive: true, force: true });
  return JSON.parse(said) as { seconds: number; rss: number };
}

it("is measured", async () => {
  const times = new Map<string, number[]>();
  const add = (name: string, seconds: number) => times.set(name, [...(times.get(name) ?? []), seconds]);
  const failed = new Map<string, string>();
  let rss = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const mine = ours();
    rss = Math.max(rss, mine.rss);
    add("boardsmith", mine.seconds);
    for (const { name, script } of WAYS) {
      if (failed.has(name) || (round >= 2 && !name.startsWith("by hand"))) continue;
      await inContainer(script).then(
        (seconds) => add(name, seconds),
        (error: Error) => failed.set(name, error.message),
      );
    }
  }
  const median = (name: string) =>
    [...(times.get(name) ?? [Number.NaN])].sort((a, b) => a - b)[Math.floor((times.get(name)?.length ?? 1) / 2)] ??
    Number.NaN;
  const own = median("boardsmith");
  const rows = [...times.keys()].map(
    (name) => `| ${name} | ${median(name).toFixed(2)} s | ${(own / median(name)).toFixed(2)} |`,
  );
  console.log(
    [
      `rootfs tar ${(statSync(join(folder, "rootfs.tar")).size / 1e6).toFixed(0)} MB; medians; bmap included but where said`,
      "| way | wall | ours ÷ it |",
      "|---|---|---|",
      ...rows,
      `peak memory of our process: ${(rss / 1e6).toFixed(0)} MB`,
      ...[...failed].map(([name, why]) => `${name} did not run: ${why}`),
    ].join("\n"),
  );
  expect(rss).toBeLessThan(150 * MiB);
  expect(own).toBeLessThan(1.1 * median("by hand, with bmaptool create"));
});
