import type { Engine, Job } from "../engine/engine.js";
import type { ToolImage } from "../plan/step.js";
import type { Store } from "../store/store.js";
import type { Json } from "../util/canonical.js";

/** What an op gets to work with. */
export interface OpRun {
  readonly stepId: string;
  readonly args: Json;
  readonly transient: Json | undefined;
  readonly tools: readonly ToolImage[];
  readonly scripts: { readonly [name: string]: string };
  /** Absolute path of each input by name; read-only. */
  readonly inputs: { readonly [name: string]: string };
  /** Absolute path where an output has to be written. */
  out(name: string): string;
  /** An empty folder of its own, gone afterwards. */
  readonly scratch: string;
  readonly store: Store;
  /** Absolute path of a file that stays beside the step's log, also when the step fails. Absent where nobody keeps anything. */
  keep?(name: string): string;
  log(line: string): void;
  readonly signal: AbortSignal;
  /** Connected and with the op's tool images made, on first use only. */
  engine(): Promise<Engine>;
  /** Runs scripts[name] as /step.sh under `sh -eu` with the given mounts; throws StepFailed on another exit code than 0. */
  container(
    script: string,
    options: Pick<Job, "mounts" | "env"> & {
      readonly tool: ToolImage;
      readonly network?: "none" | "host";
      readonly caps?: readonly string[];
    },
  ): Promise<void>;
}

/** A step body that runs inside boardsmith. Resolves when all its outputs are written; throws StepFailed or Refused with diagnostics when the user can mend it. */
export type Op = (run: OpRun) => Promise<void>;
