import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openImage } from "../../src/cli/image-file.js";
import { parseBmap } from "../../src/disk/bmap.js";
import { extVolume } from "../../src/disk/ext-volume.js";
import { fatVolume } from "../../src/disk/fat-volume.js";
import type { LayoutFile } from "../../src/disk/layout-file.js";
import type { Engine } from "../../src/engine/engine.js";
import { openDrive } from "../../src/flash/drives/open-drive.js";
import { flashCards } from "../../src/flash/flash-cards.js";
import { mapOf } from "../../src/flash/image-map.js";
import { openSource } from "../../src/flash/source/open-source.js";
import { bootFiles } from "../../src/ops/boot-files.js";
import { image } from "../../src/ops/image.js";
import type { OpAction } from "../../src/plan/step.js";
import type { ImageSpec, LocalFile, PartitionSpec, Spec } from "../../src/recipe/spec.js";
import { contentOf } from "../../src/report/difference/file-digest.js";
import { imageSteps } from "../../src/steps/image.js";
import { NFS_PROGRAMS } from "../../src/steps/proof.js";
import { IMAGE } from "../../src/steps/tools.js";
import { ASSETS, CARD_IMAGE, type CardSpec, cardSpec, fakeBootLoader, fakeKernel, fakeTree } from "../rig/card.js";
import { inContainer } from "../rig/in-container.js";
import { engineWith, runOp } from "../rig/op-run.js";
import { writeTar } from "../rig/tar.js";
import { JUDGES } from "../rig/tools.js";

const MiB = 1024 ** 2;
/** cap_net_raw=ep as the kernel keeps it: version 2, effective; all its bytes are ASCII, as tar-stream needs. */
const CAPABILITY = `\x01\0\0\x02\0\x20${"\0".repeat(14)}`;
const DATA = randomBytes(9 * MiB + 77);
const CONFIG = '{ "ignition": { "version": "3.4.0" } }';
const folder = mkdtempSync(join(tmpdir(), "boardsmith-image-"));
const at = (...names: string[]) => join(folder, ...names);
const inputs = {
  rootfs: at("rootfs.tar"),
  boot: at("card", "files", "out", "boot"),
  "u-boot": at("u-boot"),
  "payload-system-guest-1": at("guest"),
  provision: at("config.ign"),
};
let engine: Engine;

/** A card's spec with what its first boot is given, on a partition behind the others. */
function machineSpec(kind: "ignition" | "combustion", image: ImageSpec, machine: PartitionSpec): CardSpec {
  const spec = cardSpec({ ...image, partitions: [...image.partitions, machine] });
  const from: LocalFile = { path: inputs.provision, shown: "config.ign", kind: "file", sha256: "0".repeat(64) };
  return { ...spec, provision: { ...spec.provision, firstboot: { kind, from } } };
}

/** Runs a script with the folder at /t among the field's tools; gives what it printed. */
const judge = (script: string) => inContainer(engine, JUDGES, folder, script);

function action(spec: Spec, id: string): OpAction {
  const found = imageSteps(spec, ASSETS).find((step) => step.id === id)?.action;
  if (found?.kind !== "op") throw new Error(`no op ${id}`);
  return found;
}

/** Both ops of a card, into FOLDER/name. */
async function build(name: string, spec = cardSpec()): Promise<LayoutFile> {
  const kernel = { kernel: at("zImage"), dtbs: at("dtbs.tar"), release: at("release") };
  const files = await runOp(bootFiles, {
    args: action(spec, "boot-files").args,
    inputs: kernel,
    folder: at(name, "files"),
  });
  const { args, tools, scripts } = action(spec, "image");
  const boot = join(files.out, "boot");
  await runOp(image, { args, tools, scripts, engine, inputs: { ...inputs, boot }, folder: at(name) });
  return JSON.parse(readFileSync(at(name, "out", "layout"), "utf8")) as LayoutFile;
}

