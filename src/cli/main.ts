import { fileURLToPath } from "node:url";
import type { Cli } from "./command.js";

/**
 * The way in. Words that need nothing loaded are answered at once; everything else goes through the
 * command table. Exit codes are decided here and nowhere else: 0 done, 1 a step failed (or `diff` found a difference), 2 the user can
 * mend it, 3 no place to run, 70 a mistake of boardsmith's own, 130 interrupted.
 */
async function main(argv: readonly string[]): Promise<number> {
  const home = fileURLToPath(new URL("../../", import.meta.url)).replace(/\/$/, "");
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
    const { version } = await import("./version.js");
    process.stdout.write(`${version(home)}\n`);
    return 0;
  }
  if (argv[0] === "build" && !process.env.BOARDSMITH_NO_FAST_PATH) {
    const { unchanged } = await import("./unchanged.js");
    const report = unchanged(argv, process.cwd(), process.env, home);
    if (report !== undefined) {
      process.stdout.write(report);
      return 0;
    }
  }

  const abort = new AbortController();
  let interrupts = 0;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      abort.abort(new Error(signal));
      // A second Ctrl-C means now: containers are left to end by themselves, since their input is gone.
      if (signal === "SIGINT" && ++interrupts > 1) process.exit(130);
    });
  }
  const cli: Cli = {
    cwd: process.cwd(),
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    signal: abort.signal,
    json: argv.includes("--json"),
    home,
  };
  try {
    // No word at all, on a terminal: the wizard. Its first question waits for no table of commands.
    if (argv.length === 0 && cli.stdin.isTTY && cli.stderr.isTTY) {
      const { run } = await import("./commands/wizard.js");
      return await run(cli, [], {});
    }
    const { dispatch } = await import("./dispatch.js");
    return await dispatch(cli, argv);
  } catch (error) {
    const { explainError } = await import("./errors.js");
    return explainError(cli, error);
  }
}

/** Nobody reads any more (`boardsmith logs | head`): that is no error. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`boardsmith: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 70;
  },
);
