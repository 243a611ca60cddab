import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadModel } from "../../src/board/load-model.js";
import { nodeFiles } from "../../src/cli/node-files.js";
import type { Engine, Mount } from "../../src/engine/engine.js";
import { type CpioEntry, cpio } from "../../src/initramfs/cpio.js";
import { fastModel } from "../../src/ops/fast-model.js";
import type { ToolImage } from "../../src/plan/step.js";
import type { Spec } from "../../src/recipe/spec.js";
import { scriptJob } from "../../src/run/container-job.js";
import { fastModelSteps } from "../../src/steps/fast-model.js";
import { BUILD, FETCH, QEMU } from "../../src/steps/tools.js";
import { twinArgv } from "../../src/xen/fast-model/run-lines.js";
import { ASSETS } from "../rig/card.js";
import { engineWith, runOp } from "../rig/op-run.js";
import { xenSpec } from "../rig/xen.js";

/** Debian's Xen and kernel and a static busybox: what they are made of is not this test's matter. */
const PARTS = `
archive_open deb armhf bookworm
cd /work
kernel=$(apt-cache depends linux-image-armmp-lpae | sed -n 's/.*Depends: \\(linux-image[^ ]*\\).*/\\1/p' | head -n 1)
apt-get download "$kernel" xen-hypervisor-4.17-armhf busybox-static
take() { # PACKAGE MEMBER OUT
  dpkg-deb --fsys-tarfile /work/"$1"_*.deb | tar -xO --wildcards "$2" >/t/"$3"
}
take "$kernel" './boot/vmlinuz-*' kernel
take "$kernel" '*/vexpress-v2p-ca15-tc1.dtb' tree
take xen-hypervisor-4.17-armhf './boot/xen-4*armhf' xen.gz
take busybox-static './bin/busybox' busybox
case $(head -c 2 /t/xen.gz | od -An -tx1) in *"1f 8b"*) gzip -dc /t/xen.gz >/t/xen ;; *) cp /t/xen.gz /t/xen ;; esac
mkdir -p /work/dtbs/arm
cp /t/tree /work/dtbs/arm/vexpress-v2p-ca15-tc1.dtb
tar -C /work/dtbs -cf /t/dtbs .
`;

/** dom0's init: says where it runs. */
const INIT = `#!/busybox sh
/busybox mount -t proc proc /proc
/busybox mount -t sysfs sys /sys
echo "hypervisor: $(/busybox cat /sys/hypervisor/type) $(/busybox cat /sys/hypervisor/version/major).$(/busybox cat /sys/hypervisor/version/minor)"
echo "arguments: $(/busybox cat /proc/cmdline)"
echo "CPUs: $(/busybox grep -c ^processor /proc/cpuinfo)"
/busybox sleep 1000
`;

const folder = mkdtempSync(join(tmpdir(), "boardsmith-fast-model-"));
const at = (...names: string[]) => join(folder, ...names);
let engine: Engine;
let model: NonNullable<Awaited<ReturnType<typeof loadModel>>["model"]>;

/** Runs a script with `folder` at /t; only fetching sees a network. */
async function run(tool: ToolImage, script: string, mounts: readonly Mount[] = [], env = {}): Promise<string[]> {
  const lines: string[] = [];
  const job = await scriptJob(folder, script, {
    name: "fast-model",
    tool,
    env,
    mounts: [{ source: folder, target: "/t", readOnly: false }, ...mounts],
    network: tool === FETCH ? "host" : "none",
    caps: [],
  });
  const code = await engine.run({ ...job, signal: AbortSignal.timeout(600_000), onLine: (line) => lines.push(line) });
  if (code !== 0) throw new Error(`exit code ${code}:\n${lines.slice(-30).join("\n")}`);
  return lines;
}

function initramfs(): Buffer {
  const folders = ["dev", "proc", "sys"].map((path): CpioEntry => ({ path, what: { folder: true }, mode: 0o755 }));
  return cpio(
    [
      ...folders,
      { path: "dev/console", what: { char: { major: 5, minor: 1 } }, mode: 0o600 },
      { path: "busybox", what: { file: readFileSync(at("busybox")) }, mode: 0o755 },
      { path: "init", what: { file: Buffer.from(INIT) }, mode: 0o755 },
    ],
    0,
  );
}

