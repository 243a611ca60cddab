import search from "@inquirer/search";
import { hashPassword } from "../../util/crypt.js";
import type { Answer } from "../answers.js";
import { type Asked, type Asker, BACK, Left } from "../asker.js";
import type { Offer } from "../question.js";
import { edited } from "./edited.js";
import { wrap } from "./wrap.js";

const BACK_ROW = "\u0000back";
const OTHER_ROW = "\u0000other";
/** Lines that a question has around its list: message, blank, description, hint. */
const AROUND = 9;

type Prompt = (question: never, context: never) => Promise<unknown>;

/** What the first question does not need. */
const KINDS = {
  select: async () => (await import("@inquirer/select")).default as Prompt,
  input: async () => (await import("@inquirer/input")).default as Prompt,
  checkbox: async () => (await import("@inquirer/checkbox")).default as Prompt,
  password: async () => (await import("@inquirer/password")).default as Prompt,
};

/** Long enough for the first question to be drawn, ms. */
const DRAWN = 100;

type Output = NodeJS.WritableStream & { readonly rows?: number; readonly columns?: number };

/** Questions as inquirer asks them: arrows, searching, marks. Esc goes back, and so does a row of each list. */
export function promptAsker(input: NodeJS.ReadStream, output: Output, colour: boolean): Asker {
  const theme = colour ? {} : { theme: PLAIN };
  const say = (text: string): void => void output.write(`${text}\n`);

  /** One of inquirer's prompts, loaded when it is first wanted; Esc ends it as BACK where one can go back. */
  const put = async <T>(kind: Promise<Prompt> | Prompt, question: object, back: boolean): Promise<T | typeof BACK> => {
    const prompt = await kind;
    const escaped = new AbortController();
    const onKey = (_: unknown, key?: { readonly name?: string }) => {
      if (back && key?.name === "escape") escaped.abort();
    };
    input.on("keypress", onKey);
    try {
      return (await prompt(
        { ...theme, ...question } as never,
        { input, output, signal: escaped.signal } as never,
      )) as T;
    } catch (error) {
      if (escaped.signal.aborted) return BACK;
      if ((error as Error).name === "ExitPromptError") throw new Left();
      throw error;
    } finally {
      input.off("keypress", onKey);
    }
  };

  const width = () => Math.max(30, Math.min(100, output.columns ?? 80) - 6);
  /** Whether an answer will do, as prompts want it. */
  const verdict = (objection: string | undefined): string | true =>
    objection === undefined ? true : wrap(objection, width()).join("\n  ");
  const row = (offer: Offer): Row => rowOf(offer, width());

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
    const question = { ...preset, message: asked.message, pageSize: pageSize() };
    const said = await (asked.search
      ? put<string>(
          search as Prompt,
          { ...question, source: (term = "") => rows.filter((each) => matches(each, term)) },
          asked.back,
        )
      : put<string>(KINDS.select(), { ...question, choices: rows, loop: false }, asked.back));
    if (said === BACK || said === BACK_ROW) return BACK;
    if (said !== OTHER_ROW) return said;
    const word = await text(
      { ...asked, message: `${asked.free?.[0]?.toUpperCase()}${asked.free?.slice(1)}:`, preset: undefined },
      true,
    );
    return word === BACK ? one(asked) : word;
  };

  const text = (asked: Asked, back = asked.back): Promise<Answer | typeof BACK> => {
    const validate = (said: string) => verdict(asked.objection(said.trim() || String(asked.preset ?? "")));
    const preset = typeof asked.preset === "string" && asked.preset !== "" ? { default: asked.preset } : {};
    return put<string>(KINDS.input(), { message: asked.message, ...preset, validate }, back).then((said) =>
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
      verdict(asked.objection(marked.map(({ value }) => value)));
    return put<string[]>(
      KINDS.checkbox(),
      { message: asked.message, choices, validate, loop: false, pageSize: pageSize() },
      asked.back,
    );
  };

  const secret = async (asked: Asked): Promise<Answer | typeof BACK> => {
    for (;;) {
      const first = await put<string>(KINDS.password(), { message: asked.message, mask: "*" }, asked.back);
      if (first === BACK || first === "") return first;
      const second = await put<string>(KINDS.password(), { message: "The same again:", mask: "*" }, asked.back);
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
      const message =
        lines === asked.preset && lines.length > 0
          ? `${asked.message} Enter keeps these:`
          : lines.length === 0
            ? asked.message
            : "Add a line, or -NAME to remove one; Enter goes on:";
      const said = await put<string>(
        KINDS.input(),
        { message, validate: (typed: string) => verdict(asked.objection(after(typed))) },
        asked.back,
      );
      if (said === BACK) return BACK;
      if (said.trim() === "") return lines;
      lines = after(said);
    }
  };

  // The other kinds of question are loaded while somebody reads the first.
  setTimeout(() => void Promise.allSettled(Object.values(KINDS).map((load) => load())), DRAWN).unref();
  let greeted = false;
  return {
    say,
    ask(asked) {
      if (!greeted) say("Esc goes back; Ctrl-C leaves, and keeps what was answered.");
      greeted = true;
      for (const line of asked.help?.split("\n") ?? []) say(`  ${line}`);
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

/** A grey row has its reason below it. */
function rowOf({ value, name, about, reason }: Offer, width: number): Row {
  const more = about === undefined ? {} : { description: about };
  return {
    value,
    name,
    short: name,
    ...more,
    ...(reason === undefined
      ? {}
      : {
          disabled: wrap(reason, width)
            .map((line) => `\n    ${line}`)
            .join(""),
        }),
  };
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
