import { describe, expect, test } from "vitest";
import { exitProblem } from "../../../src/emulate/check.js";
import { recipeCheck } from "../../../src/emulate/default-checks.js";
import { type ProofRequest, prove } from "../../../src/emulate/prove.js";
import { idleHost, type SerialBoard, shellAnswer, startBoard } from "./serial-board.js";

const BOOT = [
  "\r\nU-Boot SPL 2025.01 (Jan 01 2025 - 00:00:00 +0000)\r\nDRAM: 1024 MiB\r\n",
  "\r\nU-Boot 2025.01 (Jan 01 2025 - 00:00:00 +0000) Allwinner Technology\r\n\r\nCPU:   Allwinner A10 (SUN4I)\r\n",
  "Starting kernel ...\r\n\r\n[    0.000000] Linux version 6.12.107 (x@y) #1\r\n",
  "[    4.1] Run /sbin/init as init process\r\n",
];
const PROMPT = "root@board:~# ";
const MARK = "c0ffee";

const request = (more: Partial<ProofRequest> = {}): ProofRequest => ({
  until: "login",
  timeouts: { spl: 5, "u-boot": 5, kernel: 30, init: 30, login: 60, checks: 60 },
  password: "s3cret",
  mark: MARK,
  checks: [{ name: "true", run: "true", problem: exitProblem }],
  say: () => {},
  ...more,
});

/** A board that lets root in with a password and runs commands. */
function board(
  ran: (command: string) => readonly [number, string],
  opens: readonly string[] = ["\r\nDebian GNU/Linux 13 board ttyS0\r\n\r\nboard login: "],
): SerialBoard {
  let state = "login";
  return {
    says: [...BOOT, ...opens],
    echo: true,
    answer: (line) => {
      if (state === "login") {
        if (line !== "root") return "\r\nLogin incorrect\r\nboard login: ";
        state = "password";
        return "Password: ";
      }
      if (state === "password") {
        state = line === "s3cret" ? "shell" : "login";
        return state === "shell" ? `\r\nLast login: never\r\n${PROMPT}` : "\r\nLogin incorrect\r\nboard login: ";
      }
      if (line === "poweroff") return { text: "\r\nreboot: Power down\r\n", ends: true };
      return shellAnswer(line, MARK, ran);
    },
  };
}

const go = (one: SerialBoard, more: Partial<ProofRequest> = {}, host = idleHost()) =>
  prove(startBoard(one), request(more), host, new AbortController().signal);