beforeAll(async () => {
  engine = await engineWith(IMAGE, JUDGES);
  writeFileSync(inputs["u-boot"], fakeBootLoader());
  writeFileSync(at("data"), DATA);
  writeFileSync(at("zImage"), fakeKernel());
  writeFileSync(at("release"), "6.12.0\n");
  writeFileSync(inputs.provision, CONFIG);
  await writeTar(at("dtbs.tar"), [{ name: "allwinner/sun4i-a10-cubieboard.dtb", content: fakeTree() }]);
  const names = Array.from({ length: 1500 }, (_, index) => `usr/share/many/file-with-a-rather-long-name-${index}`);
  await writeTar(inputs.rootfs, [
    { name: "./", type: "directory", mode: 0o755 },
    { name: "etc/", type: "directory", mode: 0o755 },
    { name: "etc/hostname", content: "card\n" },
    { name: "etc/shadow", content: "root:*:0:0:::::\n", mode: 0o640, gid: 42 },
    { name: "usr/", type: "directory", mode: 0o755 },
    { name: "usr/bin/", type: "directory", mode: 0o755 },
    { name: "usr/bin/sudo", content: randomBytes(70_001), mode: 0o4755 },
    { name: "usr/bin/sudoedit", type: "link", linkname: "usr/bin/sudo", mode: 0o4755 },
    { name: "bin", type: "symlink", linkname: "usr/bin", mode: 0o777 },
    { name: "long", type: "symlink", linkname: `usr/${"x/".repeat(60)}end`, mode: 0o777 },
    { name: "usr/bin/ping", content: "ping", mode: 0o755, pax: { "SCHILY.xattr.security.capability": CAPABILITY } },
    { name: "dev/", type: "directory", mode: 0o755 },
    { name: "dev/console", type: "character-device", devmajor: 5, devminor: 1, mode: 0o600 },
    { name: "dev/loop0", type: "block-device", devmajor: 7, devminor: 0, mode: 0o660, gid: 6 },
    { name: "run/", type: "directory", mode: 0o755 },
    { name: "run/pipe", type: "fifo", mode: 0o644 },
    { name: "tmp/", type: "directory", mode: 0o1777 },
    { name: "home/", type: "directory", mode: 0o755 },
    { name: "home/ada/", type: "directory", mode: 0o700, uid: 100_000, gid: 100_000 },
    { name: "home/ada/grüße.txt", content: "hallo", uid: 100_000, gid: 100_000 },
    { name: "zeros", content: Buffer.alloc(5 * MiB) },
    { name: "data", content: DATA },
    { name: "empty", content: "" },
    { name: "usr/share/", type: "directory", mode: 0o755 },
    { name: "usr/share/many/", type: "directory", mode: 0o755 },
    ...names.map((name) => ({ name, content: name })),
    ...Array.from({ length: 30 }, (_, index) => ({
      name: `usr/share/${"deep/".repeat(index + 1)}`,
      type: "directory" as const,
      mode: 0o755,
    })),
    { name: `usr/share/${"deep/".repeat(30)}${"n".repeat(200)}`, content: "deep" },
  ]);
});

