import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { StepFailed } from "../../../src/diagnostic/failure.js";
import { lint } from "../../../src/ops/lint.js";
import { runOp } from "../../rig/op-run.js";
import { tempFolder } from "../../rig/temp-folder.js";
import { tarOf } from "./rig.js";

const ROOTFS = tarOf({
  "bin/busybox": { mode: 0o755, content: "ELF" },
  "sbin/init": { link: "../bin/busybox" },
  "etc/fstab": "PARTUUID=0badcafe-02 / ext4 defaults 0 1\n/dev/sda1 /data ext4 defaults 0 2\n",
  "etc/resolv.conf": "nameserver 198.51.100.1\n",
  "etc/dropbear/dropbear_rsa_host_key": "secret",
});
const LAYOUT = {
  table: "mbr",
  partitions: [{ number: 2, name: "root", filesystem: "ext4", label: "root", uuid: "u", partuuid: "0badcafe-02" }],
};

async function run(accept: readonly { finding: string; about?: string; reason: string }[]) {
  const folder = await tempFolder();
  const inputs = { rootfs: join(folder, "rootfs"), layout: join(folder, "layout"), release: join(folder, "release") };
  writeFileSync(inputs.rootfs, ROOTFS);
  writeFileSync(inputs.layout, JSON.stringify(LAYOUT));
  writeFileSync(inputs.release, "6.12.107\n");
  const args = {
    accept,
    volumes: false,
    console: "ttyS0",
    serialLogin: false,
    firstBootHelps: true,
    dns: [],
    epoch: 0,
  };
  return runOp(lint, { args, inputs, folder });
}

test("errors stop the step, all of them at once, and a warning does not", async () => {
  const failed = await run([]).catch((error: StepFailed) => error);
  expect(failed).toMatchObject({
    message: "the root filesystem is not fit for its image",
    diagnostics: [
      {
        severity: "error",
        code: "fstab-device",
        message: "fstab mounts /dev/sda1 on /data, and the image has no such thing",
        help: "it has LABEL=root; a drive that may be missing takes the option nofail",
      },
      { code: "ssh-host-key" },
    ],
  });
});

test("what the recipe accepts goes into the findings with its reason; what it accepts in vain is told", async () => {
  const { out, log } = await run([
    { finding: "fstab-device", about: "/dev/sda1", reason: "the disk is always there" },
    { finding: "ssh-host-key", reason: "one board only" },
    { finding: "machine-id", about: "/etc/machine-id", reason: "none" },
  ]);
  expect(log).toEqual([
    "accepted: fstab mounts /dev/sda1 on /data, and the image has no such thing [fstab-device]: the disk is always there",
    "accepted: /etc/dropbear/dropbear_rsa_host_key is a private host key: every board of this image would have the same [ssh-host-key]: one board only",
    "warning: /etc/resolv.conf names 198.51.100.1, which the recipe does not [resolv-conf]; name it in provision.network[].dns when it is the board's; else it is the build machine's",
    "warning: lint.accept: there is no machine-id about /etc/machine-id to accept",
  ]);
  const { findings } = JSON.parse(readFileSync(join(out, "findings"), "utf8")) as { findings: object[] };
  expect(findings).toMatchObject([
    { code: "fstab-device", severity: "error", accepted: "the disk is always there" },
    { code: "ssh-host-key", severity: "error", accepted: "one board only" },
    { code: "resolv-conf", severity: "warning" },
  ]);
});
