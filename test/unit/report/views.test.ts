import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { chooseView } from "../../../src/report/choose.js";
import { jsonView } from "../../../src/report/json.js";
import { plainView } from "../../../src/report/plain.js";
import { replay } from "../../../src/report/replay.js";
import { ttyView } from "../../../src/report/tty.js";
import type { RunEvent } from "../../../src/run/events.js";
import { tempFolder } from "../../rig/temp-folder.js";

const at = "2026-01-01T00:00:00.000Z";
const STEPS = ["source:linux", "kernel", "u-boot", "image"].map((id) => ({
  id,
  title: `Make ${id}`,
  key: id,
  needs: [],
}));
const START: RunEvent = { type: "run-started", at, run: "r1", recipe: "toy", steps: STEPS };
const FAILED: RunEvent = {
  type: "step-failed",
  at,
  step: "kernel",
  message: "its script ended with exit code 2",
  exitCode: 2,
  lastLines: ["CC init/main.o", "error: no"],
  log: "/logs/kernel.log",
  shell: true,
  diagnostics: [],
};
const GOOD: readonly RunEvent[] = [
  START,
  { type: "step-reused", at, step: "source:linux", key: "k" },
  { type: "step-started", at, step: "kernel", key: "k", why: "kernel/slim.config changed" },
  { type: "step-output", at, step: "kernel", line: "\u001b[31mCC\u001b[0m init/main.o\u0007" },
  { type: "step-waiting", at, step: "u-boot", for: "boardsmith (pid 1)" },
  { type: "step-started", at, step: "u-boot", key: "k" },
  { type: "step-finished", at, step: "kernel", seconds: 12.34 },
  { type: "step-finished", at, step: "u-boot", seconds: 200 },
  { type: "run-finished", at, outcome: "built", seconds: 213, outputs: {} },
];

class Screen extends PassThrough {
  isTTY = true;
  columns = 100;
  rows = 40;
  get text(): string {
    return (this.read() as Buffer | null)?.toString("utf8") ?? "";
  }
}

/** What stands on the screen at the end: what follows the last "erase below" or line clearing. */
const lastFrame = (text: string): string =>
  (text.split(/\u001b\[(?:2K|1A|G|0?J|\d+A)/).at(-1) ?? "").replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "");

describe("plain", () => {
  test("a line for everything, nothing that acts on a terminal", () => {
    const out = new Screen();
    const view = plainView(out);
    for (const event of GOOD) view.event(event);
    expect(out.text.split("\n")).toEqual([
      "toy: run r1, 4 steps",
      "[source:linux] reused",
      "[kernel] started, because: kernel/slim.config changed",
      "[kernel] CC init/main.o",
      "[u-boot] waiting for boardsmith (pid 1)",
      "[u-boot] started",
      "[kernel] done in 12.3 s",
      "[u-boot] done in 3 min 20 s",
      "toy: built after 3 min 33 s",
      "",
    ]);
  });

  test("a failure ends with the log and the way to a shell", () => {
    const out = new Screen();
    const view = plainView(out);
    for (const event of [START, FAILED]) view.event(event);
    expect(out.text.split("\n").slice(1)).toEqual([
      "[kernel] step kernel failed: its script ended with exit code 2",
      "[kernel]   whole log: /logs/kernel.log",
      "[kernel]   a shell there: boardsmith shell toy kernel",
      "",
    ]);
  });

  test("a failure of a step that has no container offers no shell", () => {
    const out = new Screen();
    const view = plainView(out);
    for (const event of [START, { ...FAILED, shell: false }]) view.event(event);
    expect(out.text).toMatch(/whole log: \/logs\/kernel.log\n$/);
  });
});

