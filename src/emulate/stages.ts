import type { ProofStage } from "../recipe/spec.js";
import { type BootFailure, failureIn, STAGES } from "./failure.js";
import { type NfsRoot, nfsRootIn } from "./nfs-root.js";

/** How far a boot has come, as its console tells. Immutable: `observe` makes the next one. */
export interface BootState {
  /** The stages that were reached, in order, with seconds since power-on. */
  readonly reached: readonly { readonly stage: ProofStage; readonly seconds: number }[];
  readonly failure?: BootFailure;
  /** Versions as the console named them. */
  readonly versions: { readonly [part: string]: string };
  /** The last whole line that was not empty. */
  readonly lastLine: string;
  /** Times SPL's banner was seen: more than once is a boot loop. */
  readonly starts: number;
  /** The kernel's line that it waits for a root device; ordinary, unless nothing comes behind it. */
  readonly rootAwaited?: string;
  /** The board boots over the network. */
  readonly network?: true;
  /** Where its root file system is, as far as the kernel has told. */
  readonly nfsRoot?: NfsRoot;
}

export const POWERED_ON: BootState = { reached: [], versions: {}, lastLine: "", starts: 0 };

const SPL = /^U-Boot SPL (\d{4}\.\S+)/;

/** What shows that a stage is reached; `checks` is nobody's to say but the proof's. */
const MARKS: { readonly [stage in Exclude<ProofStage, "checks">]: RegExp } = {
  // A fast model has no SPL and no U-Boot: its shim is what runs first.
  spl: /^U-Boot SPL (\d{4}\.\S+)|^boardsmith shim: starting Xen/,
  "u-boot": /^U-Boot (\d{4}\.\S+) |^CPU: {3}Allwinner|^Model: /,
  kernel: /^Starting kernel \.\.\.|Booting Linux on physical CPU|Linux version (\d\S+)|Xen version \S+/,
  init: /Run \/\S+ as init process|systemd\[1\]: |^Welcome to .*!$|init started: BusyBox/,
  login: /^(?:\S* )?login:(?: |$)|boardsmith: set a password for root on this board/,
};

const VERSIONS: readonly { readonly part: string; readonly pattern: RegExp }[] = [
  { part: "spl", pattern: SPL },
  { part: "u-boot", pattern: /^U-Boot (\d{4}\.\S+)/ },
  { part: "xen", pattern: /Xen version (\S+)/ },
  { part: "kernel", pattern: /Linux version (\S+)/ },
  { part: "systemd", pattern: /systemd\[1\]: systemd (\d\S*) running/ },
];

/** The stage a boot is on its way to; undefined when all are reached. */
export function nextStage(state: BootState): ProofStage | undefined {
  const last = state.reached.at(-1);
  return last ? STAGES[STAGES.indexOf(last.stage) + 1] : "spl";
}

/** What Xen writes in front of what a guest prints that it started itself: nothing that the board's own system says. */
const GUEST = /^\(XEN\) DOM\d+: /;

/**
 * Takes in one line of the console. `whole` is false for the text behind the last line end, which may be a prompt;
 * it will come again, longer or whole. The first failure stays.
 */
export function observe(state: BootState, line: string, seconds: number, whole: boolean): BootState {
  if (state.failure || GUEST.test(line)) return state;
  const next = nextStage(state) ?? "checks";
  const starts = state.starts + (whole && SPL.test(line) ? 1 : 0);
  const lastLine = whole && line.trim() !== "" ? line.trim() : state.lastLine;
  const found = whole ? VERSIONS.filter(({ part, pattern }) => !(part in state.versions) && pattern.test(line)) : [];
  const named = found.map(({ part, pattern }) => [part, pattern.exec(line)?.[1] ?? ""]);
  const versions = named.length === 0 ? state.versions : { ...state.versions, ...Object.fromEntries(named) };
  const rootAwaited = whole && /Waiting for root device/.test(line) ? line.trim() : state.rootAwaited;
  const nfsRoot = whole ? nfsRootIn(line, state.nfsRoot) : state.nfsRoot;
  const told = whole || line.startsWith("=>");
  const failure = starts > 1 ? bootLoop(next, line) : told ? failureIn(line, next, state) : undefined;
  return {
    reached: [...state.reached, ...newlyReached(line, next, whole).map((stage) => ({ stage, seconds }))],
    versions,
    lastLine,
    starts,
    ...(rootAwaited === undefined ? {} : { rootAwaited }),
    ...(state.network ? { network: true } : {}),
    ...(nfsRoot ? { nfsRoot } : {}),
    ...(failure ? { failure } : {}),
  };
}

