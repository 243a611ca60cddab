import inquirer from "inquirer";
import { hashPassword } from "../../util/crypt.js";
import type { Answer } from "../answers.js";
import { type Asked, type Asker, BACK, Left } from "../asker.js";
import type { Offer } from "../question.js";
import { edited } from "./edited.js";

const BACK_ROW = "\u0000back";
const OTHER_ROW = "\u0000other";
/** Lines that a question has around its list: message, blank, description, hint. */
const AROUND = 9;

type Output = NodeJS.WritableStream & { readonly rows?: number };

/** Questions as inquirer asks them: arrows, searching, marks. Esc goes back, and so does a row of each list. */
export function promptAsker(input: NodeJS.ReadStream, output: Output, colour: boolean): Asker {
  const prompt = inquirer.createPromptModule({ input, output: output as NodeJS.WriteStream });
  const theme = colour ? {} : { theme: PLAIN };
  const say = (text: string): void => void output.write(`${text}\n`);

  /** One prompt of inquirer's; Esc ends it as BACK where one can go back. */
  const put = async <T>(question: object, back: boolean): Promise<T | typeof BACK> => {
    const running = prompt([{ ...theme, ...question, name: "said" } as never]) as Promise<{ said: T }> & {
      ui: { close(): void };
    };
    let escaped = false;
    const onKey = (_: unknown, key?: { readonly name?: string }) => {
      if (key?.name !== "escape" || !back) return;
      escaped = true;
      running.ui.close();
    };
    input.on("keypress", onKey);
    try {
      return (await running).said;
    } catch (error) {
      if (escaped) return BACK;
      const { name } = error as Error;
      if (name === "ExitPromptError" || name === "AbortPromptError") throw new Left();
      throw error;
    } finally {
      input.off("keypress", onKey);
    }
  };

  const pageSize = () => Math.max(4, Math.min(15, (output.rows ?? 24) - AROUND));

  const one = async (asked: Asked): Promise<Answer | typeof BACK> => {
    const typed = asked.preset !== undefined && !asked.offers.some(({ value }) => value === asked.preset);
    const rows = [
      ...(typed ? [{ value: String(asked.preset), name: String(asked.preset), short: String(asked.preset) }] : []),
      ...asked.offers.map(row),
      ...(asked.free ? [{ value: OTHER_ROW, name: `something else: ${asked.free}`, short: "something else" }] : []),
      ...(asked.back ? [{ value: BACK_ROW, name: "\u2039 back", short: "back" }] : []),
    ];
    const preset = typeof asked.preset === "string" ? { default: asked.preset } : {};
    const list = asked.search
      ? { type: "search", source: (term = "") => rows.filter((each) => matches(each, term)) }
      : { type: "select", choices: rows, loop: false };
    const said = await put<string>({ ...list, ...preset, message: asked.message, pageSize: pageSize() }, asked.back);
    if (said === BACK || said === BACK_ROW) return BACK;
    if (said !== OTHER_ROW) return said;
    const word = await text(
      { ...asked, message: `${asked.free?.[0]?.toUpperCase()}${asked.free?.slice(1)}:`, preset: undefined },
      true,
    );
    return word === BACK ? one(asked) : word;
  };

  const text = (asked: Asked, back = asked.back): Promise<Answer | typeof BACK> => {
    const validate = (said: string) => asked.objection(said.trim() || String(asked.preset ?? "")) ?? true;
    const preset = typeof asked.preset === "string" && asked.preset !== "" ? { default: asked.preset } : {};
    return put<string>({ type: "input", message: asked.message, ...preset, validate }, back).then((said) =>
      said === BACK ? said : said.trim(),
    );
  };

  const several = async (asked: Asked): Promise<Answer | typeof BACK> => {
    if (asked.offers.length === 0) return list(asked);
    const choices = asked.offers.map((offer) => ({
      ...row(offer),
      checked: asked.preset?.includes(offer.value) === true,
    }));
    const validate = (marked: readonly { readonly value: string }[]) =>
      asked.objection(marked.map(({ value }) => value)) ?? true;
    return put<string[]>(
      { type: "checkbox", message: asked.message, choices, validate, loop: false, pageSize: pageSize() },
      asked.back,
    );
  };

  const secret = async (asked: Asked): Promise<Answer | typeof BACK> => {
    for (;;) {
      const first = await put<string>({ type: "password", message: asked.message, mask: "*" }, asked.back);
      if (first === BACK || first === "") return first;
      const second = await put<string>({ type: "password", message: "The same again:", mask: "*" }, asked.back);
      if (second === BACK) continue;
      if (first === second) return hashPassword(first);
      say("These were two different ones.");
    }
  };

  const list = async (asked: Asked): Promise<Answer | typeof BACK> => {
    let lines: readonly string[] = typeof asked.preset === "object" ? asked.preset : [];
    for (;;) {
      for (const line of lines) say(`    ${line}`);
      for (const line of asked.picture?.(lines) ?? []) say(`  ${line}`);
      const now = lines;
      const after = (typed: string) => (typed.trim() === "" ? now : edited(now, typed.trim()));
      const message = lines.length === 0 ? asked.message : "Add a line, or -NAME to remove one; Enter goes on:";
      const said = await put<string>(
        { type: "input", message, validate: (typed: string) => asked.objection(after(typed)) ?? true },
        asked.back,
      );
      if (said === BACK) return BACK;
      if (said.trim() === "") return lines;
      lines = after(said);
    }
  };

  return {
    say,
    ask(asked) {
      if (asked.help) say(`  ${asked.help}`);
      if (asked.kind !== "list") for (const line of asked.picture?.(asked.preset) ?? []) say(`  ${line}`);
      const kinds = { one, text: (each: Asked) => text(each), several, secret, list };
      return kinds[asked.kind](asked);
    },
  };
}

interface Row {
  readonly value: string;
  readonly name: string;
  readonly short: string;
  readonly description?: string;
  readonly disabled?: string;
}

function row({ value, name, about, reason }: Offer): Row {
  const more = about === undefined ? {} : { description: about };
  return { value, name, short: name, ...more, ...(reason === undefined ? {} : { disabled: `(${reason})` }) };
}

/** Every word of what was typed stands somewhere in the row. */
function matches({ name, description = "", value }: Row, term: string): boolean {
  const all = `${name} ${description}`.toLowerCase();
  return (
    value === BACK_ROW ||
    term
      .toLowerCase()
      .split(/\s+/)
      .every((word) => all.includes(word))
  );
}

const bare = (text: string): string => text;

/** inquirer's looks without a colour. */
const PLAIN = {
  prefix: { idle: "?", done: "\u2714" },
  style: {
    answer: bare,
    message: bare,
    error: (text: string) => `> ${text}`,
    defaultAnswer: (text: string) => `(${text})`,
    help: bare,
    highlight: bare,
    key: (text: string) => `<${text}>`,
    disabled: (text: string) => text,
    description: bare,
    searchTerm: bare,
    maskedText: bare,
    disabledChoice: (text: string) => `- ${text}`,
    keysHelpTip: (keys: readonly (readonly [string, string])[]) =>
      keys.map(([key, does]) => `${key} ${does}`).join(", "),
  },
};
