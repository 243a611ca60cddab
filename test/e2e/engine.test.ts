import { execFile, execFileSync, spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import type Docker from "dockerode";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EngineLost, StepFailed } from "../../src/diagnostic/failure.js";
import { ensureBase, hasImage } from "../../src/engine/docker/base-image.js";
import { connectDocker, openConnection } from "../../src/engine/docker/connect.js";
import { findDocker, notFound } from "../../src/engine/docker/find.js";
import { baseTag, toolTag } from "../../src/engine/docker/tool-tag.js";
import type { Engine, Job } from "../../src/engine/engine.js";
import type { ToolImage } from "../../src/plan/step.js";
import { ownerName, self } from "../../src/store/owner.js";
import { HOME } from "../rig/boardsmith.js";
import { CONTRACT_TOOL, engineContract } from "../rig/engine-contract.js";
import { canRunDockerd, startOwnDockerd } from "../rig/own-dockerd.js";

const sh = promisify(execFile);
const never = new AbortController().signal;

async function connect(): Promise<Engine> {
  const search = await findDocker(process.env);
  if (!search.endpoint) throw notFound(search);
  return connectDocker(search.endpoint);
}

const job = (script: string, rest: Partial<Job> = {}): Job => ({
  name: "e2e",
  tool: CONTRACT_TOOL,
  argv: ["sh", "-c", script],
  env: {},
  mounts: [],
  network: "none",
  caps: [],
  onLine: () => {},
  signal: never,
  ...rest,
});

async function lines(engine: Engine, script: string, rest: Partial<Job> = {}): Promise<string[]> {
  const got: string[] = [];
  await engine.run(job(script, { ...rest, onLine: (line) => got.push(line) }));
  return got;
}

let docker: Docker;
let engine: Engine;
beforeAll(async () => {
  const search = await findDocker(process.env);
  if (!search.endpoint) throw notFound(search);
  docker = (await openConnection(search.endpoint, "Docker")).docker;
  engine = await connectDocker(search.endpoint);
  await engine.ensureTool(CONTRACT_TOOL, () => {}, never);
});

/** Containers of ours whose job begins with the name, running or not. */
async function containers(name: string): Promise<readonly string[]> {
  const all = await docker.listContainers({ all: true, filters: { label: ["boardsmith=1"] } });
  return all.filter(({ Labels }) => Labels["boardsmith.job"]?.startsWith(name)).map(({ Id }) => Id);
}

