import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Refused } from "../../../src/diagnostic/failure.js";
import { plan } from "../../../src/plan/plan.js";
import { runPlan } from "../../../src/run/run.js";
import { openStore } from "../../../src/store/open.js";
import { sha256 } from "../../../src/util/canonical.js";
import { fakeEngine } from "../../rig/fake-engine.js";
import { step } from "../../rig/small-plan.js";

/** Only root may mount; elsewhere the disk cannot be filled without harm. */
const root = process.getuid?.() === 0;

describe.runIf(root)("a full disk (a tmpfs of 1 MiB)", () => {
  const disk = mkdtempSync(join(tmpdir(), "boardsmith-full-"));
  beforeAll(() => execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]));
  afterAll(() => {
    execFileSync("umount", [disk]);
    rmSync(disk, { recursive: true });
  });

  const refused = async (action: Promise<unknown>): Promise<string> => {
    const error = await action.then(
      () => expect.fail("it should have been refused"),
      (error: unknown) => error,
    );
    if (!(error instanceof Refused)) throw error;
    return error.diagnostics.map(({ message, help }) => `${message}\n${help}`).join("\n");
  };
  const message = (store: string) =>
    new RegExp(
      `^no space left in the store ${store} \\(\\d.* free\\)\n` +
        'free some with "boardsmith store gc", or put the store elsewhere with --store or BOARDSMITH_STORE; ' +
        "the build then goes on where it was$",
    );

  test("importing a file that does not fit", async () => {
    const store = await openStore(join(disk, "import"));
    const big = join(tmpdir(), `boardsmith-big-${process.pid}`);
    const text = "x".repeat(2 << 20);
    writeFileSync(big, text);
    try {
      expect(await refused(store.importFile(big, sha256(text)))).toMatch(message(store.root));
    } finally {
      rmSync(big);
    }
    // What did not fit is not in the way of what does.
    const small = join(disk, "small");
    writeFileSync(small, "x");
    expect(await store.importFile(small, sha256("x"))).toMatchObject({ size: 1 });
  });

  test("a script that fills the disk", async () => {
    const folder = join(disk, "run");
    mkdirSync(folder);
    const store = await openStore(join(folder, "store"));
    const engine = fakeEngine({
      s: (job) => {
        try {
          job.output("result", "x".repeat(2 << 20));
        } catch {
          job.say("tar: /out/result: Cannot write: No space left on device");
        }
        return 2;
      },
    });
    const one = plan("toy", [step("s", [])], []);
    const run = runPlan(one, {
      store,
      engine: async () => engine,
      ops: new Map(),
      emit: () => {},
      signal: new AbortController().signal,
      stateDir: join(folder, "state"),
    });
    expect(await refused(run)).toMatch(message(store.root));
  });
});
