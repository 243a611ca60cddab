import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Engine } from "../../../src/engine/engine.js";
import { lock } from "../../../src/lock/lock.js";
import { readLock, writeLock } from "../../../src/lock/lock-on-disk.js";
import { ops } from "../../../src/ops/registry.js";
import { plan } from "../../../src/plan/plan.js";
import type { Input, Step, ToolImage } from "../../../src/plan/step.js";
import { lockedPins } from "../../../src/recipe/lock-file.js";
import { parseLock } from "../../../src/recipe/lock-text.js";
import type { Spec } from "../../../src/recipe/spec.js";
import { runPlan } from "../../../src/run/run.js";
import { packagesSteps } from "../../../src/steps/packages.js";
import { openStore } from "../../../src/store/open.js";
import { HOME } from "../boardsmith.js";
import { ASSETS, cardSpec } from "../card.js";

/** Makes rpm-md repositories, and judges root filesystems with the field's own tools. */
export const RPM_RIG: ToolImage = {
  name: "rpm-rig",
  base: { distro: "debian", suite: "trixie" },
  packages: ["createrepo-c", "dpkg-dev", "gpg", "gpg-agent", "python3", "rpm", "xz-utils", "zstd"],
};

/** A stand-in of openSUSE's repository: Debian's armhf packages, packed again under openSUSE's names. */
export interface StandIn {
  /** Path of the repository's folder as a tar. */
  readonly repository: string;
  /** Paths of the signing key's halves. */
  readonly key: string;
  readonly secret: string;
  /** A repository of small packages that are each wrong in a way of their own, signed by the same key. */
  readonly odd: string;
}

/** What of Debian goes in, all its dependencies included. */
const DEBS = [
  "dbus",
  "e2fsprogs",
  "fdisk",
  "iproute2",
  "iputils-ping",
  "kmod",
  "login",
  "lvm2",
  "openssh-server",
  "procps",
  "rpm",
  "sudo",
  "systemd-resolved",
  "systemd-sysv",
  "systemd-timesyncd",
  "udev",
  "zypper",
];

const HERE = "test/rig/rpm-repository";
const text = (name: string): string => readFileSync(join(HOME, HERE, name), "utf8");

/** Where it is kept, by content, so that the next test finds it: it takes a minute to make. */
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "boardsmith-test/rpm-repository");

/** The stand-in, made if it is not there yet. The engine must have RPM_RIG and what locking and fetching take. */
export async function standIn(engine: Engine): Promise<StandIn> {
  const path = await made(engine, DEBS, () => true, STEPS);
  return {
    repository: path("stand-in", "repository"),
    key: path("stand-in", "key"),
    secret: path("stand-in", "secret"),
    odd: path("odd", "repository"),
  };
}

/**
 * A repository of kernel-default and its device trees, signed by the stand-in's key, as a tar: apart from the other, because few tests
 * need it and it is large. The same engine must have made the stand-in.
 */
export async function standInKernel(engine: Engine, { secret }: StandIn): Promise<string> {
  const steps: readonly Step[] = [
    rigStep(
      "kernel-default",
      "python3 /in/kernel.py",
      [
        { name: "debs", from: { step: "packages", output: "packages" } },
        { name: "kernel.py", from: { text: text("kernel.py") } },
      ],
      ["packages"],
    ),
    rigStep(
      "kernel-repository",
      text("sign.sh"),
      [
        { name: "packages", from: { step: "kernel-default", output: "packages" } },
        { name: "secret", from: { text: readFileSync(secret, "utf8") } },
      ],
      ["repository"],
    ),
  ];
  const path = await made(engine, ["linux-image-armmp"], (name) => /^linux-image-\d/.test(name), steps);
  return path("kernel-repository", "repository");
}

/** Runs steps over Debian packages, those `wanted` of a solved set, and gives the paths of what they leave. */
async function made(
  engine: Engine,
  debs: readonly string[],
  wanted: (name: string) => boolean,
  steps: readonly Step[],
): Promise<(step: string, output: string) => string> {
  mkdirSync(CACHE, { recursive: true });
  const store = await openStore(join(CACHE, "store"));
  const { signal } = new AbortController();
  const digest = createHash("sha256").update(debs.join()).digest("hex").slice(0, 12);
  const spec: Spec = {
    ...cardSpec(),
    name: "stand-in",
    rootfs: { kind: "distro", distro: "debian", suite: "trixie", arch: "armhf", packages: debs, recommends: false },
  };
  // Locked once: a stand-in that changed with Debian's archive would be made anew every few days.
  const lockFile = join(CACHE, `${digest}.lock.yaml`);
  const file = await readLock(lockFile);
  const place = { engine: async () => engine, store, signal, say: () => {}, assets: ASSETS, mirrors: [] };
  const previous = file && parseLock(file.path, file.text).lock;
  const locked = await lock(spec, { ...place, previous, update: false });
  await writeLock(lockFile, spec.name, locked.lock);
  const { pins } = lockedPins(spec, locked.lock);
  const some = { ...pins, packages: (pins.packages ?? []).filter(({ name }) => wanted(name)) };
  const { results } = await runPlan(plan("stand-in", [...packagesSteps(spec, some, ASSETS), ...steps], []), {
    store,
    engine: async () => engine,
    ops,
    emit: () => {},
    signal,
    stateDir: join(CACHE, "state"),
  });
  return (step, output) => {
    const object = results.get(step)?.outputs[output];
    if (!object) throw new Error(`no ${output} of ${step}`);
    return store.path(object);
  };
}

const rigStep = (
  id: string,
  script: string,
  inputs: readonly Input[],
  outputs: readonly string[],
  env: { readonly [name: string]: string } = {},
): Step => ({
  id,
  title: id,
  action: { kind: "container", tool: RPM_RIG, script, env, network: "none", caps: [], caches: [] },
  inputs,
  outputs: outputs.map((name) => ({ name, kind: "file" })),
});

const STEPS: readonly Step[] = [
  rigStep(
    "debian",
    "python3 /in/make.py",
    [
      { name: "debs", from: { step: "packages", output: "packages" } },
      ...["make.py", "packages.py"].map((name): Input => ({ name, from: { text: text(name) } })),
    ],
    ["packages"],
  ),
  rigStep(
    "stand-in",
    text("sign.sh"),
    [{ name: "packages", from: { step: "debian", output: "packages" } }],
    ["repository", "key", "secret"],
  ),
  rigStep(
    "specs",
    text("odd.sh"),
    readdirSync(join(HOME, HERE, "odd"))
      .sort()
      .map((name): Input => ({ name, from: { text: text(`odd/${name}`) } })),
    ["packages"],
  ),
  rigStep(
    "odd",
    text("sign.sh"),
    [
      { name: "packages", from: { step: "specs", output: "packages" } },
      { name: "secret", from: { step: "stand-in", output: "secret" } },
    ],
    ["repository"],
    // Compressed otherwise than the other, so that both ways are read.
    { COMPRESSION: "gz" },
  ),
];
