import type { Writable } from "node:stream";

/** What a command may touch of the world; main fills it, tests fill it otherwise. */
export interface Cli {
  readonly cwd: string;
  readonly env: { readonly [name: string]: string | undefined };
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stdin: NodeJS.ReadStream;
  /** Fires on Ctrl-C, SIGTERM, SIGHUP. */
  readonly signal: AbortSignal;
  /** Output is for programs (`--json`): the words of a failure go to stderr whole. */
  readonly json?: boolean;
  /** Absolute path of boardsmith's own folder (the one with package.json, recipes, boards, src, dist). */
  readonly home: string;
}

/**
 * A command's body: src/cli/commands/NAME.ts exports one as `run`.
 * `args` are the positional words, `flags` the long options in camelCase as commander parses them.
 * Gives the exit code 0, or throws Refused, StepFailed or EngineLost; main alone turns those into messages and exit codes.
 */
export type CommandBody = (
  cli: Cli,
  args: readonly string[],
  flags: { readonly [name: string]: unknown },
) => Promise<number>;
