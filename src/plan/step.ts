import type { LocalFile } from "../recipe/spec.js";
import type { Json } from "../util/canonical.js";

/** The container a step runs in, as data: a distribution's base and packages on top. Built by boardsmith itself. */
export interface ToolImage {
  /** Short name for people: `build`, `qemu`. */
  readonly name: string;
  readonly base: { readonly distro: "debian"; readonly suite: string };
  /** Sorted; part of the key. */
  readonly packages: readonly string[];
}

/** A file the step finds under /in/NAME (containers) or in `inputs` (ops). Always one file; trees travel as tars. */
export interface Input {
  readonly name: string;
  readonly from:
    | { readonly step: string; readonly output: string }
    /** A tree is handed over as a deterministic tar. */
    | { readonly local: LocalFile }
    | { readonly text: string };
}

/** A file the step leaves under /out/NAME. `sparse`: an image whose holes are kept. */
export interface Output {
  readonly name: string;
  readonly kind: "file" | "sparse";
}

/** Runs `script` with `sh -eu` as /step.sh in a container: /in read-only, /out and /work writable and empty. */
export interface ContainerAction {
  readonly kind: "container";
  readonly tool: ToolImage;
  /** Shell text (the library's text already in front). */
  readonly script: string;
  readonly env: { readonly [name: string]: string };
  /** Environment that the result does not depend on (a mirror's URL, a job count): not part of the key. */
  readonly transient?: { readonly [name: string]: string };
  readonly network: "none" | "fetch";
  /** Linux capabilities beyond the engine's default set. */
  readonly caps: readonly string[];
  /** Names of caches kept between runs, mounted at /cache/NAME; a result never depends on what is in them. */
  readonly caches: readonly string[];
  /** Debian's name of the architecture whose programs it runs by user-mode emulation: the host must be set up for that first. */
  readonly emulation?: "armhf";
}

/** Runs inside boardsmith: an op of src/ops by name. */
export interface OpAction {
  readonly kind: "op";
  readonly op: string;
  readonly args: Json;
  /** As for containers: what the result does not depend on. */
  readonly transient?: Json;
  /** Tool images of the containers it may start, and their scripts. */
  readonly tools: readonly ToolImage[];
  readonly scripts: { readonly [name: string]: string };
  /** Digest of the op's own code, so that an edited op makes a new key. */
  readonly code: string;
}

/** One piece of work, as data only: it can be printed, hashed, sent to another machine. */
export interface Step {
  /** `kernel`, `source:linux`. */
  readonly id: string;
  readonly title: string;
  readonly action: ContainerAction | OpAction;
  readonly inputs: readonly Input[];
  readonly outputs: readonly Output[];
  /**
   * For a step whose result is pinned by content (a fetch by digest or commit): what names the result.
   * It replaces action and script in the facts, so that a new mirror or an edited script fetches nothing again.
   */
  readonly identity?: Json;
  /** Weight while scheduling: `cpu` steps use all cores and run one at a time, `io` steps beside them. Default cpu. */
  readonly weight?: "cpu" | "io";
  /** False: the result is never reused (none such yet). */
  readonly reusable?: boolean;
}

/** The tool image of the container a step runs in or may start; undefined for steps that are boardsmith's own work alone. */
export function containerTool({ action }: Step): ToolImage | undefined {
  return action.kind === "container" ? action.tool : action.tools[0];
}

/** A step with all its result depends on, and the name of that. */
export interface PlannedStep {
  readonly step: Step;
  /** Ids of the steps whose outputs it takes, sorted. */
  readonly needs: readonly string[];
  /** Everything the result depends on and nothing else; see planStep. */
  readonly facts: Facts;
  /** sha256(canonical(facts)). */
  readonly key: string;
}

export type Facts = { readonly [name: string]: Json };

/** The whole build: steps in an order in which each comes after its needs. */
export interface Plan {
  readonly recipe: string;
  readonly steps: readonly PlannedStep[];
  /** Which outputs leave the store, and under which file name in the output folder. */
  readonly exports: readonly { readonly step: string; readonly output: string; readonly as: string }[];
}

/** What step builders need from the package's own files; given by the cli, so that planning stays pure. */
export interface Assets {
  /** Text of src/steps/NAME.sh, with src/steps/lib.sh in front. */
  script(name: string): string;
  /** Digest of the code that op NAME runs. */
  code(op: string): string;
  /** Text of a data file below src/, e.g. `steps/lvm2.config`. */
  text(path: string): string;
}
