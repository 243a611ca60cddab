import type { Talk } from "../engine/engine.js";
import type { ProofSpec, ProofStage } from "../recipe/spec.js";
import { Budget, type Host } from "./budget.js";
import { type Assertion, type Check, judge } from "./check.js";
import { type ConsoleLine, Overdue, SerialConsole } from "./console.js";
import { type BootFailure, STAGES } from "./failure.js";
import { logIn, NotLetIn } from "./log-in.js";
import type { Proof } from "./proof.js";
import { BoardShell } from "./shell.js";
import { type BootState, ended, nextStage, observe, overdue, POWERED_ON, reach } from "./stages.js";
import { wizardAnswer } from "./wizard.js";

/** Seconds an unloaded board may take to switch itself off. */
const POWER_OFF = 60;

/** Seconds a command typed at a prompt may take to be answered before the checks begin, and logging in, both unloaded. */
const LOG_IN = 60;

/** What a proof is asked to do with a running emulator. */
export interface ProofRequest {
  /** Where the emulator stops being like the board. */
  readonly until: "kernel" | "login";
  /** The board boots over the network: what U-Boot lacks on the card is no failure. */
  readonly network?: true;
  readonly timeouts: ProofSpec["timeouts"];
  /** Root's, from the throw-away copy or for the first-boot dialog. */
  readonly password: string;
  /** Random word that marks the answers. */
  readonly mark: string;
  readonly checks: readonly Check[];
  /** Lines for people: stages and checks as they come. */
  readonly say: (line: string) => void;
  readonly onLine?: (line: ConsoleLine) => void;
}

/** What the console showed. */
export interface Proven
  extends Pick<Proof, "stages" | "failure" | "checks" | "versions" | "powerOff" | "access" | "verdict"> {
  readonly lines: readonly ConsoleLine[];
}

