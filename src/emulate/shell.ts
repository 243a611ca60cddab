import type { Budget } from "./budget.js";
import type { Ran } from "./check.js";
import type { SerialConsole } from "./console.js";

/** Longest piece typed on one line: a tty in canonical mode drops what goes beyond 4095 bytes. */
const PIECE = 1000;

/**
 * Runs commands on a root shell over the console. What it answers stands between markers that the typed text does not
 * contain (printf puts them together), so that neither the echo nor a command's own output can be taken for one.
 */
export class BoardShell {
  readonly #console: SerialConsole;
  readonly #mark: string;
  #count = 0;

  private constructor(console: SerialConsole, mark: string) {
    this.#console = console;
    this.#mark = mark;
  }

  /** Makes the shell at the prompt ready: no echo, no kernel messages in between, no pager, one function `_r`. */
  static async open(console: SerialConsole, mark: string, budget: Budget): Promise<BoardShell> {
    const shell = new BoardShell(console, mark);
    await console.type(
      `stty -echo;PS1=;PS2=;echo 1 >/proc/sys/kernel/printk;export TERM=dumb PAGER=cat SYSTEMD_PAGER=cat SYSTEMD_COLORS=0\n`,
    );
    // On one line with what answers, so that the answer says the line before has run too.
    await console.type(
      `_r(){ printf '\\n<%s-%s:' ${mark} $1;sh -c "$2" </dev/null 2>&1;printf '\\n:%s-%s:%s>\\n' ${mark} $1 $?; };_r 0 :\n`,
    );
    await shell.#answer(0, budget);
    return shell;
  }

  /** Runs a command under `sh -c` with nothing on its standard input. */
  async run(command: string, budget: Budget): Promise<Ran> {
    this.#count += 1;
    const number = this.#count;
    const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
    if (command.length <= PIECE) {
      await this.#console.type(`_r ${number} ${quoted(command)}\n`);
    } else {
      await this.#console.type("_c=\n");
      for (let at = 0; at < command.length; at += PIECE) {
        await this.#console.type(`_c="$_c"${quoted(command.slice(at, at + PIECE))}\n`);
      }
      await this.#console.type(`_r ${number} "$_c"\n`);
    }
    return await this.#answer(number, budget);
  }

  async #answer(number: number, budget: Budget): Promise<Ran> {
    const begin = `<${this.#mark}-${number}:`;
    const pattern = new RegExp(`\\n:${this.#mark}-${number}:(\\d+)>`);
    const { before, match } = await this.#console.until(() => this.#console.take(pattern), budget);
    const output = before.slice(before.lastIndexOf(begin) + begin.length);
    return { exitCode: Number(match[1]), output: output.trim() };
  }
}
