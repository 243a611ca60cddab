import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process";
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lvmIdFor } from "../../src/disk/identity.js";
import { physicalVolume } from "../../src/disk/lvm/physical-volume.js";
import { dashed } from "../../src/disk/lvm/uuid.js";
import { DATA_START, extentsIn, type VolumeGroup } from "../../src/disk/lvm/volume-group.js";
import { toolTag } from "../../src/engine/docker/tool-tag.js";
import type { ToolImage } from "../../src/plan/step.js";
import { engineWith } from "../rig/op-run.js";
import { VOLUME_GROUP } from "../rig/volume-group.js";

/** lvm2 itself. It reads devices only, hence the loop device, which no build ever needs. */
const LVM2: ToolImage = { name: "lvm2", base: { distro: "debian", suite: "trixie" }, packages: ["lvm2"] };
const MiB = 1024 ** 2;
const folder = mkdtempSync(join(tmpdir(), "boardsmith-lvm-"));
const card = join(folder, "pv");
let loop = "";
let shell: ChildProcessWithoutNullStreams;
let answers: AsyncIterator<string>;

/** What lvm2 needs to be told where no device-mapper and no udev is. */
const config = () =>
  `devices { dir="/dev" scan=["/dev"] use_devicesfile=0 obtain_device_list_from_udev=0 external_device_info_source="none" md_component_detection=0 multipath_component_detection=0 sysfs_scan=0 global_filter=["a|^${loop}$|","r|.*|"] } activation { udev_sync=0 udev_rules=0 monitoring=0 } backup { backup=0 archive=0 }`;

beforeAll(async () => {
  const engine = await engineWith(LVM2);
  await engine.close();
  closeSync(openSync(card, "w"));
  ftruncate(64 * MiB);
  loop = execFileSync("losetup", ["-f", "--show", card], { encoding: "utf8" }).trim();
  shell = spawn("docker", ["run", "--rm", "-i", "--network", "none", "--device", loop, toolTag(LVM2), "sh"]);
  answers = createInterface({ input: shell.stdout })[Symbol.asyncIterator]();
});
afterAll(() => {
  shell?.stdin.end();
  if (loop) execFileSync("losetup", ["-d", loop]);
  rmSync(folder, { recursive: true, force: true });
});

function ftruncate(size: number): void {
  const file = openSync(card, "r+");
  ftruncateSync(file, 0);
  ftruncateSync(file, size);
  closeSync(file);
}

/** Runs commands of lvm2's in its container; gives what they print, and fails with it when one of them does. */
async function lvm2(...commands: readonly string[]): Promise<readonly string[]> {
  const lines: string[] = [];
  const how = `--driverloaded n --config '${config()}'`;
  shell.stdin.write(
    `{ set -e; ${commands.map((one) => one.replace(" ", ` ${how} `)).join("; ")}; } 2>&1; echo "end $?"\n`,
  );
  // Not by for-await, whose end would close the stream.
  for (let next = await answers.next(); !next.done; next = await answers.next()) {
    const line = next.value;
    const end = /^end (\d+)$/.exec(line);
    if (end) {
      expect(end[1], lines.join("\n")).toBe("0");
      return lines;
    }
    if (!/Activation disabled|leaked on/.test(line)) lines.push(line.trim());
  }
  throw new Error(`the container ended: ${lines.join("\n")}`);
}

/** The group on a card of its partition's size, as lvm2 sees it. */
function write(group: VolumeGroup): void {
  ftruncate(group.physical.size);
  const bytes = physicalVolume(group);
  const file = openSync(card, "r+");
  writeSync(file, bytes, 0, bytes.length, 0);
  closeSync(file);
  execFileSync("losetup", ["-c", loop]);
}

/** Every fact lvm2 reads, against the group's own. */
async function agrees(group: VolumeGroup): Promise<void> {
  write(group);
  const { physical, volumes, extentSize } = group;
  const told = "--noheadings --units b --nosuffix --separator ,";
  const said = await lvm2(
    `pvck ${loop}`,
    `vgck '${group.name}'`,
    `pvs ${told} -o pv_uuid,vg_name,dev_size,pe_start,pv_pe_count,pv_attr`,
    `vgs ${told} -o vg_uuid,vg_extent_size,vg_extent_count,vg_free_count,lv_count,vg_seqno,vg_attr`,
    `lvs ${told} -o lv_name,lv_uuid,lv_size,seg_start_pe,seg_pe_ranges --sort lv_name`,
  );
  const used = volumes.reduce((sum, volume) => sum + volume.extents, 0);
  expect(said).toEqual([
    `Found label on ${loop}, sector 1, type=LVM2 001`,
    "Found text metadata area: offset=4096, size=1044480",
    `${dashed(physical.id)},${group.name},${physical.size},${DATA_START},${physical.extents},a--`,
    `${dashed(group.id)},${extentSize},${physical.extents},${physical.extents - used},${volumes.length},1,wz--n-`,
    ...[...volumes]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(
        ({ name, id, firstExtent, extents }) =>
          `${name},${dashed(id)},${extents * extentSize},0,${loop}:${firstExtent}-${firstExtent + extents - 1}`,
      ),
  ]);
}

describe("volume groups that boardsmith writes", () => {
  it("are read by lvm2 as they were meant, 200 of them", async () => {
    await fc.assert(fc.asyncProperty(VOLUME_GROUP, agrees), { numRuns: 200 });
  });

  it("are ordinary ones: volumes are added, enlarged, renamed and removed", async () => {
    const spec = { name: "ordinary", board: { name: "none" } };
    const size = 256 * MiB;
    write({
      name: "system",
      id: lvmIdFor(spec, "vg"),
      extentSize: 4 * MiB,
      physical: { id: lvmIdFor(spec, "pv"), size, extents: extentsIn(size, 4 * MiB), device: "/dev/mmcblk0p2" },
      volumes: [
        { name: "root", id: lvmIdFor(spec, "root"), firstExtent: 0, extents: 20 },
        { name: "data", id: lvmIdFor(spec, "data"), firstExtent: 20, extents: 5 },
      ],
      epoch: 1_735_689_600,
    });
    await lvm2(
      "lvcreate -an -Zn -Wn -q -n guest -L 40M system",
      "lvextend -q -L +8M system/data",
      "lvrename -q system data more",
      "lvremove -q -y system/root",
      "vgck system",
    );
    expect(await lvm2("lvs --noheadings --units m --separator , -o lv_name,lv_size --sort lv_name")).toEqual([
      "guest,40.00m",
      "more,28.00m",
    ]);
  });
});