/** Waits until no such container is left; the test's own time limit is the limit. */
async function untilGone(name: string): Promise<number> {
  const start = performance.now();
  while ((await containers(name)).length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  return performance.now() - start;
}

engineContract("docker", connect);

describe("what a job sees", () => {
  test("its environment, an empty standard input, no network but lo, no way to new privileges", async () => {
    const script = 'echo "$A"; cat; pwd; hostname; ls /sys/class/net; grep NoNewPrivs /proc/self/status; id -u';
    const got = await lines(engine, script, { env: { A: "ä = ü" }, workdir: "/tmp" });
    expect(got).toEqual(["ä = ü", "/tmp", "boardsmith", "lo", "NoNewPrivs:\t1", "0"]);
  });

  test("the host's network when it asks for it", async () => {
    const [addresses] = await lines(engine, "wc -l </proc/net/dev", { network: "host" });
    const [alone] = await lines(engine, "wc -l </proc/net/dev");
    expect(Number(addresses)).toBeGreaterThan(Number(alone));
  });

  test("both output streams, told apart", async () => {
    const got: string[] = [];
    await engine.run(job("echo out; echo err >&2", { onLine: (line, stream) => got.push(`${stream}: ${line}`) }));
    expect(got.sort()).toEqual(["stderr: err", "stdout: out"]);
  });

  test("a killed process of the job is an exit code, not the end of the engine", async () => {
    expect(await engine.run(job("kill -KILL $$"))).toBe(137);
  });

  test("a program that is not there is 127", async () => {
    expect(await engine.run(job("", { argv: ["no-such-program"] }))).toBe(127);
  });
});

test("40 short jobs: no exit code and no line is missed, no container stays", async () => {
  const run = async (i: number) => {
    const got: string[] = [];
    const code = await engine.run(job(`echo ${i}; exit ${i}`, { name: "short", onLine: (line) => got.push(line) }));
    return [code, got] as const;
  };
  for (let at = 0; at < 40; at += 4) {
    const four = await Promise.all([0, 1, 2, 3].map((more) => run(at + more)));
    expect(four).toEqual([0, 1, 2, 3].map((more) => [at + more, [`${at + more}`]]));
  }
  expect(await containers("short")).toEqual([]);
});

test("100,000 lines come whole, and no slower than through docker's own command line", async () => {
  const script = "seq 1 100000";
  const ours = async () => {
    let count = 0;
    let last = "";
    const start = performance.now();
    await engine.run(
      job(script, {
        onLine: (line) => {
          count++;
          last = line;
        },
      }),
    );
    expect([count, last]).toEqual([100_000, "100000"]);
    return performance.now() - start;
  };
  const theirs = async () => {
    const start = performance.now();
    const args = ["run", "--rm", "--network", "none", toolTag(CONTRACT_TOOL), "sh", "-c", script];
    await sh("docker", args, { maxBuffer: 1 << 24 });
    return performance.now() - start;
  };
  const best = async (run: () => Promise<number>) => Math.min(await run(), await run(), await run());
  const [us, them] = [await best(ours), await best(theirs)];
  console.log(`100,000 lines: ${us.toFixed(0)} ms, docker run ${them.toFixed(0)} ms`);
  expect(us).toBeLessThan(1.5 * them + 200);
});

test("what the engine refuses is told in its own words", async () => {
  const error = await engine.run(job("true", { caps: ["NO_SUCH_CAPABILITY"] })).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(EngineLost);
  expect((error as Error).message).toMatch(
    /^the container engine at unix:\/\/\S+ refused running e2e: .*NO_SUCH_CAPABILITY/,
  );
  expect(await containers("e2e")).toEqual([]);
});

test("a mount whose source is not there is refused, whatever the engine would make of it", async () => {
  const mounts = [{ source: "/nowhere/at/all", target: "/in/x", readOnly: true }];
  const error = await engine.run(job("true", { mounts })).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(EngineLost);
  expect((error as Error).message).toBe("running e2e needs /nowhere/at/all, which is not there");
  expect(await containers("e2e")).toEqual([]);
});

test("a line that throws ends the job and comes through as it is", async () => {
  const mine = new Error("a mistake of ours");
  const onLine = () => {
    throw mine;
  };
  await expect(engine.run(job("echo x; sleep 1000", { name: "throws", onLine }))).rejects.toBe(mine);
  expect(await containers("throws")).toEqual([]);
});

describe("talk", () => {
  test("what is written comes in, what is said comes out, raw", async () => {
    const talk = await engine.talk(job("printf 'login: '; read name; printf 'hello %s' \"$name\"; exit 4"));
    let said = "";
    for await (const chunk of talk.output) {
      said += chunk;
      if (said === "login: ") talk.write("ada\n");
    }
    expect(said).toBe("login: hello ada");
    expect(await talk.exitCode).toBe(4);
  });

  test("killed at once, also when it does not listen", async () => {
    const talk = await engine.talk(job("trap '' TERM; echo up; while :; do sleep 1000; done", { name: "talk-kill" }));
    for await (const _ of talk.output) break;
    await talk.kill();
    expect(await talk.exitCode).toBe(137);
    expect(await containers("talk-kill")).toEqual([]);
  });

  test("aborting rejects with the reason", async () => {
    const abort = new AbortController();
    const talk = await engine.talk(job("echo up; sleep 1000", { signal: abort.signal }));
    const reason = new Error("no more");
    for await (const _ of talk.output) abort.abort(reason);
    await expect(talk.exitCode).rejects.toBe(reason);
  });
});

describe("a process of ours that is killed leaves nothing", () => {
  const child = (how: string, script: string) =>
    [join(HOME, "test/rig/engine-child.mjs"), join(HOME, "dist"), how, JSON.stringify(CONTRACT_TOOL), script] as const;
  const stubborn = "trap '' TERM HUP INT; echo it is up; while :; do sleep 1000; done";

  test.each(["run", "talk"])("%s", async (how) => {
    const running = spawn(process.execPath, child(how, stubborn), { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise<void>((resolve) => running.stdout.on("data", (data) => /it is up/.test(data) && resolve()));
    expect(await containers(`child-${how}`)).toHaveLength(1);
    running.kill("SIGKILL");
    expect(await untilGone(`child-${how}`)).toBeLessThan(10_000);
  });

  test("interact, on a terminal", async () => {
    const command = [process.execPath, ...child("interact", stubborn)].map(
      (word) => `'${word.replaceAll("'", "'\\''")}'`,
    );
    const terminal = spawn("script", ["-qec", `echo pid=$$; exec ${command.join(" ")}`, "/dev/null"]);
    let said = "";
    await new Promise<void>((resolve) =>
      terminal.stdout.on("data", (data) => {
        said += data;
        if (/it is up\r/.test(said)) resolve();
      }),
    );
    expect(await containers("child-interact")).toHaveLength(1);
    process.kill(Number(/pid=(\d+)/.exec(said)?.[1]), "SIGKILL");
    expect(await untilGone("child-interact")).toBeLessThan(10_000);
    terminal.kill();
  });

  test("a container it had made but not started is reaped by the next one; the living keep theirs", async () => {
    const dead = spawn("true");
    await new Promise((resolve) => dead.once("close", resolve));
    const make = (name: string, owner: string) =>
      docker.createContainer({
        name,
        Image: toolTag(CONTRACT_TOOL),
        Labels: { boardsmith: "1", "boardsmith.job": "reaped", "boardsmith.owner": owner },
      });
    const left = `boardsmith-reaped-${process.pid}`;
    await make(left, ownerName({ ...self(), pid: dead.pid ?? 0, start: "1" }));
    const mine = await make(`${left}-living`, ownerName(self()));
    expect(await engine.reap()).toContain(left);
    expect(await containers("reaped")).toEqual([mine.id]);
    await mine.remove();
  });
});

test("interact hands the terminal over: size, keys, exit code", async () => {
  const script = "stty size; read answer; echo got=$answer; exit 6";
  const args = [
    join(HOME, "test/rig/engine-child.mjs"),
    join(HOME, "dist"),
    "interact",
    JSON.stringify(CONTRACT_TOOL),
    script,
  ];
  const words = [process.execPath, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  const terminal = spawn("script", ["-qec", `stty rows 33 cols 77; ${words}`, "/dev/null"]);
  let said = "";
  let answered = false;
  terminal.stdout.on("data", (data) => {
    said += data;
    // Any size will do for the answer: a wrong one must fail below, not hang.
    if (!answered && /^\d+ \d+\r/m.test(said)) terminal.stdin.write("forty-two\r");
    answered ||= /^\d+ \d+\r/m.test(said);
  });
  const code = await new Promise((resolve) => terminal.once("close", resolve));
  expect(said).toMatch(/^33 77\r/m);
  expect(said).toMatch(/^got=forty-two\r/m);
  expect(code).toBe(6);
});

test("interact refuses when there is no terminal", async () => {
  await expect(engine.interact(job("true"))).rejects.toThrow("e2e needs a terminal, and this is none");
});

describe("tool images", () => {
  // Other packages than any recipe's, so that the images are this test's own.
  const tool = (name: string, ...packages: string[]): ToolImage => ({ name, base: CONTRACT_TOOL.base, packages });
  const made = new Set<string>();
  const fresh = async (one: ToolImage) => {
    made.add(toolTag(one));
    await docker
      .getImage(toolTag(one))
      .remove()
      .catch(() => {});
    return one;
  };
  afterAll(async () => {
    for (const tag of made)
      await docker
        .getImage(tag)
        .remove()
        .catch(() => {});
  });

  test("made once by two who want it at the same time; its packages are recorded", async () => {
    const one = await fresh(tool("pair", "hello"));
    const other = await connect();
    const said: string[][] = [[], []];
    await Promise.all([engine, other].map((e, i) => e.ensureTool(one, (line) => said[i]?.push(line), never)));
    const makers = said.filter((all) => all.some((line) => line.startsWith("Setting up hello")));
    expect(makers).toHaveLength(1);
    expect(said.flat()).toContain("another boardsmith makes the pair image; waiting for it");
    expect(await lines(engine, "hello", { tool: one })).toEqual(["Hello, world!"]);
    const versions = await engine.toolVersions?.(one);
    expect(versions?.["hello"]).toMatch(/^\d/);
    expect(Object.keys(versions ?? {}).length).toBeGreaterThan(50);
    // Containers of the image must not look like leftovers of the process that made it.
    const { Config } = await docker.getImage(toolTag(one)).inspect();
    expect([Config.Labels["boardsmith"], Config.Labels["boardsmith.owner"]]).toEqual(["", ""]);
    expect(await containers("tool pair")).toEqual([]);
  });

  test("a package that does not exist: apt's own words, and no container stays", async () => {
    const bad = tool("bad", "no-such-package-anywhere");
    const error = (await engine.ensureTool(bad, () => {}, never).catch((e: unknown) => e)) as StepFailed;
    expect(error).toBeInstanceOf(StepFailed);
    expect(error.message).toBe("the bad image could not be made: apt ended with exit code 100");
    expect(error.lastLines.at(-1)).toBe("E: Unable to locate package no-such-package-anywhere");
    expect(await engine.hasTool(bad)).toBe(false);
    expect(await containers("tool bad")).toEqual([]);
  });

  test("a mirror is used while it is made, and nothing of it stays in the image", async () => {
    const asked: string[] = [];
    const mirror = createServer((request, response) => {
      asked.push(request.url ?? "");
      // Where the mirror's paths begin with the host they stand for.
      response.writeHead(302, { location: `http:/${request.url}` }).end();
    });
    await new Promise<void>((resolve) => mirror.listen(0, "127.0.0.1", resolve));
    const to = `http://127.0.0.1:${(mirror.address() as AddressInfo).port}/`;
    const search = await findDocker(process.env);
    if (!search.endpoint) throw notFound(search);
    const mirrored = await connectDocker(search.endpoint, { mirrors: [{ from: "http://", to }] });
    const one = await fresh(tool("mirrored", "hello", "sl"));
    await mirrored.ensureTool(one, () => {}, never);
    expect(asked.some((path) => path.endsWith(".deb"))).toBe(true);
    const sources = await lines(mirrored, "cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null", {
      tool: one,
    });
    expect(sources.join("\n")).toContain("trixie");
    expect(sources.join("\n")).not.toContain("127.0.0.1");
    mirror.close();
    mirror.closeAllConnections();
  });

  test("aborting while one is made leaves no container and no image", async () => {
    const one = await fresh(tool("stopped", "hello", "cowsay"));
    const abort = new AbortController();
    const reason = new Error("stop");
    const making = engine.ensureTool(one, (line) => line.startsWith("Get:") && abort.abort(reason), abort.signal);
    await expect(making).rejects.toBe(reason);
    expect(await containers("tool stopped")).toEqual([]);
    expect(await engine.hasTool(one)).toBe(false);
  });

  test("a boardsmith killed while it makes one does not keep the next from making it", async () => {
    const one = await fresh(tool("orphan", "hello", "figlet"));
    const args = [join(HOME, "test/rig/engine-child.mjs"), join(HOME, "dist"), "tool", JSON.stringify(one), ""];
    const first = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise<void>((resolve) => first.stdout.on("data", (data) => /Get:/.test(data) && resolve()));
    first.kill("SIGKILL");
    await new Promise((resolve) => first.once("close", resolve));
    await engine.ensureTool(one, () => {}, never);
    expect(await engine.hasTool(one)).toBe(true);
    expect(await containers("tool orphan")).toEqual([]);
  });
});

describe.skipIf(!canRunDockerd())("an engine of our own, to be killed", () => {
  const image = toolTag(CONTRACT_TOOL);
  const load = (socket: string) =>
    execFileSync("sh", ["-c", `docker save ${image} | docker -H unix://${socket} load`], { stdio: "ignore" });

  test.each(["crashes", "is shut down"])("that %s in the middle of a job: EngineLost, with what to do", async (how) => {
    await using own = await startOwnDockerd();
    load(own.endpoint.socketPath);
    const one = await connectDocker(own.endpoint);
    expect(await one.run(job("exit 3"))).toBe(3);
    let at = 0;
    const onLine = () => {
      at = performance.now();
      if (how === "crashes") void own.kill();
      else own.shutDown();
    };
    const error = await one.run(job("echo up; sleep 1000", { name: "kernel", onLine })).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(EngineLost);
    expect((error as EngineLost).message).toMatch(
      /^the container engine at unix:\/\/\S+ went away while running kernel/,
    );
    expect((error as EngineLost).remedies).toEqual([
      "start the engine again, then repeat the command: what is already built is kept",
    ]);
    expect(performance.now() - at).toBeLessThan(10_000);
    await expect(one.run(job("true"))).rejects.toBeInstanceOf(EngineLost);
    await expect(one.ensureTool(CONTRACT_TOOL, () => {}, never)).rejects.toBeInstanceOf(EngineLost);
  });

  test("that reaches no registry: the base is bootstrapped out of the distribution's packages", async () => {
    await using own = await startOwnDockerd();
    const connection = await openConnection(own.endpoint, "Docker");
    const said: string[] = [];
    await ensureBase(connection, CONTRACT_TOOL.base, (line) => said.push(line), never);
    expect(said.some((line) => line.startsWith("no registry: "))).toBe(true);
    expect(said).toContain("bootstrapping debian trixie out of its packages");
    expect(await hasImage(connection, baseTag(CONTRACT_TOOL.base))).toBe(true);
    const again: string[] = [];
    await ensureBase(connection, CONTRACT_TOOL.base, (line) => again.push(line), never);
    expect(again).toEqual([]);
  });

  test("bootstrapping that fails leaves no image and tells why", async () => {
    await using own = await startOwnDockerd();
    const connection = await openConnection(own.endpoint, "Docker");
    const wrong = { distro: "debian", suite: "no-such-suite" } as const;
    const error = (await ensureBase(connection, wrong, () => {}, never).catch((e: unknown) => e)) as EngineLost;
    expect(error).toBeInstanceOf(EngineLost);
    expect(error.message).toMatch(/^mmdebstrap failed \(exit code \d+\); its last lines:\n {2}/);
    expect(await connection.docker.listImages({ all: true })).toEqual([]);
  });
});
