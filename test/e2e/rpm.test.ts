import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureBinfmt } from "../../src/engine/binfmt.js";
import type { Engine } from "../../src/engine/engine.js";
import { lock } from "../../src/lock/lock.js";
import { ops } from "../../src/ops/registry.js";
import { plan } from "../../src/plan/plan.js";
import type { Step } from "../../src/plan/step.js";
import type { LockFile } from "../../src/recipe/lock.js";
import { lockedPins } from "../../src/recipe/lock-file.js";
import type { LocalFile, ProvisionSpec, RpmRepositorySpec, RpmRootfsSpec, Spec } from "../../src/recipe/spec.js";
import type { RunEvent } from "../../src/run/events.js";
import { runPlan } from "../../src/run/run.js";
import { packagesSteps } from "../../src/steps/packages.js";
import { rootfsSteps } from "../../src/steps/rootfs.js";
import { FETCH, RPM } from "../../src/steps/tools.js";
import { digestFile } from "../../src/store/digest.js";
import { type OpenStore, openStore } from "../../src/store/open.js";
import { ASSETS, cardSpec } from "../rig/card.js";
import { type HttpRig, httpServer } from "../rig/http-server.js";
import { engineWith } from "../rig/op-run.js";
import { RPM_RIG, type StandIn, standIn } from "../rig/rpm-repository/repository.js";
import { serveRepository } from "../rig/rpm-repository/serve.js";
import { tarOf } from "../unit/rootfs/rig.js";

const folder = mkdtempSync(join(tmpdir(), "boardsmith-rpm-"));
const signal = new AbortController().signal;
const OSS = "http://download.opensuse.org/ports/armv7hl/tumbleweed/repo/oss";
const ODD = "http://download.opensuse.org/repositories/odd";
let engine: Engine;
let store: OpenStore;
let server: HttpRig;
let made: StandIn;