describe("a boot that goes well", () => {
  test("passes all stages, checks as root and switches off", async () => {
    const said: string[] = [];
    const proven = await go(
      board(() => [0, "fine"]),
      { say: (line) => said.push(line) },
    );
    expect(proven).toMatchObject({
      verdict: "proven",
      access: "password of the proof's own",
      versions: { spl: "2025.01", "u-boot": "2025.01", kernel: "6.12.107" },
    });
    expect(proven.stages.map((one) => one.stage)).toEqual(["spl", "u-boot", "kernel", "init", "login", "checks"]);
    expect(proven.checks).toMatchObject([{ name: "true", verdict: "passed", exitCode: 0, output: "fine" }]);
    expect(proven.powerOff).toMatch(/^clean, in \d+ s$/);
    expect(said.at(-1)).toBe("check true: passed");
    expect(proven.failure).toBeUndefined();
  });

  test("logs in again where the board's login timed out", async () => {
    const slow = board(() => [0, ""]);
    let late = 2;
    const proven = await go({
      ...slow,
      answer: (line) =>
        line === "s3cret" && late-- > 0
          ? "\r\nLinux board 6.12\r\nlogin: timed out after 60 seconds\r\n\r\nboard login: "
          : late > 0 && line === "root"
            ? "Password: "
            : slow.answer?.(line),
    });
    expect(proven).toMatchObject({ verdict: "proven" });
  });

  test("knows the prompt that a line of the kernel's broke in two", async () => {
    const broken = board(
      () => [0, ""],
      ["\r\nDebian\r\nboard[  333.353867] rc rc0: registered at minor = 0\r\n login: "],
    );
    expect(await go(broken)).toMatchObject({ verdict: "proven" });
  });

  test("answers the first-boot dialog and logs in with what it said there", async () => {
    const dialog: string[] = [];
    const inside = board(() => [0, ""]);
    const prompts = ["Repeat password: ", "\r\nboardsmith: password set\r\n\r\nboard login: "];
    const asking: SerialBoard = {
      says: [...BOOT, "boardsmith: set a password for root on this board\r\n", "New password: "],
      answer: (line) => {
        const prompt = prompts.shift();
        if (prompt === undefined) return inside.answer?.(line);
        dialog.push(line);
        return prompt;
      },
    };
    const proven = await go(asking);
    expect(dialog).toEqual(["s3cret", "s3cret"]);
    expect(proven).toMatchObject({ verdict: "proven", access: "first-boot dialog" });
  });

  test("goes through systemd's first-boot wizard on the way and sets nothing but the password", async () => {
    const typed: string[] = [];
    const inside = board(() => [0, ""]);
    const prompts = [
      '\r\n\u2023 Please enter the new timezone name or number (empty to skip, "list" to list options): ',
      "\r\nNo data entered, skipping.\r\n\u2023 Please enter the new root password (empty to skip):",
      "\r\n\u2023 Please enter the new root password again:",
      "\r\n[  OK  ] Reached target sysinit.target\r\n\r\nboard login: ",
    ];
    const asking: SerialBoard = {
      says: [...BOOT, "\r\nWelcome to your new installation of Debian!\r\n-- Press any key to proceed --"],
      answer: (line) => {
        const prompt = prompts.shift();
        if (prompt === undefined) return inside.answer?.(line);
        typed.push(line);
        return prompt;
      },
    };
    const proven = await go(asking);
    expect(typed).toEqual(["", "", "s3cret", "s3cret"]);
    expect(proven).toMatchObject({ verdict: "proven", access: "first-boot dialog" });
  });

  test("leaves at least 20 ms between two characters", async () => {
    const host = idleHost();
    await go(
      board(() => [0, ""]),
      {},
      host,
    );
    expect(host.typed.length).toBeGreaterThan(50);
    expect(Math.min(...host.typed)).toBeGreaterThanOrEqual(20);
  });

  test("ends at the kernel's start where the emulator carries no further", async () => {
    const talk = startBoard({ says: BOOT.slice(0, 2).concat("\r\nStarting kernel ...\r\n\r\n") });
    const proven = await prove(talk, request({ until: "kernel" }), idleHost(), new AbortController().signal);
    expect(proven).toMatchObject({ verdict: "proven-to-kernel", checks: [] });
    expect(proven.stages.map((one) => one.stage)).toEqual(["spl", "u-boot", "kernel"]);
    expect(talk.killed()).toBe(true);
  });
});

describe("checks", () => {
  test("hand any command over as it is, with quotes, several lines and great length", async () => {
    const commands = ["echo \"it's\" '$HOME'", "one\ntwo", `: ${"x".repeat(2500)}`];
    const seen: string[] = [];
    const long: string[] = [];
    const checks = commands.slice(0, 1).map((run) => recipeCheck({ name: run, run }));
    const proven = await go(
      board((command) => {
        seen.push(command);
        return [0, ""];
      }),
      { checks },
    );
    expect(seen).toContain(commands[0]);
    expect(proven.verdict).toBe("proven");
    const pieces = board(() => [0, ""]);
    await go(
      {
        ...pieces,
        answer: (line) => {
          const piece = /^_c="\$_c"'(.*)'$/.exec(line);
          if (piece) long.push(piece[1] ?? "");
          expect(line.length).toBeLessThan(4096);
          return pieces.answer?.(line);
        },
      },
      { checks: [recipeCheck({ name: "long", run: commands[2] ?? "" })] },
    );
    expect(long.join("")).toBe(commands[2]);
  });

  test("a failing check fails the proof, and the others still run", async () => {
    const checks = [
      recipeCheck({ name: "first", run: "a", expect: "^yes$" }),
      recipeCheck({ name: "second", run: "b" }),
      recipeCheck({ name: "third", run: "c" }),
    ];
    const proven = await go(
      board((command) => (command === "a" ? [0, "no"] : command === "b" ? [127, "sh: b: not found"] : [0, ""])),
      { checks },
    );
    expect(proven.checks.map((check) => [check.verdict, check.reason])).toEqual([
      ["failed", "the output does not match /^yes$/"],
      ["failed", "the command is not on the board"],
      ["passed", undefined],
    ]);
    expect(proven.failure).toMatchObject({
      name: "checks-failed",
      message: "2 checks failed: first (the output does not match /^yes$/); second (the command is not on the board)",
    });
  });

  test("a check that hangs ends the proof with its name", async () => {
    const hanging = board(() => [0, ""]);
    const proven = await go(
      { ...hanging, answer: (line) => (line.includes("sleep") ? "" : hanging.answer?.(line)) },
      { checks: [recipeCheck({ name: "forever", run: "sleep inf" })] },
    );
    expect(proven.failure?.message).toMatch(/^the check "forever" was not over after 6\d s: sleep inf$/);
  });
});

