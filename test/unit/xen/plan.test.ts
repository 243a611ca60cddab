import { describe, expect, test } from "vitest";
import { plan } from "../../../src/plan/plan.js";
import type { GuestSpec } from "../../../src/recipe/guest.js";
import { lockedPins } from "../../../src/recipe/lock-file.js";
import type { Spec } from "../../../src/recipe/spec.js";
import { allSteps } from "../../../src/steps/all.js";
import { ASSETS, cardSpec } from "../../rig/card.js";
import { ALONE, WEB } from "../../rig/guest.js";
import { inventedLock } from "../../rig/pins.js";

const source = { kind: "path", local: { path: "/u/x", shown: "x", kind: "tree", sha256: "2".repeat(64) } } as const;

function planned(guests: readonly GuestSpec[]) {
  const spec: Spec = {
    ...cardSpec(),
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

  test("without guests a plan says nothing of them", () => {
    const provision = planned([]).steps.find(({ step }) => step.id === "provision");
    expect(JSON.stringify(provision?.facts)).not.toContain("guests");
  });
});
