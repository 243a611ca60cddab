import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { APPLETS } from "../../../src/initramfs/contents.js";
import { tempFolder } from "../../rig/temp-folder.js";

const text = readFileSync(join(import.meta.dirname, "../../../src/initramfs/init.sh"), "utf8");

/** The functions of /init under another root, and a call of one of them; only the initramfs's commands are there. */
function call(root: string, line: string): string {
  const functions = text
    .slice(text.indexOf("say()"), text.indexOf("mount -t proc"))
    .replaceAll(/(?<=[ "])\/(sys|dev)\//g, `${root}/$1/`);
  const bin = join(root, "bin");
  mkdirSync(bin, { recursive: true });
  for (const name of APPLETS) {
    const own = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"]
      .map((folder) => join(folder, name))
      .find((path) => existsSync(path));
    if (own && !existsSync(join(bin, name))) symlinkSync(own, join(bin, name));
  }
  return execFileSync("/bin/sh", ["-euc", `set -f\nvolume=\nbreak=\n${functions}\n${line}`], {
    encoding: "utf8",
    stdio: "pipe",
  });
}

function put(root: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

/** A disk whose MBR has a signature. */
function disk(signature: number): Buffer {
  const bytes = Buffer.alloc(512);
  bytes.writeUInt32LE(signature, 440);
  return bytes;
}

describe("/init", () => {
  it("is sound shell", () => {
    execFileSync("sh", ["-n"], { input: text });
  });

  it.each(APPLETS)("uses %s, which the initramfs has for it", (applet) => {
    expect(text.replaceAll(/^\s*#(?!!).*$/gm, "")).toMatch(new RegExp(`(^|[\\s(/])${applet}([\\s)]|$)`, "m"));
  });

  it("finds a partition by what the kernel says of it", async () => {
    const root = await tempFolder();
    put(root, {
      "sys/class/block/mmcblk0/uevent": "DEVNAME=mmcblk0\nDEVTYPE=disk\n",
      "sys/class/block/mmcblk0p1/uevent": "DEVNAME=mmcblk0p1\nPARTN=1\nPARTUUID=1a2b3c4d-01\n",
      "sys/class/block/mmcblk0p2/uevent": "DEVNAME=mmcblk0p2\nPARTN=2\nPARTUUID=1a2b3c4d-02\n",
    });
    expect(call(root, "partition 1A2B3C4D-02")).toBe(`${root}/dev/mmcblk0p2\n`);
    expect(call(root, "partition 1a2b3c4d-03")).toBe("");
  });

  it("finds it by the disk's signature where the kernel is too old to say", async () => {
    const root = await tempFolder();
    put(root, {
      "sys/class/block/mmcblk0p2/uevent": "DEVNAME=mmcblk0p2\nPARTN=2\n",
      "sys/block/mmcblk0/mmcblk0p2/partition": "2\n",
      "sys/block/mmcblk1/mmcblk1p12/partition": "12\n",
      "dev/mmcblk0": disk(0x0b2c3d4e),
      "dev/mmcblk1": disk(0xffee0011),
    });
    expect(call(root, "partition 0b2c3d4e-02")).toBe(`${root}/dev/mmcblk0p2\n`);
    expect(call(root, "partition ffee0011-0c")).toBe(`${root}/dev/mmcblk1p12\n`);
    expect(call(root, "partition ffee0011-02")).toBe("");
  });

  it("finds none where there is none, and says so without noise", async () => {
    const root = await tempFolder();
    mkdirSync(join(root, "sys/class/block"), { recursive: true });
    expect(call(root, "partition 0b2c3d4e-02 2>&1; devices")).toBe("none\n");
    put(root, { "sys/class/block/mmcblk0/uevent": "", "sys/class/block/mmcblk0p1/uevent": "" });
    expect(call(root, "devices")).toBe("mmcblk0 mmcblk0p1\n");
  });

  it("says what it lacks and gives no shell", async () => {
    const failed = "(fail no root filesystem: LABEL=x did not appear) || echo ended with $?";
    expect(call(await tempFolder(), failed)).toBe(
      "initramfs: no root filesystem: LABEL=x did not appear\nended with 1\n",
    );
  });
});