describe("a boot that fails", () => {
  const failure = async (says: readonly string[], more: Partial<ProofRequest> = {}, load = 0) =>
    (await go({ says }, more, idleHost(load))).failure;

  test("with nothing at all on the console", async () => {
    expect(await failure([])).toMatchObject({
      name: "silent",
      stage: "spl",
      message: "nothing at all on the serial console after 5 s",
    });
  });

  test("and waits longer on a loaded host", async () => {
    expect((await failure([], {}, 6))?.message).toBe("nothing at all on the serial console after 30 s");
  });

  test("with a kernel that prints nothing", async () => {
    expect(await failure([...BOOT.slice(0, 2), "Starting kernel ...\r\n\r\n"])).toMatchObject({
      name: "kernel-silent",
      line: "Starting kernel ...",
    });
  });

  test("with a board that resets itself: the emulator ends", async () => {
    const talk = startBoard({ says: BOOT.slice(0, 3) });
    const proof = prove({ ...talk, exitCode: Promise.resolve(0) }, request(), idleHost(), new AbortController().signal);
    await new Promise((resolve) => setImmediate(resolve));
    await talk.kill();
    expect((await proof).failure).toMatchObject({
      name: "reset",
      message: "the board reset or switched itself off before init",
    });
  });

  test("with an emulator that does not start", async () => {
    const talk = startBoard({ says: ["qemu-system-arm: Invalid SD card size: 65 MiB\n"] });
    const proof = prove({ ...talk, exitCode: Promise.resolve(1) }, request(), idleHost(), new AbortController().signal);
    await new Promise((resolve) => setImmediate(resolve));
    await talk.kill();
    expect((await proof).failure).toMatchObject({
      name: "emulator-failed",
      line: "qemu-system-arm: Invalid SD card size: 65 MiB",
    });
  });

  test("with a root that is not let in", async () => {
    const proven = await go(
      board(() => [0, ""]),
      { password: "wrong" },
    );
    expect(proven.failure).toMatchObject({ name: "not-let-in", message: "the board refused root's password" });
  });

  test("with a kernel panic while a check runs", async () => {
    const dying = board(() => [0, ""]);
    const panic = "\r\n[   99.1] Kernel panic - not syncing: Fatal exception\r\n";
    const proven = await go({ ...dying, answer: (line) => (line.startsWith("_r 1") ? panic : dying.answer?.(line)) });
    expect(proven.failure).toMatchObject({ name: "kernel-panic", stage: "checks" });
  });
});

test("an abort ends the proof with the signal's reason, and the emulator", async () => {
  const stop = new AbortController();
  const talk = startBoard({ says: BOOT.slice(0, 1) });
  const proof = prove(talk, request({ say: () => stop.abort(new Error("stopped")) }), idleHost(), stop.signal);
  await expect(proof).rejects.toThrow("stopped");
  expect(talk.killed()).toBe(true);
});
