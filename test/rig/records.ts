import type { Pins } from "../../src/recipe/pins.js";
import type { BuildFacts } from "../../src/report/build-facts.js";
import type { Result } from "../../src/store/store.js";
import { cardSpec } from "./card.js";
import { diamond } from "./small-plan.js";

const HASH = "$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq";
const PINS: Pins = {
  sources: {
    linux: {
      kind: "distro",
      package: "linux",
      version: "6.12.107-1",
      files: [{ path: "pool/main/l/linux/linux_6.12.107.orig.tar.xz", sha256: "a".repeat(64), size: 9 }],
    },
    "u-boot": {
      kind: "git",
      url: "https://example.org/u-boot.git",
      ref: "tag v2025.01",
      commit: "b".repeat(40),
    },
    rootfs: { kind: "http", sha256: "c".repeat(64) },
  },
  packages: [
    {
      name: "libstdc++6",
      version: "1:14.2.0-19+b1",
      arch: "armhf",
      path: "pool/main/g/gcc-14/libstdc++6_14.2.0-19_armhf.deb",
      sha256: "e".repeat(64),
      size: 8,
    },
  ],
};

/** A finished build of a small card with one of everything; `at` and `seconds` are of the run that made it. */
export function smallBuild(at = "2026-01-01T00:00:10.000Z", seconds = 10): BuildFacts {
  const base = cardSpec();
  const patch = { path: "/home/ada/recipes/one.patch", shown: "files/one.patch", kind: "file", sha256: "1".repeat(64) };
  const overlay = { path: "/home/ada/overlay", shown: "../overlay", kind: "tree", sha256: "2".repeat(64) };
  const plan = diamond();
  const [first] = plan.steps;
  if (!first) throw new Error("no steps");
  const image = { ...first, step: { ...first.step, id: "image" } };
  const result: Result = {
    key: "k".repeat(64),
    step: "image",
    facts: {},
    outputs: { image: { digest: "d".repeat(64), size: 7, kind: "sparse" } },
    seconds,
    at,
    tools: { build: { gcc: "4:14.2.0-1", make: "4.4.1-2", perl: "5.40" } },
  };
  return {
    plan: { ...plan, steps: [image], exports: [{ step: "image", output: "image", as: "card.img" }] },
    results: new Map([["image", result]]),
    spec: {
      ...base,
      file: "/home/ada/recipes/card.yaml",
      files: ["/home/ada/recipes/card.yaml"],
      sources: {
        linux: { kind: "distro", package: "linux" },
        "u-boot": {
          kind: "git",
          url: "https://example.org/u-boot.git",
          ref: { tag: "v2025.01" },
          submodules: false,
          keys: [],
        },
        rootfs: { kind: "http", urls: ["https://example.org/root.tar.xz"], sha256: "c".repeat(64), keys: [] },
      },
      kernel: {
        ...base.kernel,
        patches: [patch as { kind: "file" } & typeof patch],
        fragments: [{ name: "kernel/slim.config", path: "/home/ada/slim.config", text: "CONFIG_USB=y\n" }],
      },
      provision: {
        ...base.provision,
        users: [{ name: "ada", passwordHash: HASH, sshKeys: [], groups: [] }],
        overlays: [{ from: overlay as { kind: "tree" } & typeof overlay, to: "/", uid: 0, gid: 0 }],
      },
    },
    pins: PINS,
    version: "1.2.3",
    packages: "libstdc++6 1:14.2.0-19+b1 armhf\n",
    inventory: {
      os: { id: "debian", name: "Debian GNU/Linux", version: "13", codename: "trixie" },
      packages: [
        {
          kind: "deb",
          name: "libstdc++6",
          version: "1:14.2.0-19+b1",
          arch: "armhf",
          source: "gcc-14",
          licences: [{ id: "GPL-3.0-or-later" }, { name: "GPL-3+ with GCC exception" }],
        },
        { kind: "deb", name: "lvm2", version: "2.03.31-2", arch: "armhf" },
      ],
    },
    release: "6.12.107",
    ubootVersion: "2025.01",
    imageSha256: "f".repeat(64),
    proof: '{"verdict":"proven"}',
  };
}