describe("on a terminal", () => {
  test("reused, running, waiting and not needed steps are told apart; the cursor comes back", async () => {
    const out = new Screen();
    const view = ttyView(out, { colour: false });
    for (const event of GOOD) view.event(event);
    await view.close();
    const text = out.text;
    expect(text).toContain("\u001b[?25l");
    expect(text.endsWith("\u001b[?25h")).toBe(true);
    const frame = lastFrame(text);
    expect(frame).toContain("Make source:linux · reused");
    expect(frame).toContain("Make kernel · 12.3 s");
    expect(frame).toContain("Make image · not needed");
    expect(frame).not.toContain("CC init");
  });

  test("a running step shows its last line", async () => {
    const out = new Screen();
    const view = ttyView(out, { colour: false });
    view.event(START);
    view.event({ type: "step-started", at: new Date().toISOString(), step: "kernel", key: "k" });
    view.event({ type: "step-output", at, step: "kernel", line: "CC first.o" });
    view.event({ type: "step-output", at, step: "kernel", line: "CC last.o" });
    let seen = "";
    while (!seen.includes("CC last.o")) seen += String(await new Promise((resolve) => out.once("data", resolve)));
    expect(seen).not.toContain("CC first.o");
    expect(seen).toMatch(/Make kernel · \d\.\d s/);
    out.resume();
    await view.close();
  });

  test("a failure is told in full beneath the list", async () => {
    const out = new Screen();
    const view = ttyView(out, { colour: false });
    for (const event of [START, { type: "step-started", at, step: "kernel", key: "k" } as const, FAILED])
      view.event(event);
    await view.close();
    expect(
      out.text.endsWith(
        [
          "step kernel failed: its script ended with exit code 2",
          "  | CC init/main.o",
          "  | error: no",
          "  whole log: /logs/kernel.log",
          "  a shell there: boardsmith shell toy kernel",
          "",
        ].join("\n"),
      ),
    ).toBe(true);
  });
});

describe("which view", () => {
  const kind = async (tty: boolean, env: { [name: string]: string }, options: object): Promise<string> => {
    const out = new Screen();
    out.isTTY = tty;
    const view = await chooseView(out, env, options);
    view.event(START);
    view.event({ type: "run-finished", at, outcome: "built", seconds: 1, outputs: {} });
    await view.close();
    const { text } = out;
    return text.startsWith("{") ? "json" : text.includes("\u001b[?25l") ? "tty" : "plain";
  };
  test.each([
    [true, {}, {}, "tty"],
    [true, { TERM: "dumb" }, {}, "plain"],
    [true, { CI: "true" }, {}, "plain"],
    [true, {}, { plain: true }, "plain"],
    [false, {}, {}, "plain"],
    [true, {}, { json: true }, "json"],
  ] as const)("terminal %s, %o, %o: %s", async (tty, env, options, expected) => {
    expect(await kind(tty, env, options)).toBe(expected);
  });
});

describe("replay", () => {
  test("shows a recorded run, without the half line of a killed one", async () => {
    const file = join(await tempFolder(), "events.ndjson");
    const lines = GOOD.slice(0, 4).map((event) => `${JSON.stringify(event)}\n`);
    writeFileSync(file, `${lines.join("")}{"type":"step-fin`);
    const out = new Screen();
    await replay(file, jsonView(out));
    expect(out.text).toBe(lines.join(""));
  });

  test("follows a run that goes on, until its end", async () => {
    const file = join(await tempFolder(), "events.ndjson");
    writeFileSync(file, `${JSON.stringify(START)}\n`);
    const seen: string[] = [];
    const rest = GOOD.slice(1)
      .map((event) => `${JSON.stringify(event)}\n`)
      .join("");
    const view = {
      event: (event: RunEvent) => {
        seen.push(event.type);
        // Cut inside a line: the other half comes later.
        if (event.type === "run-started") appendFileSync(file, rest.slice(0, 20));
      },
      close: () => {},
    };
    const running = () => {
      appendFileSync(file, rest.slice(20));
      return true;
    };
    await replay(file, view, { signal: new AbortController().signal, running });
    expect(seen).toEqual(GOOD.map(({ type }) => type));
  });
});