beforeAll(async () => {
  engine = await engineWith(BUILD, FETCH, QEMU);
  const home = join(import.meta.dirname, "../..");
  const loaded = await loadModel("vexpress-a15", nodeFiles(), { cwd: home, home });
  if (!loaded.model) throw new Error("no model");
  model = loaded.model;
  await run(FETCH, `${ASSETS.script("archive")}\n${PARTS}`, [], { BASE_SUITE: "trixie" });
  writeFileSync(at("initramfs"), initramfs());
  const spec: Spec = {
    ...xenSpec({ arguments: [] }),
    boot: { method: "script", arguments: ["said=in-the-image"], initramfs: { busybox: "busybox" } },
    fastModel: model,
  };
  const [shim, image] = fastModelSteps(spec, ASSETS);
  if (shim?.action.kind !== "container" || image?.action.kind !== "op") throw new Error("other steps than expected");
  for (const { name, from } of shim.inputs) if ("text" in from) writeFileSync(at(name), from.text);
  const texts = shim.inputs.map(({ name }) => ({ source: at(name), target: `/in/${name}`, readOnly: true }));
  mkdirSync(at("shim"));
  await run(
    BUILD,
    shim.action.script,
    [...texts, { source: at("shim"), target: "/out", readOnly: false }],
    shim.action.env,
  );
  const inputs = Object.fromEntries(["xen", "kernel", "dtbs", "initramfs"].map((name) => [name, at(name)]));
  await runOp(fastModel, {
    args: image.action.args,
    inputs: { ...inputs, shim: at("shim/shim"), semihosting: at("shim/semihosting") },
    folder,
  });
});
afterAll(async () => {
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The twin with an image, until its init or the shim has said all it has to say; what its console said. */
async function boot(image: string, named: string | undefined, seconds: number): Promise<readonly string[]> {
  const words = ["x.axf", ...(named ?? "").split(" ")].map((word) => `arg=${word}`).join(",");
  const more = named === undefined ? [] : ["-semihosting-config", `enable=on,target=native,${words}`];
  const command = [...twinArgv(model, `/t/out/${image}`), ...more].join(" ");
  const script = `mkfifo /work/console
timeout ${seconds} ${command} </dev/null >/work/console 2>&1 &
sed '/^CPUs: \\|^boardsmith shim: [^s]/q' /work/console
kill $! 2>/dev/null || true`;
  return run(QEMU, script);
}

describe("a fast-model image on the twin", () => {
  it("is an ELF file whose segments readelf finds at their addresses", async () => {
    const lines = await run(BUILD, "arm-linux-gnueabihf-readelf -hlW /t/out/image");
    const loads = lines.flatMap((line) => /^ +LOAD +\S+ (0x\w+) \1/.exec(line)?.[1] ?? []);
    expect(loads).toEqual(["0x80000000", "0x80100000", "0x80200000", "0x82000000", "0x84000000"]);
    expect(lines.some((line) => /Entry point address: +0x80000000$/.test(line))).toBe(true);
    expect(lines.some((line) => /Machine: +ARM$/.test(line))).toBe(true);
  });

  it("brings Xen and dom0 to their prompt, whether it holds them or gets them by semihosting", async () => {
    const named =
      "--kernel /t/kernel --dtb /t/out/device-tree --initrd /t/initramfs -- console=hvc0 rw said=by-semihosting";
    const [whole, semihosting] = await Promise.all([boot("image", undefined, 300), boot("semihosting", named, 300)]);
    for (const [lines, said] of [
      [whole, "in-the-image"],
      [semihosting, "by-semihosting"],
    ] as const) {
      expect(lines[0]).toBe("boardsmith shim: starting Xen");
      const from = lines.findIndex((line) => line.startsWith("hypervisor: "));
      expect(lines.slice(from, from + 3), lines.slice(-20).join("\n")).toEqual([
        "hypervisor: xen 4.17",
        expect.stringMatching(new RegExp(`^arguments: console=hvc0 .*said=${said}$`)),
        "CPUs: 1",
      ]);
    }
  });

  it("says what is wrong with the model's command line before anything starts", async () => {
    const wrong: Readonly<Record<string, string>> = {
      "--kernel /t/gone": "cannot open /t/gone",
      "--kernl /t/kernel": "no such option: --kernl",
      "--dtb /t/initramfs": "no device tree: /t/initramfs",
      "--initrd /t/initramfs": "the image has no kernel; name one: --kernel FILE",
      [`--kernel /t/kernel -- ${"x".repeat(1024)}`]: `more arguments than the device tree has room for: ${"x".repeat(1024)}`,
    };
    for (const [named, message] of Object.entries(wrong)) {
      expect((await boot("semihosting", named, 5)).slice(1, 2), named).toEqual([`boardsmith shim: ${message}`]);
    }
  });
});
