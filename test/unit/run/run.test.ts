import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { chmod, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { EngineLost, Refused, refuse, StepFailed } from "../../../src/diagnostic/failure.js";
import type { Op } from "../../../src/ops/op.js";
import { plan } from "../../../src/plan/plan.js";
import type { Plan } from "../../../src/plan/step.js";
import type { RunEvent } from "../../../src/run/events.js";
import { type RunOptions, runPlan } from "../../../src/run/run.js";
import { openStore } from "../../../src/store/open.js";
import { type Body, type FakeEngine, fakeEngine, gate } from "../../rig/fake-engine.js";
import { diamond, from, step } from "../../rig/small-plan.js";
import { tempFolder } from "../../rig/temp-folder.js";

const join2: Body = (job) => job.output("result", `${job.input("b")}+${job.input("c")}`);
const BODIES: { readonly [job: string]: Body } = {
  a: (job) => job.output("result", `a(${job.input("text")})`),
  b: (job) => job.output("result", `b(${job.input("a")})`),
  c: (job) => job.output("result", `c(${job.input("text")})`),
  d: join2,
};

interface Bench {
  readonly folder: string;
  readonly events: RunEvent[];
  run(plan: Plan, engine: FakeEngine, more?: Partial<RunOptions>): ReturnType<typeof runPlan>;
}

async function bench(folder?: string): Promise<Bench> {
  const root = folder ?? (await tempFolder());
  const events: RunEvent[] = [];
  return {
    folder: root,
    events,
    run: async (plan, engine, more = {}) => {
      events.length = 0;
      return runPlan(plan, {
        store: await openStore(join(root, "store")),
        engine: async () => engine,
        ops: new Map(),
        emit: (event) => events.push(event),
        signal: new AbortController().signal,
        stateDir: join(root, "state"),
        ...more,
      });
    },
  };
}

const of = (events: readonly RunEvent[], type: RunEvent["type"]) =>
  events.flatMap((event) => (event.type === type && "step" in event ? [event.step] : []));
const outcome = (events: readonly RunEvent[]) => events.flatMap((e) => (e.type === "run-finished" ? [e.outcome] : []));
const why = (events: readonly RunEvent[]) =>
  Object.fromEntries(events.flatMap((e) => (e.type === "step-started" ? [[e.step, e.why]] : [])));
const text = (path: string) => readFileSync(path, "utf8");

async function failure(action: Promise<unknown>): Promise<unknown> {
  return action.then(
    () => expect.fail("it should have failed"),
    (error: unknown) => error,
  );
}

describe("what is made and what is reused", () => {
  test("a result remembers the versions in the tool image it was made in, also when it is reused", async () => {
    const it = await bench();
    const engine = fakeEngine(BODIES);
    const gcc = (version: string): FakeEngine => ({ ...engine, toolVersions: async () => ({ gcc: version }) });
    await it.run(diamond(), gcc("14"));
    const { results } = await it.run(diamond("one", "other"), gcc("15"));
    const tools = ["a", "b", "c", "d"].map((id) => results.get(id)?.tools);
    expect(tools.map((one) => one?.build?.gcc)).toEqual(["14", "14", "15", "15"]);
  });

  test("a first run makes everything in order, a second nothing and never connects", async () => {
    const it = await bench();
    const engine = fakeEngine(BODIES);
    const first = await it.run(diamond(), engine);
    const store = await openStore(join(it.folder, "store"));
    const made = first.results.get("d")?.outputs.result;
    expect(made && text(store.path(made))).toBe("b(a(one))+c(side)");
    expect(engine.started.indexOf("a")).toBeLessThan(engine.started.indexOf("b"));
    expect(engine.started.at(-1)).toBe("d");
    expect(engine.made).toEqual(["build"]);
    expect(outcome(it.events)).toEqual(["built"]);

    const second = await it.run(diamond(), engine, { engine: () => expect.fail("connected") });
    expect(of(it.events, "step-reused")).toEqual(["a", "b", "c", "d"]);
    expect(of(it.events, "step-started")).toEqual([]);
    expect(second.results.get("d")).toEqual(first.results.get("d"));
    expect(readdirSync(join(it.folder, "store", "tmp"))).toEqual([]);
    expect(readdirSync(join(it.folder, "store", "locks"))).toEqual([]);
  });

  test("a changed input makes only what hangs on it, and each step says why", async () => {
    const it = await bench();
    await it.run(diamond("one"), fakeEngine(BODIES));
    const engine = fakeEngine(BODIES);
    await it.run(diamond("two"), engine);
    expect(engine.started).toEqual(["a", "b", "d"]);
    expect(of(it.events, "step-reused")).toEqual(["c"]);
    expect(why(it.events)).toEqual({
      a: "text of a changed",
      b: "text of a changed",
      d: "text of a changed",
    });
  });

  test("a missing result that only fed a stored one is not made again", async () => {
    const it = await bench();
    const first = await it.run(diamond(), fakeEngine(BODIES));
    const key = first.results.get("a")?.key ?? "";
    await rm(join(it.folder, "store", "results", key.slice(0, 2), `${key}.json`));
    const engine = fakeEngine(BODIES);
    await it.run(diamond(), engine);
    expect(engine.started).toEqual([]);
    expect(of(it.events, "step-reused")).toEqual(["b", "c", "d"]);
  });

  test("a touched object is noticed and made again", async () => {
    const it = await bench();
    const first = await it.run(diamond(), fakeEngine(BODIES));
    const store = await openStore(join(it.folder, "store"));
    const object = first.results.get("d")?.outputs.result;
    if (!object) expect.fail("no object");
    await chmod(store.path(object), 0o644);
    writeFileSync(store.path(object), "b(a(one))+c(SIDE)");
    const engine = fakeEngine(BODIES);
    const again = await it.run(diamond(), engine);
    expect(engine.started).toEqual(["d"]);
    expect(again.results.get("d")?.outputs.result).toEqual(object);
    expect(why(it.events).d).toBe("its result is no longer in the store, or was damaged");
  });

  test("an input that is spoilt while the run goes on is made again, not a crash", async () => {
    const it = await bench();
    const store = await openStore(join(it.folder, "store"));
    let spoilt = false;
    const engine = fakeEngine({
      ...BODIES,
      // The one cpu slot is taken by c, so d has not looked at b yet.
      c: async (job) => {
        const path = await resultOf(store.root, "b");
        if (!spoilt && path) writeFileSync(path, "x");
        spoilt = Boolean(path);
        job.output("result", "c");
      },
    });
    const chain = plan(
      "toy",
      [
        step("a", [{ name: "text", from: { text: "one" } }]),
        step("b", [from("a")]),
        step("c", [{ name: "text", from: { text: "s" } }, from("b")]),
        step("d", [from("b"), from("c")]),
      ],
      [{ step: "d", output: "result", as: "x" }],
    );
    const run = await it.run(chain, engine);
    expect(engine.started).toEqual(["a", "b", "c", "b", "d"]);
    const made = run.results.get("d")?.outputs.result;
    expect(made && text(store.path(made))).toBe("b(a(one))+c");
  });

  test("steps of weight io run beside a cpu step, cpu steps one at a time", async () => {
    const it = await bench();
    const both = gate();
    const seen: string[] = [];
    const meet: Body = async (job) => {
      seen.push(job.job.name);
      if (seen.length === 2) both.open();
      await both.opened;
      job.output("result", job.job.name);
    };
    let cpu = 0;
    const alone: Body = async (job) => {
      expect(++cpu).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      cpu--;
      job.output("result", job.job.name);
    };
    const steps = plan(
      "toy",
      [step("x", [], { weight: "io" }), step("y", [], { weight: "io" }), step("p", []), step("q", []), step("r", [])],
      [],
    );
    await it.run(steps, fakeEngine({ x: meet, y: meet, p: alone, q: alone, r: alone }));
    expect(outcome(it.events)).toEqual(["built"]);
  });

  test("local files and trees reach a step as they were digested", async () => {
    const { digestTree } = await import("../../../src/store/digest.js");
    const it = await bench();
    const file = join(it.folder, "slim.config");
    writeFileSync(file, "CONFIG_DM=y\n");
    const local = { path: file, shown: "kernel/slim.config", kind: "file" as const, sha256: await digestTree(file) };
    const one = plan("toy", [step("k", [{ name: "fragment", from: { local } }])], []);
    const engine = fakeEngine({ k: (job) => job.output("result", job.input("fragment")) });
    const run = await it.run(one, engine);
    const made = run.results.get("k")?.outputs.result;
    expect(made && text((await openStore(join(it.folder, "store"))).path(made))).toBe("CONFIG_DM=y\n");

    writeFileSync(file, "CONFIG_DM=n\n");
    const late = plan(
      "toy",
      [step("k", [{ name: "fragment", from: { local: { ...local, sha256: "0".repeat(64) } } }])],
      [],
    );
    const error = await failure(it.run(late, engine));
    expect(error).toBeInstanceOf(Refused);
    expect((error as Error).message).toBe(`${file} changed while it was being built`);
  });
});

describe("what goes wrong", () => {
  test("a failing script: its last 30 lines, exit code and log, and what else ran is cancelled", async () => {
    const it = await bench();
    const running = gate();
    const engine = fakeEngine({
      a: async (job) => {
        running.open();
        await new Promise(() => {});
        job.output("result", "never");
      },
      c: async (job) => {
        await running.opened;
        for (let line = 1; line <= 40; line++) job.say(`line ${line}`);
        return 2;
      },
    });
    const error = await failure(it.run(diamond(), engine));
    if (!(error instanceof StepFailed)) expect.fail(String(error));
    expect(error.message).toBe("its script ended with exit code 2");
    expect([error.step, error.exitCode, error.lastLines.length, error.lastLines.at(-1)]).toEqual([
      "c",
      2,
      30,
      "line 40",
    ]);
    const log = text(error.logPath ?? "")
      .split("\n")
      .filter((line) => line.startsWith("line"));
    expect(log).toEqual(Array.from({ length: 40 }, (_, at) => `line ${at + 1}`));
    expect(engine.killed).toEqual(["a"]);
    expect(of(it.events, "step-cancelled")).toEqual(["a"]);
    expect(of(it.events, "step-failed")).toEqual(["c"]);
    expect(outcome(it.events)).toEqual(["failed"]);
    expect(readdirSync(join(it.folder, "store", "tmp"))).toEqual([]);

    const again = fakeEngine(BODIES);
    await it.run(diamond(), again);
    expect([...again.started].sort()).toEqual(["a", "b", "c", "d"]);
  });

  test("a failure lets nothing start that waited for its turn", async () => {
    const it = await bench();
    const one = (id: string) => step(id, [{ name: "text", from: { text: id } }]);
    // Either may be the first to get the one place for heavy steps.
    const engine = fakeEngine({ a: () => 1, b: () => 1 });
    await failure(it.run(plan("toy", [one("a"), one("b")], []), engine));
    expect(engine.started).toHaveLength(1);
    expect(of(it.events, "step-started")).toEqual(engine.started);
  });

  test("an output that a step owes", async () => {
    const it = await bench();
    const error = await failure(it.run(diamond(), fakeEngine({ ...BODIES, a: () => 0 })));
    expect(String(error)).toBe("StepFailed: it ended well but did not leave /out/result");
  });

  test("the engine goes away mid-step: EngineLost names the step and what to do", async () => {
    const it = await bench();
    const engine = fakeEngine({
      ...BODIES,
      b: () => {
        engine.lose();
        return new Promise(() => {});
      },
    });
    const error = await failure(it.run(diamond(), engine));
    if (!(error instanceof EngineLost)) expect.fail(String(error));
    expect(error.message).toMatch(/^the fake engine is gone \(step [bc] was running\)$/);
    expect(error.remedies).toEqual(["start it again"]);
    expect(outcome(it.events)).toEqual(["engine-lost"]);

    const again = fakeEngine(BODIES);
    await it.run(diamond(), again);
    expect(again.started).not.toContain("a");
  });

  test("Ctrl-C: jobs are killed, the run is cancelled, the next one goes on where it was", async () => {
    const it = await bench();
    const interrupt = new AbortController();
    const engine = fakeEngine({
      ...BODIES,
      b: () => {
        interrupt.abort(new Error("SIGINT"));
        return new Promise(() => {});
      },
    });
    const chain = plan("toy", [step("a", [{ name: "text", from: { text: "1" } }]), step("b", [from("a")])], []);
    const error = await failure(it.run(chain, engine, { signal: interrupt.signal }));
    expect(error).toBe(interrupt.signal.reason);
    expect(engine.killed).toEqual(["b"]);
    expect(of(it.events, "step-cancelled")).toEqual(["b"]);
    expect(of(it.events, "step-failed")).toEqual([]);
    expect(outcome(it.events)).toEqual(["cancelled"]);
    const again = fakeEngine(BODIES);
    await it.run(chain, again);
    expect(again.started).toEqual(["b"]);
  });

  test("a step that does not let go is left after three seconds", async () => {
    const it = await bench();
    const interrupt = new AbortController();
    const stubborn: Op = () => {
      interrupt.abort(new Error("SIGINT"));
      return new Promise(() => {});
    };
    const one = plan(
      "toy",
      [{ ...step("s", []), action: { kind: "op", op: "s", args: {}, tools: [], scripts: {}, code: "" } }],
      [],
    );
    const began = performance.now();
    const error = await failure(
      it.run(one, fakeEngine({}), { signal: interrupt.signal, ops: new Map([["s", stubborn]]) }),
    );
    expect(error).toBe(interrupt.signal.reason);
    expect(performance.now() - began).toBeLessThan(3000);
    expect(of(it.events, "step-cancelled")).toEqual(["s"]);
  });

  test("an op's diagnostics stay a refusal", async () => {
    const it = await bench();
    const op: Op = () => Promise.reject(refuse("too-big", "the kernel is too big", "drop something"));
    const one = plan(
      "toy",
      [{ ...step("s", []), action: { kind: "op", op: "s", args: {}, tools: [], scripts: {}, code: "" } }],
      [],
    );
    const error = await failure(it.run(one, fakeEngine({}), { ops: new Map([["s", op]]) }));
    expect(error).toBeInstanceOf(Refused);
    const failed = it.events.find((event) => event.type === "step-failed");
    expect(failed?.type === "step-failed" && failed.diagnostics[0]?.help).toBe("drop something");
  });

  test("an op gets inputs, outputs, scratch, and containers with its tool images made", async () => {
    const it = await bench();
    const op: Op = async (run) => {
      run.log(`args ${JSON.stringify(run.args)}`);
      await run.container("pack", {
        tool: step("x", []).action as never,
        mounts: [{ source: run.scratch, target: "/work", readOnly: false }],
        env: {},
      });
      writeFileSync(
        run.out("result"),
        readFileSync(run.inputs.text ?? "", "utf8") + readFileSync(join(run.scratch, "made"), "utf8"),
      );
    };
    const engine = fakeEngine({
      s: (job) => writeFileSync(job.host("/work/made"), `by ${text(job.host("/step.sh"))}`),
    });
    const tools = [{ name: "image", base: { distro: "debian" as const, suite: "trixie" }, packages: [] }];
    const one = plan(
      "toy",
      [
        {
          ...step("s", [{ name: "text", from: { text: "hello " } }]),
          action: { kind: "op", op: "s", args: { n: 1 }, tools, scripts: { pack: "pack it" }, code: "" },
        },
      ],
      [],
    );
    const run = await it.run(one, engine, { ops: new Map([["s", op]]) });
    const made = run.results.get("s")?.outputs.result;
    expect(made && text((await openStore(join(it.folder, "store"))).path(made))).toBe("hello by pack it");
    expect(engine.made).toEqual(["image"]);
    expect(text(join(run.logs, "s.log"))).toContain('args {"n":1}');
  });
});

describe("two runs at once", () => {
  test("the second waits for the first, says so, and takes its result", async () => {
    const folder = await tempFolder();
    const [one, two] = [await bench(folder), await bench(folder)];
    const [entered, leave] = [gate(), gate()];
    const first = fakeEngine({
      s: async (job) => {
        entered.open();
        await leave.opened;
        job.output("result", "made once");
      },
    });
    const alone = plan("toy", [step("s", [])], []);
    const running = one.run(alone, first);
    await entered.opened;
    const second = two.run(alone, fakeEngine({}), {
      emit: (event) => {
        two.events.push(event);
        if (event.type === "step-waiting") leave.open();
      },
    });
    const [a, b] = await Promise.all([running, second]);
    expect(b.results.get("s")).toEqual(a.results.get("s"));
    expect(of(two.events, "step-waiting")).toEqual(["s"]);
    expect(of(two.events, "step-reused")).toEqual(["s"]);
  });
});

describe("what is written down", () => {
  test("no secret reaches results, logs or memory", async () => {
    const it = await bench();
    const hash = "$6$saltsalt$abcdefghijklmnopqrstuvwxyz0123456789./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv";
    const op: Op = async (run) => {
      run.log(`root:${hash}:1::`);
      writeFileSync(run.out("result"), "x");
    };
    const users = (passwordHash: string, psk: string) =>
      plan(
        "toy",
        [
          {
            ...step("s", []),
            action: {
              kind: "op",
              op: "s",
              args: { users: [{ name: "ada", passwordHash }], psk },
              tools: [],
              scripts: {},
              code: "",
            },
          },
        ],
        [],
      );
    const ops = new Map([["s", op]]);
    await it.run(users(hash, "open sesame"), fakeEngine({}), { ops });
    await it.run(users(hash, "open barley"), fakeEngine({}), { ops });
    expect(why(it.events)).toEqual({ s: "a secret of the recipe changed" });
    const all: string[] = [];
    const read = async (path: string): Promise<void> => {
      for (const entry of readdirSync(path, { withFileTypes: true })) {
        if (entry.isDirectory()) await read(join(path, entry.name));
        else all.push(await readFile(join(path, entry.name), "utf8"));
      }
    };
    await read(it.folder);
    expect(all.length).toBeGreaterThan(5);
    expect(all.filter((one) => /saltsalt|sesame|barley/.test(one))).toEqual([]);
  });
});

async function resultOf(root: string, step: string): Promise<string | undefined> {
  const { allResults } = await import("../../../src/store/results.js");
  const { objectPath } = await import("../../../src/store/paths.js");
  for await (const result of allResults(root)) {
    const object = result.outputs.result;
    if (result.step === step && object) return objectPath(root, object);
  }
  return undefined;
}
