import type { Host } from "../../../src/emulate/budget.js";
import type { Talk } from "../../../src/engine/engine.js";

/** A host whose time passes only when somebody lets it pass. */
export function idleHost(load = 0): Host & { readonly typed: readonly number[] } {
  let now = 0;
  const typed: number[] = [];
  return {
    typed,
    now: () => now,
    load: () => load,
    pause: async (milliseconds) => {
      now += milliseconds / 1000;
      if (milliseconds < 100) typed.push(milliseconds);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** A board at the other end of a serial line: what it says unasked, and what it says to each line typed. */
export interface SerialBoard {
  readonly says: readonly string[];
  /** Echoes what is typed, as ttys do. */
  readonly echo?: boolean;
  answer?(line: string): string | { readonly text: string; readonly ends: true } | undefined;
}

/** Starts a board as an engine would start its emulator. */
export function startBoard(board: SerialBoard): Talk & { readonly killed: () => boolean } {
  const queue: Buffer[] = board.says.map((text) => Buffer.from(text));
  let wake = (): void => {};
  let over = false;
  let killed = false;
  let line = "";
  let settle = (_: number): void => {};
  const exitCode = new Promise<number>((resolve) => {
    settle = resolve;
  });
  const say = (text: string): void => {
    queue.push(Buffer.from(text));
    wake();
  };
  const end = (code: number): void => {
    over = true;
    settle(code);
    wake();
  };
  async function* output(): AsyncGenerator<Buffer> {
    for (;;) {
      const next = queue.shift();
      if (next) yield next;
      else if (over) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  }
  return {
    output: output(),
    exitCode,
    killed: () => killed,
    kill: async () => {
      killed = true;
      end(137);
    },
    write: (data) => {
      const text = data.toString();
      if (board.echo) say(text.replace("\n", "\r\n"));
      line += text;
      if (!line.endsWith("\n")) return;
      const answer = board.answer?.(line.slice(0, -1));
      line = "";
      if (typeof answer === "string") say(answer);
      else if (answer) {
        say(answer.text);
        end(0);
      }
    },
  };
}

/** What a shell prints for a line `_r NUMBER 'COMMAND'`, or for the one that defines `_r`. */
export function shellAnswer(line: string, mark: string, ran: (command: string) => readonly [number, string]): string {
  const call = /(?:^|;)_r (\d+) (.*)$/s.exec(line);
  if (!call) return "";
  const command = (call[2] ?? "").replace(/^'|'$/g, "").replaceAll("'\\''", "'");
  const [code, text] = ran(command);
  return `\r\n<${mark}-${call[1]}:${text.replaceAll("\n", "\r\n")}\r\n:${mark}-${call[1]}:${code}>\r\n`;
}
