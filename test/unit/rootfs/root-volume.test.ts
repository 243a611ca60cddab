import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { argumentsFile, extlinuxConf } from "../../../src/disk/boot-config.js";
import { placeLayout } from "../../../src/disk/layout.js";
import { rootArguments } from "../../../src/disk/root-device.js";
import { ASSETS, CARD_BOARD, CARD_IMAGE, cardSpec } from "../../rig/card.js";
import { tempFolder } from "../../rig/temp-folder.js";

const MiB = 1024 ** 2;
const SPEC = cardSpec({
  ...CARD_IMAGE,
  partitions: [
    ...CARD_IMAGE.partitions.slice(0, 1),
    {
      name: "pv",
      content: "lvm",
      size: { rest: true },
      group: "system",
      extentSize: 4 * MiB,
      volumes: [{ name: "the-root", content: "root", size: { bytes: 100 * MiB }, label: "root" }],
    },
  ],
});

let folder: string;
let before: string;
const conf = () => join(folder, "extlinux", "extlinux.conf");

beforeEach(async () => {
  folder = await tempFolder();
  const { layout } = placeLayout(SPEC.image, CARD_BOARD.spl, {});
  if (!layout) throw new Error("no layout");
  const line = ["console=ttyS0", ...rootArguments(SPEC, layout), "rw", "quiet"].join(" ");
  before = extlinuxConf({ title: "card", kernel: "zImage", fdt: "board.dtb", arguments: line });
  for (const name of ["bin", "extlinux"]) mkdirSync(join(folder, name));
  writeFileSync(conf(), before);
  writeFileSync(join(folder, "root-volume"), ASSETS.text("rootfs/files/boardsmith-root-volume"));
});

/** Runs it on a board whose device-mapper answers so; partition 179:N has the id ID-N. */
function run(table: string, name = "system-the--root") {
  tool("dmsetup", `case $1 in info) echo "${name}" ;; table) printf '%s\\n' "${table}" ;; esac`);
  tool("blkid", `case $5 in */179:*) echo "1db155d0-0\${5##*:}" ;; esac`);
  const path = `${join(folder, "bin")}:${process.env["PATH"]}`;
  const ran = spawnSync("sh", [join(folder, "root-volume"), folder], {
    encoding: "utf8",
    env: { ...process.env, PATH: path },
  });
  return { code: ran.status, said: ran.stdout + ran.stderr };
}

function tool(name: string, body: string): void {
  const path = join(folder, "bin", name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
}

const create = () => /dm-mod\.create="([^"]*)" (.*) rw quiet$/m.exec(readFileSync(conf(), "utf8"))?.slice(1);

describe("the table of a root volume on the kernel's command line", () => {
  it("stays as the image has it while the volume does", () => {
    expect(run("0 204800 linear 179:2 2048")).toEqual({ code: 0, said: "" });
    expect(readFileSync(conf(), "utf8")).toBe(before);
  });

  it("follows a volume that was enlarged, moved to two partitions and renamed, and changes nothing else", () => {
    const uuid = /LVM-\w{64}/.exec(before)?.[0];
    const ran = run(
      "0 204800 linear 179:2 2048\n204800 8192 linear 179:3 4096\n212992 8192 linear 179:2 999424",
      "system-base",
    );
    expect(ran).toEqual({ code: 0, said: expect.stringContaining("the next boot's table of system-base: 0 204800") });
    const first = "PARTUUID=1db155d0-02";
    const second = "PARTUUID=1db155d0-03";
    expect(create()).toEqual([
      `system-base,${uuid},,rw,0 204800 linear ${first} 2048,204800 8192 linear ${second} 4096,212992 8192 linear ${first} 999424`,
      `dm-mod.waitfor=${first},${second} root=/dev/dm-0 rootwait`,
    ]);
    const rest = (text: string) => text.replace(/dm-mod\.create.*rw quiet/, "");
    expect(rest(readFileSync(conf(), "utf8"))).toBe(rest(before));
    expect(run("0 204800 linear 179:2 2048").code).toBe(0);
    expect(readFileSync(conf(), "utf8")).toBe(before);
  });

  it("is left as it is when the pieces are more than a command line holds", () => {
    const pieces = Array.from(
      { length: 20 },
      (_, index) => `${index * 8192} 8192 linear 179:2 ${2048 + index * 16384}`,
    );
    const ran = run(pieces.join("\n"));
    expect(ran).toEqual({ code: 1, said: expect.stringContaining("in too many pieces for a kernel's command line") });
    expect(readFileSync(conf(), "utf8")).toBe(before);
    expect(readdirSync(join(folder, "extlinux"))).toEqual(["extlinux.conf"]);
  });

  it("says what the kernel could not set up by itself, and writes nothing", () => {
    for (const [table, why] of [
      [
        "0 204800 raid raid1 3 0 region_size",
        "system-the--root is raid now, which the kernel does not set up by itself",
      ],
      ["0 204800 linear 8:0 2048", "system-the--root is on device 8:0 now, which is no partition"],
    ] as const) {
      const ran = run(table);
      expect(ran.code).toBe(1);
      expect(ran.said.split("\n")).toEqual([
        `boardsmith-root-volume: ${why}`,
        "boardsmith-root-volume: the next boot would find the root volume as it was before",
        "",
      ]);
      expect(readFileSync(conf(), "utf8")).toBe(before);
    }
  });

  it("is in a file of its own where U-Boot runs a script", () => {
    const line = /APPEND (.*)/.exec(before)?.[1] ?? "";
    rmSync(join(folder, "extlinux"), { recursive: true });
    writeFileSync(join(folder, "arguments.env"), argumentsFile(line));
    expect(run("0 208896 linear 179:2 2048").code).toBe(0);
    const now = argumentsFile(line).replace("0 204800 linear", "0 208896 linear");
    expect(readFileSync(join(folder, "arguments.env"), "utf8")).toBe(now);
  });

  it("wants the boot partition to be there", () => {
    writeFileSync(conf(), "nothing");
    expect(run("0 204800 linear 179:2 2048")).toMatchObject({
      code: 1,
      said: expect.stringContaining("is it mounted?"),
    });
  });
});
