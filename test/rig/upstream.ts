import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lock } from "../../src/lock/lock.js";
import { ops } from "../../src/ops/registry.js";
import { plan } from "../../src/plan/plan.js";
import { lockedPins } from "../../src/recipe/lock-file.js";
import { runPlan } from "../../src/run/run.js";
import { sourceSteps } from "../../src/steps/source.js";
import { FETCH } from "../../src/steps/tools.js";
import { openStore } from "../../src/store/open.js";
import { ASSETS, cardSpec } from "./card.js";
import { engineWith } from "./op-run.js";

export interface Upstream extends AsyncDisposable {
  /** Tarballs as their projects published them. */
  readonly linux: string;
  readonly uboot: string;
}

/** The very sources that the shipped recipes build from, fetched as a build fetches them. */
export async function upstream(): Promise<Upstream> {
  const folder = await mkdtemp(join(tmpdir(), "boardsmith-upstream-"));
  const { signal } = new AbortController();
  const engine = await engineWith(FETCH);
  try {
    const store = await openStore(join(folder, "store"));
    const spec = {
      ...cardSpec(),
      sources: {
        linux: { kind: "distro", package: "linux" },
        "u-boot": { kind: "distro", package: "u-boot" },
      } as const,
    };
    spec.kernel = { ...spec.kernel, source: "linux" };
    spec.uboot = { ...spec.uboot, source: "u-boot" };
    spec.rootfs = { kind: "tar", source: "linux" };
    const place = { engine: async () => engine, store, signal, say: () => {}, assets: ASSETS, mirrors: [] };
    const locked = await lock(spec, { ...place, previous: undefined, update: false });
    const steps = sourceSteps(spec, lockedPins(spec, locked.lock).pins, ASSETS, []);
    const { results } = await runPlan(plan("upstream", steps, []), {
      store,
      engine: async () => engine,
      ops,
      emit: () => {},
      signal,
      stateDir: join(folder, "state"),
    });
    const tarball = async (name: string): Promise<string> => {
      const source = results.get(`source:${name}`)?.outputs.source;
      if (!source) throw new Error(`source:${name} left nothing`);
      const into = await mkdtemp(join(folder, `${name}-`));
      execFileSync("tar", ["-xf", store.path(source), "-C", into]);
      const original = (await readdir(into)).find((file) => /\.orig\.tar\.\w+$/.test(file));
      if (!original) throw new Error(`source:${name} has no orig tarball`);
      return join(into, original);
    };
    return {
      linux: await tarball("linux"),
      uboot: await tarball("u-boot"),
      [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
    };
  } finally {
    await engine.close();
  }
}
