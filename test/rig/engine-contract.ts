import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Engine, Job } from "../../src/engine/engine.js";
import type { ToolImage } from "../../src/plan/step.js";
import type { Body } from "./fake-engine.js";

/** The tool image of the contract's jobs. */
export const CONTRACT_TOOL: ToolImage = {
  name: "contract",
  base: { distro: "debian", suite: "trixie" },
  packages: ["xz-utils"],
};

/** Each job of the contract twice: as a shell script for engines with containers and as a function for the fake one. */
export const CONTRACT_JOBS: { readonly [name: string]: { readonly script: string; readonly body: Body } } = {
  "exit-0": { script: "true", body: () => 0 },
  "exit-7": { script: "exit 7", body: () => 7 },
  says: {
    script: "echo one; echo two; echo three",
    body: ({ say }) => ["one", "two", "three"].forEach((line) => void say(line)),
  },
  copies: {
    script: 'printf "%s and more" "$(cat /in/text)" >/out/text',
    body: ({ input, output }) => output("text", `${input("text")} and more`),
  },
  "never-ends": {
    script: "echo up; trap '' TERM INT HUP; while :; do sleep 1000; done",
    body: async ({ say }) => {
      say("up");
      await new Promise(() => {});
    },
  },
};

/** What every engine keeps; held against the fake one and against Docker. */
export function engineContract(name: string, connect: () => Promise<Engine>): void {
  describe(`engine contract: ${name}`, () => {
    let engine: Engine;
    let folder = "";
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "bs-contract-"));
      engine = await connect();
    });
    afterAll(async () => {
      await engine?.close();
      rmSync(folder, { recursive: true, force: true });
    });
    const job = (which: string, rest: Partial<Job> = {}): Job => ({
      name: which,
      tool: CONTRACT_TOOL,
      argv: ["sh", "-eu", "-c", CONTRACT_JOBS[which]?.script ?? "exit 99"],
      env: {},
      mounts: [],
      network: "none",
      caps: [],
      onLine: () => {},
      signal: new AbortController().signal,
      ...rest,
    });

    test("a tool image is there once it is made, and making it again says nothing", async () => {
      await engine.ensureTool(CONTRACT_TOOL, () => {}, new AbortController().signal);
      expect(await engine.hasTool(CONTRACT_TOOL)).toBe(true);
      const lines: string[] = [];
      await engine.ensureTool(CONTRACT_TOOL, (line) => lines.push(line), new AbortController().signal);
      expect(lines).toEqual([]);
    });

    test("the exit code is the job's", async () => {
      expect(await engine.run(job("exit-0"))).toBe(0);
      expect(await engine.run(job("exit-7"))).toBe(7);
    });

    test("lines come whole and in order, all of them before the exit code", async () => {
      const lines: string[] = [];
      await engine.run(job("says", { onLine: (line) => lines.push(line) }));
      expect(lines).toEqual(["one", "two", "three"]);
    });

    test("inputs come in and outputs go out through mounts", async () => {
      const [input, out] = [join(folder, "input"), mkdtempSync(join(folder, "out-"))];
      writeFileSync(input, "this");
      const mounts = [
        { source: input, target: "/in/text", readOnly: true },
        { source: out, target: "/out", readOnly: false },
      ];
      expect(await engine.run(job("copies", { mounts }))).toBe(0);
      expect(readFileSync(join(out, "text"), "utf8")).toBe("this and more");
    });

    test("aborting ends a job that does not listen, within three seconds, with the signal's reason", async () => {
      const abort = new AbortController();
      const reason = new Error("enough");
      let at = 0;
      const onLine = () => {
        at = performance.now();
        abort.abort(reason);
      };
      await expect(engine.run(job("never-ends", { onLine, signal: abort.signal }))).rejects.toBe(reason);
      expect(performance.now() - at).toBeLessThan(3000);
    });

    test("a job whose signal has fired already never starts", async () => {
      const reason = new Error("too late");
      const lines: string[] = [];
      const late = job("says", { signal: AbortSignal.abort(reason), onLine: (line) => lines.push(line) });
      await expect(engine.run(late)).rejects.toBe(reason);
      expect(lines).toEqual([]);
    });

    test("jobs run side by side", async () => {
      const codes = await Promise.all([
        engine.run(job("exit-7")),
        engine.run(job("exit-0")),
        engine.run(job("exit-7")),
      ]);
      expect(codes).toEqual([7, 0, 7]);
    });
  });
}
