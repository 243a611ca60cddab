import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadModel } from "../../../src/board/load-model.js";
import { nodeFiles } from "../../../src/cli/node-files.js";
import { plan } from "../../../src/plan/plan.js";
import type { GuestSpec } from "../../../src/recipe/guest.js";
import { lockedPins } from "../../../src/recipe/lock-file.js";
import type { Spec } from "../../../src/recipe/spec.js";
import { allSteps } from "../../../src/steps/all.js";
import { ASSETS, cardSpec } from "../../rig/card.js";
import { ALONE, WEB } from "../../rig/guest.js";
import { inventedLock } from "../../rig/pins.js";
import { xenSpec } from "../../rig/xen.js";

const source = { kind: "path", local: { path: "/u/x", shown: "x", kind: "tree", sha256: "2".repeat(64) } } as const;

const tarball = {
  kind: "path",
  local: { path: "/u/r", shown: "r.tar", kind: "file", sha256: "3".repeat(64) },
} as const;

function planned(guests: readonly GuestSpec[], base: Spec = cardSpec()) {
  const spec: Spec = {
    ...base,
    sources: { linux: source, "u-boot": source, busybox: source },
    rootfs: { kind: "busybox", source: "busybox" },
    guests,
  };
  const { pins } = lockedPins(spec, inventedLock(spec));
  const { steps, exports } = allSteps(spec, pins, ASSETS, { mirrors: [], boot: true });
  return plan("card", steps, exports);
}

describe("guests in the plan", () => {
  test("another memory of a guest's provisions anew and makes the image anew, and compiles nothing", () => {
    const [before, after] = [planned([WEB]), planned([{ ...WEB, memory: 64 * 1024 ** 2 }])];
    const keys = new Map(before.steps.map(({ step, key }) => [step.id, key]));
    const changed = after.steps.flatMap(({ step, key }) => (keys.get(step.id) === key ? [] : [step.id]));
    expect(changed.sort()).toEqual(["checksum", "image", "lint", "proof", "provision"]);
  });

  test("their files come into dom0 with it; those that Xen starts are none of dom0's", () => {
    const provision = planned([WEB, ALONE]).steps.find(({ step }) => step.id === "provision");
    const inputs = provision?.step.inputs.flatMap(({ name, from }) =>
      name.startsWith("guest-") ? [[name, from]] : [],
    );
    expect(inputs).toEqual([
      ["guest-kernel-dom0", { step: "kernel", output: "kernel" }],
      ["guest-web-ramdisk", { local: WEB.ramdisk?.kind === "local" ? WEB.ramdisk.local : undefined }],
    ]);
    const args = provision?.step.action.kind === "op" ? provision.step.action.args : {};
    expect(JSON.stringify(args)).not.toContain('"name":"alone"');
  });

  test("guests of one kernel share an initramfs, made of that kernel's modules", () => {
    const minimal = (name: string): GuestSpec => ({ ...WEB, name, ramdisk: { kind: "minimal", role: "dom0" } });
    const made = planned([minimal("a"), minimal("b")]);
    const own = made.steps.filter(({ step }) => step.id.startsWith("guest-initramfs"));
    expect(own.map(({ step, needs }) => [step.id, needs])).toEqual([["guest-initramfs:dom0", ["kernel", "rootfs"]]]);
    expect(JSON.stringify(own[0]?.step.action)).toContain('"needs":["xen-blkfront","xen-netfront","ext4"]');
    const provision = made.steps.find(({ step }) => step.id === "provision");
    expect(provision?.step.inputs.filter(({ name }) => name.startsWith("guest-ramdisk"))).toEqual([
      { name: "guest-ramdisk-dom0", from: { step: "guest-initramfs:dom0", output: "initramfs" } },
    ]);
  });

  test("an initramfs of boardsmith's brings a busybox where the root filesystem has none", () => {
    const guest: GuestSpec = { ...WEB, ramdisk: { kind: "minimal", role: "domU" } };
    const { pins } = lockedPins({ ...cardSpec(), guests: [] }, inventedLock(cardSpec()));
    const spec: Spec = {
      ...cardSpec(),
      sources: { linux: source, "u-boot": source, rootfs: tarball, busybox: source },
      guests: [guest],
    };
    const { steps } = allSteps(spec, pins, ASSETS, { mirrors: [], boot: false });
    const step = steps.find(({ id }) => id === "guest-initramfs:domU");
    expect(step?.inputs.map(({ from }) => from)).toContainEqual({ step: "busybox", output: "rootfs" });
    expect(step?.inputs.map(({ from }) => from)).toContainEqual({ step: "kernel:domU", output: "modules" });
  });

  test("without guests a plan says nothing of them", () => {
    const provision = planned([]).steps.find(({ step }) => step.id === "provision");
    expect(JSON.stringify(provision?.facts)).not.toContain("guests");
  });
});

describe("a fast model in the plan", () => {
  const home = join(import.meta.dirname, "../../..");
  const modelled = async (twin: boolean) => {
    const { model } = await loadModel("vexpress-a15", nodeFiles(), { cwd: home, home });
    const base = xenSpec();
    const { twin: _, ...proof } = base.proof;
    return planned([], {
      ...base,
      boot: { method: "script", arguments: [], initramfs: { busybox: "busybox" } },
      ...(model ? { fastModel: model } : {}),
      proof: twin ? { ...proof, twin: true } : proof,
    });
  };
  const step = (made: Awaited<ReturnType<typeof modelled>>, id: string) => made.steps.find((one) => one.step.id === id);

  test("makes images from what the card is made of, and boots one with the card's image as its disk", async () => {
    const made = await modelled(true);
    expect(step(made, "fast-model")?.needs).toEqual(["initramfs", "kernel", "shim", "xen"]);
    expect(step(made, "twin")?.needs).toEqual(["fast-model", "image", "kernel", "xen"]);
    expect(step(made, "shim")?.step.action).toMatchObject({ network: "none", env: { BASE: "0x80000000" } });
    const { step: initramfs } = step(made, "initramfs") ?? {};
    expect(JSON.stringify(initramfs?.action)).toContain('"virtio_mmio","virtio_blk"');
    const out = made.exports.filter(({ step: id }) => ["fast-model", "twin"].includes(id)).map(({ as }) => as);
    expect(out).toEqual([
      "card.axf",
      "card.semihosting.axf",
      "card.dtb",
      "card.run.txt",
      "card.twin.proof.json",
      "card.twin.proof.junit.xml",
      "card.twin.serial.log",
    ]);
  });

  test("boots nothing where the recipe wants no proof", async () => {
    expect(step(await modelled(false), "twin")).toBeUndefined();
  });
});