afterAll(async () => {
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("a card image", () => {
  let layout: LayoutFile;
  beforeAll(async () => {
    layout = await build("card");
  });

  it("is read back by boardsmith's own reader as the tar has it", () => {
    using card = openImage(at("card", "out", "image"));
    const root = extVolume(card.read, layout.partitions[1]?.offset ?? 0);
    const file = (path: string) => root?.files.find((one) => one.path === path);
    expect(file("usr/bin/sudo")).toMatchObject({ type: "file", mode: 0o4755, size: 70_001 });
    expect(file("usr/bin/sudoedit")?.pieces).toEqual(file("usr/bin/sudo")?.pieces);
    expect(file("usr/bin/ping")?.attributes).toEqual({
      "security.capability": Buffer.from(CAPABILITY, "latin1").toString("hex"),
    });
    expect(file("bin")).toMatchObject({ type: "symlink", link: "usr/bin" });
    expect(file("long")?.link).toBe(`usr/${"x/".repeat(60)}end`);
    expect(file("dev/console")?.device).toEqual({ major: 5, minor: 1 });
    expect(file("dev/loop0")).toMatchObject({ type: "block", device: { major: 7, minor: 0 }, gid: 6 });
    expect(file("home/ada/grüße.txt")).toMatchObject({ uid: 100_000, gid: 100_000 });
    const data = file("data");
    expect(data && Buffer.concat([...contentOf(card.read, data)]).equals(DATA)).toBe(true);
    const boot = fatVolume(card.read, layout.partitions[0]?.offset ?? 0);
    expect(boot).toMatchObject({ filesystem: "fat32", label: "BOOT", uuid: layout.partitions[0]?.uuid });
    expect(boot?.files.map(({ path }) => path)).toContain("extlinux/extlinux.conf");
    expect(root).toMatchObject({ label: "root fs", uuid: layout.partitions[1]?.uuid, dirty: false });
  });

  it("has a table that sfdisk verifies and reads as the layout says", async () => {
    const dump = await judge("sfdisk --verify /t/card/out/image >&2; sfdisk -d /t/card/out/image");
    const [boot, root] = layout.partitions;
    expect(dump).toContain(`label-id: 0x${layout.diskId}`);
    expect(dump).toMatch(
      new RegExp(`image1 : start= *${(boot?.offset ?? 0) / 512}, size= *${40 * 2048}, type=c, bootable`),
    );
    expect(dump).toMatch(
      new RegExp(`image2 : start= *${(root?.offset ?? 0) / 512}, size= *${(root?.size ?? 0) / 512}, type=83`),
    );
    expect((root?.offset ?? 0) + (root?.size ?? 0)).toBe(layout.size);
  });

  it("carries SPL and U-Boot at 8 KiB", () => {
    const loader = readFileSync(inputs["u-boot"]);
    expect(readAt(at("card", "out", "image"), 8192, loader.length).equals(loader)).toBe(true);
  });

  it("holds sound filesystems with the contents of both tars", async () => {
    await judge(inspect("/t/card/out/image", layout, "card"));
  });

  it("is whole on a card that was full of other data, written by its bmap", async () => {
    const bmap = parseBmap(readFileSync(at("card", "out", "bmap"), "utf8"));
    const card = openSync(at("garbage"), "w+");
    const noise = randomBytes(4 * MiB);
    for (let offset = 0; offset < bmap.imageSize; offset += noise.length)
      writeSync(card, noise, 0, noise.length, offset);
    for (const { first, last, checksum } of bmap.ranges) {
      const bytes = readAt(at("card", "out", "image"), first * 4096, (last - first + 1) * 4096);
      expect(createHash("sha256").update(bytes).digest("hex")).toBe(checksum);
      writeSync(card, bytes, 0, bytes.length, first * 4096);
    }
    closeSync(card);
    expect(bmap.mappedBlocks * 4096).toBeLessThan(80 * MiB);
    await judge(inspect("/t/garbage", layout, "card"));
  });

  it("is copied and verified by bmaptool", async () => {
    await judge("bmaptool copy --bmap /t/card/out/bmap /t/card/out/image /t/copied; cmp /t/card/out/image /t/copied");
  });

  it("is written to a card and read back, by our bmap and by bmaptool's", async () => {
    await judge("cd /t/card/out && bmaptool create -o /t/theirs.bmap image");
    for (const bmap of [at("card", "out", "bmap"), at("theirs.bmap")]) {
      writeFileSync(at("flashed"), Buffer.alloc(0));
      truncateSync(at("flashed"), layout.size);
      expect(await flashed(at("card", "out", "image"), bmap, at("flashed"))).toBe("good");
      await judge("cmp /t/card/out/image /t/flashed");
    }
  });

  it("of somebody else's making is written just as well", async () => {
    const config = `image boot.vfat { vfat { files = { "zImage" } } size = 20M }
image root.ext4 { ext4 { label = "root" } size = 64M mountpoint = "/" }
image theirs.img { hdimage {} partition boot { partition-type = 0xC image = "boot.vfat" } partition root { partition-type = 0x83 image = "root.ext4" } }
`;
    writeFileSync(at("genimage.cfg"), config);
    await judge(`mkdir -p /t/gen/root /t/gen/tmp; tar -xf /t/rootfs.tar -C /t/gen/root --exclude=dev
genimage --config /t/genimage.cfg --rootpath /t/gen/root --tmppath /t/gen/tmp --inputpath /t --outputpath /t/gen
bmaptool create -o /t/gen/theirs.img.bmap /t/gen/theirs.img; zstd -q /t/gen/theirs.img -o /t/gen/theirs.img.zst`);
    const size = statSync(at("gen", "theirs.img")).size;
    writeFileSync(at("flashed"), Buffer.alloc(0));
    truncateSync(at("flashed"), Math.ceil(size / 4096) * 4096);
    expect(await flashed(at("gen", "theirs.img.zst"), at("gen", "theirs.img.bmap"), at("flashed"))).toBe("good");
    await judge(`cmp -n ${size} /t/gen/theirs.img /t/flashed`);
  });

  it("is the same from a second build, and sparse", async () => {
    await build("again");
    await judge(
      "cd /t; for file in image bmap layout; do cmp card/out/$file again/out/$file; done; [ $(du -k card/out/image | cut -f1) -lt 61440 ]",
    );
  });
});

describe("boot files", () => {
  it("are a script that mkimage reads when the recipe asks for one", async () => {
    await build("script", cardSpec(CARD_IMAGE, { method: "script", arguments: ["quiet"] }));
    const text = await judge(
      "mkdir /t/script/tree; tar -xf /t/script/files/out/boot -C /t/script/tree; cd /t/script/tree; ls; mkimage -l boot.scr; mkimage -A arm -T script -C none -n card -d boot.cmd ../made >&2; cmp -i 72 boot.scr ../made; dtc -I dtb -O dts sun4i-a10-cubieboard.dtb; cat boot.cmd",
    );
    expect(text).toContain("Image Type:   ARM Linux Script (uncompressed)");
    expect(text).toContain("Image Name:   card");
    expect(text).toMatch(/setenv bootargs 'console=ttyS0,115200 root=PARTUUID=[0-9a-f]{8}-02 rootwait rw quiet'/);
    expect(text).toContain("bootz 0x42000000 - 0x43000000");
  });
});

describe("a GPT card", () => {
  it("passes sfdisk with its entries moved behind U-Boot", async () => {
    const gpt: ImageSpec = { ...CARD_IMAGE, table: "gpt", gptEntries: MiB - 16384 };
    const size = { bytes: 8 * MiB };
    const machine: PartitionSpec = { name: "m", content: "provision", filesystem: "fat16", size, label: "COMBUSTION" };
    const layout = await build("gpt", machineSpec("combustion", gpt, machine));
    const dump = await judge("sfdisk --verify /t/gpt/out/image >&2; sfdisk -d /t/gpt/out/image");
    expect(dump).toContain("label: gpt");
    expect(dump.toLowerCase()).toContain(`uuid=${layout.partitions[1]?.partuuid}`);
    expect(dump).toContain("LegacyBIOSBootable");
    await judge(inspect("/t/gpt/out/image", layout, "gpt"));
    using card = openImage(at("gpt", "out", "image"));
    const machines = fatVolume(card.read, layout.partitions[2]?.offset ?? 0);
    expect(machines).toMatchObject({ filesystem: "fat16", label: "COMBUSTION", uuid: layout.partitions[2]?.uuid });
    const script = machines?.files.find(({ path }) => path === "combustion/script");
    expect(script && Buffer.concat([...contentOf(card.read, script)]).toString()).toBe(CONFIG);
    // As others read it that did not make it.
    const start = (layout.partitions[2]?.offset ?? 0) / MiB;
    const read = await judge(
      `dd if=/t/gpt/out/image of=/t/fat16 bs=1M skip=${start} count=8 status=none; fsck.fat -n /t/fat16; mcopy -i /t/fat16 ::combustion/script -`,
    );
    expect(read).toMatch(/ 3 files, 2\/\d+ clusters\n/);
    expect(read.endsWith(CONFIG)).toBe(true);
  });
});

describe("an image whose partitions grow to their content", () => {
  it("holds it all", async () => {
    const size = { content: { slack: 0 } };
    const partitions = CARD_IMAGE.partitions.map((partition) => ({ ...partition, size }));
    const machine: PartitionSpec = { name: "m", content: "provision", filesystem: "ext4", size, label: "ignition" };
    const layout = await build("fit", machineSpec("ignition", { ...CARD_IMAGE, partitions }, machine));
    expect(layout.partitions[1]?.size).toBeLessThan(64 * MiB);
    await judge(inspect("/t/fit/out/image", layout, "fit"));
    using card = openImage(at("fit", "out", "image"));
    const machines = extVolume(card.read, layout.partitions[2]?.offset ?? 0);
    expect(machines).toMatchObject({ label: "ignition", uuid: layout.partitions[2]?.uuid, dirty: false });
    const config = machines?.files.find(({ path }) => path === "ignition/config.ign");
    expect(config && Buffer.concat([...contentOf(card.read, config)]).toString()).toBe(CONFIG);
    const arguments_ = await judge("tar -xOf /t/fit/files/out/boot extlinux/extlinux.conf");
    expect(arguments_).toMatch(/ rw ignition\.platform\.id=metal quiet$/m);
  });
});

describe("a card with a volume group", () => {
  it("holds its filesystems, swap space and payload in their volumes, and little else is written", async () => {
    const guest = Buffer.concat([randomBytes(3 * MiB + 5), Buffer.alloc(8 * MiB), randomBytes(77)]);
    writeFileSync(at("guest"), guest);
    const local: LocalFile = { path: at("guest"), shown: "guest", kind: "file", sha256: "0".repeat(64) };
    const group: PartitionSpec = {
      name: "pv",
      content: "lvm",
      size: { rest: true },
      group: "system",
      extentSize: 4 * MiB,
      volumes: [
        { name: "swap", content: "swap", size: { bytes: 16 * MiB }, label: "swap" },
        { name: "guest-1", content: "payload", size: { bytes: 12 * MiB - 1 }, label: "guest-1", from: local },
        { name: "root", content: "root", size: { percent: 40 }, label: "root fs" },
        { name: "data", content: "empty", size: { rest: true }, label: "data" },
      ],
    };
    const layout = await build(
      "lvm",
      cardSpec({ ...CARD_IMAGE, partitions: [...CARD_IMAGE.partitions.slice(0, 1), group] }),
    );
    const [boot, pv] = layout.partitions;
    const volume = (name: string) => pv?.group?.volumes.find((one) => one.name === name);
    const root = volume("root");
    const swap = volume("swap");
    const data = volume("data");
    if (!boot || !pv || !root || !swap || !data) throw new Error("volumes missing");
    expect(volume("guest-1")).toMatchObject({ mapper: "system-guest--1", size: 12 * MiB });
    expect(readAt(at("lvm", "out", "image"), volume("guest-1")?.offset ?? 0, guest.length).equals(guest)).toBe(true);
    await judge(inspect("/t/lvm/out/image", { partitions: [boot, root] }, "lvm"));
    const cut = (one: { offset: number; size: number }, to: string) =>
      `dd if=/t/lvm/out/image of=${to} bs=1M skip=${one.offset / MiB} count=${one.size / MiB} conv=sparse status=none`;
    const seen = await judge(`cd /t/judged
${cut(swap, "swap")}; ${cut(data, "data")}; ${cut(pv, "pv")}
e2fsck -fn data; blkid -p -o export swap data pv; sfdisk -d /t/lvm/out/image`);
    for (const word of ["TYPE=swap", `UUID=${swap.uuid}`, `UUID=${data.uuid}`, "LABEL=data", "TYPE=LVM2_member"])
      expect(seen.split("\n")).toContain(word);
    expect(seen).toContain(`UUID=${pv.uuid}`);
    expect(seen).toMatch(/image2 : .*type=8e/);
    const mapped = parseBmap(readFileSync(at("lvm", "out", "bmap"), "utf8")).mappedBlocks * 4096;
    expect(mapped).toBeLessThan(
      parseBmap(readFileSync(at("card", "out", "bmap"), "utf8")).mappedBlocks * 4096 + 24 * MiB,
    );
  });
});

/**
 * Shell that checks both filesystems of an image and compares them with the tars they were made from, the boot files of card `name`.
 * rdump writes no device nodes, no links and no setuid or sticky bits: those are looked up one by one.
 */
function inspect(
  path: string,
  layout: { readonly partitions: readonly { readonly offset: number; readonly size: number }[] },
  name: string,
): string {
  const [boot, root] = layout.partitions;
  if (!boot || !root) throw new Error("two partitions expected");
  const cut = (part: typeof boot, to: string) =>
    `dd if=${path} of=${to} bs=1M skip=${part.offset / MiB} count=${Math.ceil(part.size / MiB)} conv=sparse status=none`;
  return `
rm -rf /t/judged; mkdir /t/judged; cd /t/judged; mkdir root boot boot-tar
${cut(boot, "fat")}
${cut(root, "ext4")}
e2fsck -fn ext4
fsck.fat -n fat
debugfs -R "rdump / root" ext4 2>debugfs.log || true
rm -rf root/lost+found
tar --compare -f /t/rootfs.tar -C root --exclude=dev/* --exclude=./ --exclude=run/pipe --exclude=tmp --exclude=usr/bin/sudo* >difference 2>&1 || { cat debugfs.log difference; exit 1; }
ask() { debugfs -R "$1" ext4 >said 2>/dev/null; grep -q "$2" said || { echo "$1: no $2 in"; cat said; exit 1; }; }
ask "stat dev/console" "Type: character special"
ask "stat dev/console" "Device major/minor number: 05:01"
ask "stat run/pipe" "Type: FIFO"
ask "stat usr/bin/sudo" "Links: 2"
ask "stat usr/bin/sudo" "Mode:  04755"
cmp root/usr/bin/sudo root/usr/bin/sudoedit
ask "stat tmp" "Mode:  01777"
ask "stat home/ada" "User: 100000   Group: 100000"
ask "stat /" "Mode:  0755"
ask "ea_list usr/bin/ping" "security.capability (20) = 01 00 00 02 00 20 00 00"
mcopy -s -m -i fat :: boot/
tar -xf /t/${name}/files/out/boot -C boot-tar
diff -r boot boot-tar
`;
}

/** Writes an image onto a file as if that were a card; gives the verdict. */
async function flashed(path: string, bmap: string, card: string): Promise<string | undefined> {
  const signal = AbortSignal.timeout(300_000);
  const source = await openSource(path, { stdin: process.stdin, signal, scratch: folder, log: () => {} });
  const place = {
    path: card,
    name: "card",
    identity: "card",
    capacity: statSync(card).size,
    block: 512,
    discards: false,
  };
  await using drive = await openDrive(place);
  const map = mapOf(readFileSync(bmap, "utf8"), bmap, source.size);
  return (await flashCards(source, map, [drive], { update: false, signal }))[0]?.verdict;
}

function readAt(path: string, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  const file = openSync(path, "r");
  const read = readSync(file, bytes, 0, length, offset);
  closeSync(file);
  return bytes.subarray(0, read);
}

describe("the emulator's NFS server", () => {
  it("serves a root filesystem out of its tar as another's client reads it, and keeps what that writes", async () => {
    for (const name of NFS_PROGRAMS) writeFileSync(at(name), ASSETS.text(`emulate/nfs/${name}`));
    const said = await judge(`
      hash='$6$salt$hash'
      python3 -B /t/server.py /t/rootfs.tar /srv/nfs/card --root-hash "$hash" &
      url=nfs://127.0.0.1/srv/nfs/card
      until nfs-ls "$url" >/tmp/top 2>/tmp/why; do
        kill -0 $! || { cat /tmp/why; exit 1; }
        sleep 0.1
      done
      awk '{print $1, $2, $3, $4, $6}' /tmp/top | LC_ALL=C sort -k5
      for folder in home/ada dev usr/bin run; do nfs-ls "$url/$folder" | awk '{print $1, $2, $3, $4, $6}' | LC_ALL=C sort -k5; done
      nfs-ls "$url/usr/share/many" | wc -l
      nfs-stat "$url/etc" | sed -n 's/^Modify: //p'
      nfs-cat "$url/data" | cmp - /t/data && echo the same bytes
      nfs-cat "$url/etc/shadow"
      head -c 300001 /t/data >/tmp/new
      nfs-cp /tmp/new "$url/home/new" >/tmp/copied
      nfs-cat "$url/home/new" | cmp - /tmp/new && echo what was written
      nfs-ls nfs://127.0.0.1/srv/other 2>&1 | grep -o MNT3ERR_NOENT
    `);
    expect(said.split("\n")).toEqual([
      "lrwxrwxrwx 1 0 0 bin",
      "-rw-r--r-- 1 0 0 data",
      "drwxr-xr-x 2 0 0 dev",
      "-rw-r--r-- 1 0 0 empty",
      "drwxr-xr-x 2 0 0 etc",
      "drwxr-xr-x 3 0 0 home",
      "lrwxrwxrwx 1 0 0 long",
      "drwxr-xr-x 2 0 0 run",
      "drwxrwxrwx 2 0 0 tmp",
      "drwxr-xr-x 4 0 0 usr",
      "-rw-r--r-- 1 0 0 zeros",
      "-rw-r--r-- 1 100000 100000 grüße.txt",
      "crw------- 1 0 0 console",
      "brw-rw---- 1 0 6 loop0",
      "-rwxr-xr-x 1 0 0 ping",
      // It shows neither raised rights nor that a pipe is one.
      "-rwxr-xr-x 2 0 0 sudo",
      "-rwxr-xr-x 2 0 0 sudoedit",
      "rw-r--r-- 1 0 0 pipe",
      "1500",
      "Sun Sep 13 12:26:40 2020",
      "the same bytes",
      "root:$6$salt$hash:19000:0:::::",
      "what was written",
      "MNT3ERR_NOENT",
    ]);
  });
});