beforeAll(async () => {
  await ensureBinfmt("armhf", () => {});
  engine = await engineWith(FETCH, RPM_RIG, RPM);
  store = await openStore(join(folder, "store"));
  made = await standIn(engine);
  server = await httpServer();
  serveRepository(server, "ports/armv7hl/tumbleweed/repo/oss", made.repository, join(folder, "oss"));
  serveRepository(server, "repositories/odd", made.odd, join(folder, "odd"));
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

const local = async (path: string): Promise<LocalFile> => {
  const sha256 = await digestFile(path);
  return { path, shown: path.replace(/^.*\//, ""), kind: "file", sha256 };
};
const repository = async (url: string, more: Partial<RpmRepositorySpec> = {}): Promise<RpmRepositorySpec> => ({
  url,
  priority: 99,
  keys: [await local(made.key)],
  ...more,
});
async function rootfsOf(more: Partial<RpmRootfsSpec>): Promise<RpmRootfsSpec> {
  return {
    kind: "rpm",
    distro: "opensuse",
    arch: "armv7hl",
    repositories: { oss: await repository(OSS), odd: await repository(ODD) },
    packages: [],
    patterns: [],
    exclude: [],
    recommends: false,
    ...more,
  };
}

const mirrors = () => [{ from: "http://download.opensuse.org/", to: `${server.url}/` }];
const specOf = (rootfs: RpmRootfsSpec, provision: Partial<ProvisionSpec> = {}): Spec => {
  const base = cardSpec();
  return { ...base, rootfs, sources: {}, provision: { ...base.provision, ...provision } };
};

async function lockOf(rootfs: RpmRootfsSpec, previous?: LockFile, update = false) {
  const place = { engine: async () => engine, store, signal, say: () => {}, assets: ASSETS, mirrors: mirrors() };
  return lock(specOf(rootfs), { ...place, previous, update });
}

/** A kernel's outputs without its compilation. */
const RELEASE = "6.12.107";
const KERNEL: Step = {
  id: "kernel",
  title: "a kernel",
  action: { kind: "op", op: "kernel", args: {}, tools: [], scripts: {}, code: "" },
  inputs: [],
  outputs: [
    { name: "modules", kind: "file" },
    { name: "release", kind: "file" },
  ],
};

async function build(
  spec: Spec,
  locked: LockFile,
  options: { readonly store?: OpenStore; readonly last?: "packages" | "rootfs" | "provision" } = {},
) {
  const place = options.store ?? store;
  const { pins } = lockedPins(spec, locked);
  const all = [KERNEL, ...packagesSteps(spec, pins, ASSETS, mirrors()), ...rootfsSteps(spec, pins, ASSETS)];
  const steps = all.slice(0, all.findIndex(({ id }) => id === (options.last ?? "provision")) + 1);
  const lines: string[] = [];
  const { results } = await runPlan(plan("card", steps, []), {
    store: place,
    engine: async () => engine,
    ops: new Map([
      ...ops,
      [
        "kernel",
        async (run) => {
          writeFileSync(run.out("release"), `${RELEASE}\n`);
          writeFileSync(run.out("modules"), tarOf({ "/": {}, "lib/": {}, [`lib/modules/${RELEASE}/modules.dep`]: "" }));
        },
      ],
    ]),
    emit: (event: RunEvent) => event.type === "step-output" && lines.push(event.line),
    signal,
    stateDir: join(folder, "state"),
  });
  const path = (step: string, output: string): string => {
    const object = results.get(step)?.outputs[output];
    if (!object) throw new Error(`no ${output} of ${step}`);
    return place.path(object);
  };
  return { path, lines };
}

/** Runs a script as root with a rootfs unpacked at /work/root; gives what it printed. */
async function inside(tar: string, script: string): Promise<readonly string[]> {
  const lines: string[] = [];
  const code = await engine.run({
    name: "look",
    tool: RPM_RIG,
    argv: [
      "sh",
      "-euc",
      `mkdir -p /work/root; tar -xpf /in/rootfs -C /work/root --xattrs --xattrs-include='*'; ${script}`,
    ],
    env: { LC_ALL: "C.UTF-8" },
    mounts: [{ source: tar, target: "/in/rootfs", readOnly: true }],
    network: "none",
    caps: [],
    onLine: (line) => lines.push(line),
    signal,
  });
  expect(code, lines.join("\n")).toBe(0);
  return lines;
}

const SYSTEM = {
  patterns: ["minimal_base"],
  packages: [
    "systemd",
    "systemd-sysvinit",
    "systemd-networkd",
    "systemd-resolved",
    "udev",
    "kmod",
    "dbus-1",
    "util-linux",
    "iproute2",
    "openssh",
    "lvm2",
    "e2fsprogs",
    "shadow",
    "sudo",
    "procps",
    "iputils",
    "zypper",
  ],
};

describe("an openSUSE root filesystem", () => {
  it("is locked, fetched, installed and provisioned, and is what rpm says it is", async () => {
    const rootfs = await rootfsOf({ ...SYSTEM, repositories: { oss: await repository(OSS) } });
    let t = Date.now();
    const { lock: locked, changes } = await lockOf(rootfs);
    console.log("lock", Date.now() - t);
    t = Date.now();
    console.log(changes);
    const spec = specOf(rootfs, { units: { enable: ["sshd.service"], disable: [], mask: [] }, grow: true });
    const first = await build(spec, locked);
    console.log("build", Date.now() - t);
    t = Date.now();
    console.log(first.lines.slice(-30).join("\n"));
    console.log(readFileSync(first.path("rootfs", "verify"), "utf8"));
    console.log(
      (
        await inside(
          first.path("provision", "rootfs"),
          "ls -la /work/root /work/root/etc/systemd/system; getcap -r /work/root/usr; chroot /work/root /usr/bin/rpm -qa | wc -l",
        )
      ).join("\n"),
    );
  });
});