/** The boot cannot succeed any more. */
class BootFailed extends Error {
  readonly failure: BootFailure;
  constructor(failure: BootFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/**
 * Follows an emulated boot through its stages, gets in as root, runs the checks and switches off.
 * A boot that fails is a result, not an exception; throws only when aborted or when the engine is lost. Ends the emulator.
 */
export async function prove(talk: Talk, request: ProofRequest, host: Host, signal: AbortSignal): Promise<Proven> {
  const boot = new Boot(talk, request, host, signal);
  try {
    return await boot.prove();
  } finally {
    await talk.kill();
  }
}

class Boot {
  readonly #request: ProofRequest;
  readonly #host: Host;
  readonly #console: SerialConsole;
  #state: BootState = POWERED_ON;
  #poweringOff = false;
  #exitCode: number | undefined;
  #lost: { readonly error: unknown } | undefined;
  #dialog = false;
  readonly #checks: Assertion[] = [];

  constructor(talk: Talk, request: ProofRequest, host: Host, signal: AbortSignal) {
    this.#request = request;
    if (request.network) this.#state = { ...POWERED_ON, network: true };
    this.#host = host;
    this.#console = new SerialConsole(
      talk,
      host,
      signal,
      (line, whole) => this.#observe(line, whole),
      () => this.#watch(),
    );
    talk.exitCode.then(
      (code) => {
        this.#exitCode = code;
      },
      (error: unknown) => {
        this.#lost = { error };
      },
    );
  }

  async prove(): Promise<Proven> {
    let failure: BootFailure | undefined;
    let powerOff: string | undefined;
    try {
      await this.#boot();
      if (this.#request.until === "login") {
        await this.#check();
        powerOff = await this.#powerOff();
      }
    } catch (error) {
      if (!(error instanceof BootFailed)) throw error;
      failure = error.failure;
    }
    const bad = this.#checks.filter((one) => one.verdict === "failed");
    if (failure === undefined && bad.length > 0) failure = checksFailed(bad);
    return {
      verdict: failure ? "failed" : this.#request.until === "login" ? "proven" : "proven-to-kernel",
      stages: this.#state.reached,
      ...(failure ? { failure } : {}),
      checks: this.#checks,
      versions: this.#state.versions,
      ...(powerOff === undefined ? {} : { powerOff }),
      ...(this.#state.reached.some((one) => one.stage === "checks")
        ? { access: this.#dialog ? "first-boot dialog" : "password of the proof's own" }
        : {}),
      lines: this.#console.lines(),
    };
  }

  /** Waits through the stages up to the one where the emulator or the boot ends. */
  async #boot(): Promise<void> {
    const goal = STAGES.indexOf(this.#request.until);
    const at = (): number => STAGES.indexOf(nextStage(this.#state) ?? "checks");
    while (at() <= goal) {
      const from = at();
      const stage = STAGES[from] as ProofStage;
      const budget = new Budget(this.#host, this.#request.timeouts[stage]);
      await this.#within(budget, () => this.#reach(() => at() > from, budget));
    }
  }

  /** Waits until a stage is reached, and answers the first-boot wizard where one stands in the way. */
  async #reach(reached: () => boolean, budget: Budget): Promise<void> {
    for (;;) {
      const answer = await this.#console.until(() => {
        if (this.#state.failure !== undefined) return undefined;
        return reached() ? "reached" : wizardAnswer(this.#console, this.#request.password);
      }, budget);
      if (answer === "reached") return;
      this.#dialog ||= answer.isPassword;
      await this.#console.type(answer.types);
    }
  }

  async #check(): Promise<void> {
    const { password, mark, checks, timeouts, say } = this.#request;
    // A system whose checks are given more time needs more before them, too.
    const getIn = new Budget(this.#host, Math.max(LOG_IN, timeouts.checks));
    const shell = await this.#within(getIn, async () => {
      this.#dialog = (await logIn(this.#console, password, getIn)).dialog || this.#dialog;
      return await BoardShell.open(this.#console, mark, getIn);
    });
    this.#state = reach(this.#state, "checks", this.#console.seconds);
    const budget = new Budget(this.#host, timeouts.checks);
    for (const check of checks) {
      const start = this.#console.seconds;
      const ran = await this.#within(budget, () => shell.run(check.run, budget), check);
      const assertion = judge(check, ran, this.#console.seconds - start);
      this.#checks.push(assertion);
      const why = assertion.reason === undefined ? "" : `: ${assertion.reason}`;
      say(`check ${check.name}: ${assertion.verdict}${why}`);
    }
  }

  async #powerOff(): Promise<string> {
    this.#poweringOff = true;
    const start = this.#console.seconds;
    const budget = new Budget(this.#host, POWER_OFF);
    await this.#console.type("poweroff\n");
    try {
      await this.#console.until(
        () => this.#console.ended || this.#console.take(/reboot: (?:Power down|System halted)/) || undefined,
        budget,
      );
      return `clean, in ${Math.round(this.#console.seconds - start)} s`;
    } catch (error) {
      if (!(error instanceof Overdue)) throw error;
      return `not down after ${Math.round(error.seconds)} s`;
    }
  }

  /** Turns what goes wrong while waiting into the boot's failure. */
  async #within<T>(budget: Budget, work: () => Promise<T>, check?: Check): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Overdue) {
        const failure = overdue(this.#state, budget.wall, this.#console.silent);
        throw new BootFailed(check ? { ...failure, ...hung(check, budget.wall) } : failure);
      }
      if (error instanceof NotLetIn) {
        const remedy = "root must be able to log in on the serial console; the serial log shows what was asked";
        throw new BootFailed({ name: "not-let-in", stage: "checks", message: error.message, remedy });
      }
      throw error;
    }
  }

  #observe(line: ConsoleLine, whole: boolean): void {
    const before = this.#state;
    this.#state = observe(before, line.text, this.#console.seconds, whole);
    for (const { stage, seconds } of this.#state.reached.slice(before.reached.length)) {
      this.#request.say(`${stage} after ${seconds.toFixed(1)} s`);
    }
    if (whole) this.#request.onLine?.(line);
  }

  #watch(): void {
    if (this.#lost) throw this.#lost.error;
    if (this.#state.failure) throw new BootFailed(this.#state.failure);
    if (!this.#console.ended || this.#poweringOff) return;
    // The output may end a moment before the exit code is known.
    if (this.#exitCode !== undefined) throw new BootFailed(ended(this.#state, this.#exitCode));
  }
}

function hung(check: Check, seconds: number): Partial<BootFailure> {
  return {
    name: "check-hangs",
    message: `the check "${check.name}" was not over after ${Math.round(seconds)} s: ${check.run}`,
    remedy: "allow more with `proof: timeouts: { checks: … }`, or see in the serial log what it waits for",
  };
}

function checksFailed(bad: readonly Assertion[]): BootFailure {
  const said = bad.map((one) => `${one.name} (${one.reason})`).join("; ");
  return {
    name: "checks-failed",
    stage: "checks",
    message: bad.length === 1 ? `a check failed: ${said}` : `${bad.length} checks failed: ${said}`,
    remedy: "the proof's JSON has each check's command and output",
  };
}