/** A later stage's mark counts even when an earlier one's was never printed (`quiet`): only the seen stage is recorded. */
function newlyReached(line: string, next: ProofStage, whole: boolean): readonly ProofStage[] {
  if (next === "checks") return [];
  const open = STAGES.slice(STAGES.indexOf(next)).filter((stage) => stage !== "checks");
  const seen = open.findLast((stage) => (whole || stage === "login") && MARKS[stage].test(line));
  return seen ? [seen] : [];
}

function bootLoop(stage: ProofStage, line: string): BootFailure {
  return {
    name: "boot-loop",
    stage,
    message: "the board started over: SPL was seen twice",
    line: line.trim(),
    remedy:
      "the lines before the second SPL banner say what reset it; a watchdog or a panic with panic= set are common",
  };
}

/** Records that the proof's own stage (or one that only the proof knows of) is reached. */
export function reach(state: BootState, stage: ProofStage, seconds: number): BootState {
  return { ...state, reached: [...state.reached, { stage, seconds }] };
}

/** What it means that the next stage did not come within its limit, from how far the boot had come. */
export function overdue(state: BootState, seconds: number, silent: boolean): BootFailure {
  const stage = nextStage(state) ?? "checks";
  const waited = `after ${Math.round(seconds)} s`;
  const line = state.lastLine === "" ? {} : { line: state.lastLine };
  if (stage === "spl") {
    return silent
      ? {
          name: "silent",
          stage,
          message: `nothing at all on the serial console ${waited}`,
          remedy:
            "there is no SPL at byte 8192 that the boot ROM would take; build the image anew and check the board's `spl: offset`",
        }
      : late("no-spl", stage, `SPL's banner did not come ${waited}`, line, "what is at byte 8192 is no U-Boot SPL");
  }
  if (stage === "u-boot" && /^boardsmith shim: /.test(state.lastLine)) {
    const remedy =
      "the emulator must have virtualization and the secure side, and Xen its console in the device tree (stdout-path)";
    return late("xen-silent", stage, `the shim ran, but Xen printed nothing ${waited}`, line, remedy);
  }
  if (stage === "u-boot") {
    const remedy =
      "U-Boot behind the SPL is damaged or for another board; u-boot-sunxi-with-spl.bin must stand whole at byte 8192";
    return late("u-boot-silent", stage, `SPL ran, but U-Boot did not start ${waited}`, line, remedy);
  }
  if (stage === "init" && /^Starting kernel/.test(state.lastLine)) {
    const remedy =
      "the kernel's arguments need console=ttyS0,115200, its configuration the UART's driver, and the DTB must be the board's";
    return late("kernel-silent", stage, `the kernel was started, but printed nothing ${waited}`, line, remedy);
  }
  if (stage === "init" && "xen" in state.versions && !("kernel" in state.versions)) {
    const remedy =
      "the dom0 kernel needs console=hvc0 and XEN=y, and Xen needs its address and size in the device tree";
    return late("xen-silent", stage, `Xen started, but no dom0 kernel was heard of ${waited}`, line, remedy);
  }
  if (stage === "init" && state.rootAwaited !== undefined) {
    const remedy =
      "the card's driver must be built into the kernel (MMC_SUNXI=y), and root= must name a partition of the image";
    return late("root-missing", stage, `the root device did not appear ${waited}`, { line: state.rootAwaited }, remedy);
  }
  if (stage === "checks") {
    const remedy =
      "root must be able to log in on the serial console and get a shell; the serial log shows what was asked";
    return late("not-let-in", stage, `root had no shell ${waited}`, line, remedy);
  }
  const remedy =
    "the serial log says how far it came; on a slow host allow more with `proof: timeouts:`, or leave out what the boot does not need";
  return late(`no-${stage}`, stage, `the boot did not reach ${stage} ${waited}`, line, remedy);
}

function late(
  name: string,
  stage: ProofStage,
  message: string,
  line: { readonly line?: string },
  remedy: string,
): BootFailure {
  return { name, stage, message, ...line, remedy };
}

/** What it means that the emulator ended by itself. */
export function ended(state: BootState, exitCode: number): BootFailure {
  const stage = nextStage(state) ?? "checks";
  const line = state.lastLine === "" ? {} : { line: state.lastLine };
  if (exitCode === 0) {
    const message =
      stage === "spl" ? "the emulator ended before SPL" : `the board reset or switched itself off before ${stage}`;
    return { name: "reset", stage, message, ...line, remedy: "the last lines of the serial log say what it was doing" };
  }
  return {
    name: "emulator-failed",
    stage,
    message: `the emulator ended with exit code ${exitCode}`,
    ...line,
    remedy: "its own message is in the serial log",
  };
}
