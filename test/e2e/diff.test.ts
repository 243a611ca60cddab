import { closeSync, copyFileSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import { boardsmith, type Ran } from "../rig/boardsmith.js";
import { inContainer } from "../rig/in-container.js";
import { engineWith } from "../rig/op-run.js";
import { JUDGES } from "../rig/tools.js";

const folder = mkdtempSync(join(tmpdir(), "boardsmith-diff-"));
let engine: Engine;

/** What the scripts share: `tree DIR` fills a folder, `card NAME TREE` makes an MBR image of it with FAT in front. */
const COMMON = `
export SOURCE_DATE_EPOCH=1700000000 MTOOLS_SKIP_CHECK=1
tree() {
  mkdir -p "$1/etc" "$1/usr/bin" "$1/var/lib/dpkg" "$1/boot" "$1/home/ada" "$1/many"
  echo motd >"$1/etc/motd"
  cp /bin/bash "$1/usr/bin/tool" && chmod 4755 "$1/usr/bin/tool" && ln "$1/usr/bin/tool" "$1/usr/bin/same"
  ln -s usr/bin "$1/bin"
  ln -s "$(printf 'deep/%.0s' $(seq 30))end" "$1/long"
  truncate -s 3M "$1/sparse" && printf x | dd of="$1/sparse" bs=1 seek=2000000 conv=notrunc 2>/dev/null
  mknod "$1/null" c 1 3 && mkfifo "$1/pipe"
  echo hallo >"$1/home/ada/grüße.txt" && chown -R 100000:100000 "$1/home/ada"
  for n in $(seq 400); do echo "$n" >"$1/many/a-file-with-quite-a-long-name-number-$n"; done
  printf 'CONFIG_A=y\\n# CONFIG_B is not set\\n' >"$1/boot/config-6.12"
  printf 'Package: lvm2\\nStatus: install ok installed\\nArchitecture: armhf\\nVersion: 2.03\\n' >"$1/var/lib/dpkg/status"
}
dtb() { printf '/dts-v1/; / { model = "toy"; serial@0 { status = "%s"; reg = <0 4>; }; };' "$1" | dtc -q -O dtb -o "$2"; }
ext() { # FILE OFFSET-KIB SIZE-KIB TREE OPTIONS…
  file=$1 at=$2 size=$3 from=$4; shift 4
  mke2fs -q "$@" -d "$from" -L root -U 00112233-4455-6677-8899-aabbccddeeff -E "offset=$((at * 1024)),root_owner=0:0" "$file" "\${size}k"
}
card() {
  truncate -s 64M "/t/$1.img"
  printf 'label: dos\\nlabel-id: 0x0badcafe\\nstart=2048,size=32768,type=e\\nstart=34816,type=83\\n' | sfdisk -q "/t/$1.img"
  mformat -i "/t/$1.img@@1M" -T 32768 -v CARD -N 12345678 ::
  mmd -i "/t/$1.img@@1M" ::/overlays
  mcopy -i "/t/$1.img@@1M" "$3" ::/board.dtb
  mcopy -i "/t/$1.img@@1M" "$2/etc/motd" "::/overlays/A long name with blanks.txt"
  ext "/t/$1.img" 17408 48128 "$2" -t ext4
}
`;

const make = (script: string) => inContainer(engine, JUDGES, folder, `${COMMON}\n${script}`);

const diff = async (...args: string[]): Promise<Ran> => boardsmith(["diff", ...args], { cwd: folder });
const listed = ({ stdout }: Ran): string[] => stdout.split("\n").slice(2, -1);

beforeAll(async () => {
  engine = await engineWith(JUDGES);
  await make(`
tree /work/one
dtb okay one.dtb
card one /work/one one.dtb
card again /work/one one.dtb
ext /t/four.img 0 49152 /work/one -t ext4
printf boot | dd of=/t/again.img bs=1k seek=8 conv=notrunc 2>/dev/null
cp -a /work/one two
cd two
printf 'other' >etc/motd
printf 'MOTD!' >usr/bin/same.txt
chmod 0600 many/a-file-with-quite-a-long-name-number-7
chown 5:6 many/a-file-with-quite-a-long-name-number-8
printf y | dd of=sparse bs=1 seek=2000000 conv=notrunc 2>/dev/null
rm null long && ln -s elsewhere long
rm -r home
mkdir -p opt/app/sub && echo 1 >opt/app/run && echo 2 >opt/app/sub/file
printf 'CONFIG_A=m\\nCONFIG_C=3\\n' >boot/config-6.12
sed -i 's/2.03/2.04/' var/lib/dpkg/status
cd ..
dtb disabled two.dtb
card two two two.dtb
`);
});

afterAll(async () => {
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

it("the same tree gives no difference, but for what lies in front of the partitions", async () => {
  const same = await diff("one.img", "one.img");
  expect(listed(same)).toEqual(["no difference"]);
  expect(same.code).toBe(0);
  const loader = await diff("one.img", "again.img");
  expect(listed(loader)).toEqual(["image", "  ~ in front of the first partition differs"]);
  expect(loader.code).toBe(1);
});

it("every kind of difference is told, sorted", async () => {
  const different = await diff("one.img", "two.img");
  expect(different.stderr).toBe("");
  expect(listed(different)).toEqual([
    "files: 6 added, 4 removed, 9 changed",
    "  ~ CARD:/board.dtb  size 165 → 169",
    "  ~ CARD:/overlays/A long name with blanks.txt  content",
    "  ~ root:/boot/config-6.12  size 33 → 22",
    "  ~ root:/etc/motd  content",
    "  - root:/home folder 0755 with 2 more",
    `  ~ root:/long  link ${"deep/".repeat(30)}end → elsewhere`,
    "  ~ root:/many/a-file-with-quite-a-long-name-number-7  mode 0644 → 0600",
    "  ~ root:/many/a-file-with-quite-a-long-name-number-8  owner 0:0 → 5:6",
    "  - root:/null char 0644",
    "  + root:/opt folder 0755 with 4 more",
    "  ~ root:/sparse  content",
    "  + root:/usr/bin/same.txt file 0644 5 bytes",
    "  ~ root:/var/lib/dpkg/status  content",
    "packages: 1 changed",
    "  ~ lvm2:armhf 2.03 → 2.04",
    "kernel configuration: 1 added, 1 removed, 1 changed",
    "  ~ CONFIG_A y → m",
    "  - CONFIG_B n",
    "  + CONFIG_C 3",
    "device trees: 1 changed",
    '  ~ board.dtb /serial@0:status "okay" → "disabled"',
  ]);
  expect(different.code).toBe(1);
});

it("--json says it whole", async () => {
  const { stdout, code } = await diff("one.img", "two.img", "--json");
  const all = JSON.parse(stdout) as { same: boolean; files: { what: string; fields: unknown[] }[] };
  expect(code).toBe(1);
  expect(all.same).toBe(false);
  expect(all.files.find(({ what }) => what === "root:/etc/motd")?.fields).toEqual([
    {
      what: "content",
      from: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      to: "sha256:d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa",
    },
  ]);
  expect(all.files.map(({ what }) => what)).toContain("root:/opt/app/sub/file");
});

it("reads ext2, ext3 and FAT of every size, logical partitions and a GPT as it reads its own", async () => {
  await make(`
tree /work/one
# With a block map, small blocks and indirect ones.
ext /t/two-one-k.img 0 49152 /work/one -t ext2 -b 1024
ext /t/three.img 0 49152 /work/one -t ext3 -b 4096 -I 128
# The same once as a GPT's only partition and once as a logical one.
truncate -s 64M /t/gpt.img /t/logical.img
printf 'label: gpt\\nstart=4096,size=98304,name=data\\n' | sfdisk -q /t/gpt.img
printf 'label: dos\\nstart=2048,type=5\\nstart=4096,size=98304,type=83\\n' | sfdisk -q /t/logical.img
for name in gpt logical; do dd if=/t/four.img of=/t/$name.img bs=1M seek=2 conv=notrunc 2>/dev/null; done
mkdir files && seq 20000 >files/numbers && seq 9 >'files/short name' && cp files/numbers files/LONGER-than-8.text
for kind in 12:2880 16:65536 32:540672; do
  truncate -s $((\${kind#*:} * 512)) /t/fat\${kind%:*}.img
  mkfs.fat -F \${kind%:*} -n FAT /t/fat\${kind%:*}.img >&2
  mmd -i /t/fat\${kind%:*}.img ::/in && mcopy -i /t/fat\${kind%:*}.img files/* ::/in/
done
`);
  const files = async (a: string, b: string) =>
    (JSON.parse((await diff(a, b, "--json")).stdout) as { files: { what: string; from?: string; to?: string }[] })
      .files;
  expect(await files("four.img", "two-one-k.img")).toEqual([]);
  expect(await files("four.img", "three.img")).toEqual([]);
  const all = (await files("gpt.img", "fat12.img")).filter(({ from }) => from).length;
  expect(all).toBeGreaterThan(420);
  // Partition 1 has nothing to read there; its files are those of partition 5.
  const moved = await files("gpt.img", "logical.img");
  expect(moved.filter(({ to }) => to).length).toBe(moved.filter(({ from }) => from).length);
  expect(await files("fat12.img", "fat16.img")).toEqual([]);
  expect(await files("fat16.img", "fat32.img")).toEqual([]);
  expect((await files("four.img", "fat32.img")).filter(({ to }) => to).map(({ what }) => what)).toEqual([
    "0:/in",
    "0:/in/LONGER-than-8.text",
    "0:/in/numbers",
    "0:/in/short name",
  ]);
});

it("a file that is no image, a compressed one, and one with a damaged filesystem", async () => {
  writeFileSync(join(folder, "text.img"), "hello\n");
  expect(listed(await diff("text.img", "text.img"))).toEqual([
    "no difference",
    "note: the kernel's configuration is known of neither image (it is kept beside the image, in /boot, or in the kernel by IKCONFIG)",
  ]);
  writeFileSync(join(folder, "one.img.xz"), "");
  expect(await diff("one.img", "one.img.xz")).toMatchObject({
    code: 2,
    stderr: `error: ${join(folder, "one.img.xz")} is compressed [compressed-image]\n  help: unpack it first: the bare image is read here and there\n\n1 error\n`,
  });
  const bad = join(folder, "bad.img");
  copyFileSync(join(folder, "four.img"), bad);
  // The first group's inode table is said to lie where the image has long ended.
  const fd = openSync(bad, "r+");
  writeSync(fd, Buffer.alloc(4, 0xff), 0, 4, 2048 + 8);
  closeSync(fd);
  const damaged = await diff("bad.img", "four.img");
  expect(damaged.code).toBe(2);
  expect(damaged.stderr).toContain(`error: ${bad} cannot be read: `);
});
