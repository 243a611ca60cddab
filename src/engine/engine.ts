import type { ToolImage } from "../plan/step.js";

/** One container run. Paths on the left of a mount are the host's. */
export interface Job {
  /** For people and for `docker ps`: `kernel`. */
  readonly name: string;
  readonly tool: ToolImage;
  readonly argv: readonly string[];
  readonly env: { readonly [name: string]: string };
  readonly mounts: readonly Mount[];
  readonly network: "none" | "host";
  readonly caps: readonly string[];
  readonly workdir?: string;
  /** Each whole line the job prints, without its line end; carriage returns split lines too. */
  onLine(line: string, stream: "stdout" | "stderr"): void;
  readonly signal: AbortSignal;
}

export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

/** A running job whose standard input and raw output are ours: a serial console. */
export interface Talk {
  /** Raw bytes in order as they come; ends when the job ends. */
  readonly output: AsyncIterable<Buffer>;
  write(data: string | Uint8Array): void;
  /** Ends the job now. */
  kill(): Promise<void>;
  /** Settles when the job is over. */
  readonly exitCode: Promise<number>;
}

/** A place that runs jobs. Docker for real, a fake in tests; one contract suite holds both. */
export interface Engine {
  readonly name: string;
  /** Is the tool image there already? */
  hasTool(tool: ToolImage): Promise<boolean>;
  /** Makes it if it is not; lines of its making go to onLine. */
  ensureTool(tool: ToolImage, onLine: (line: string) => void, signal: AbortSignal): Promise<void>;
  /** Versions of all packages in a tool image by name, for the manifest; undefined when it is not there. Absent where an engine has no packages. */
  toolVersions?(tool: ToolImage): Promise<{ readonly [name: string]: string } | undefined>;
  /** Runs a job to its end and gives its exit code. Aborting the signal kills the container and rejects with the signal's reason. Throws EngineLost when the engine goes away. */
  run(job: Job): Promise<number>;
  /** Starts a job with its standard input and output in hand (no tty). */
  talk(job: Omit<Job, "onLine">): Promise<Talk>;
  /** Runs a job on the user's own terminal (raw mode, resizing) and gives its exit code. */
  interact(job: Omit<Job, "onLine">): Promise<number>;
  /** Removes containers that a dead boardsmith left; gives their names. */
  reap(): Promise<readonly string[]>;
  close(): Promise<void>;
}
