import { createInterface, type Interface } from "node:readline";
import { StringDecoder } from "node:string_decoder";
import { hashPassword } from "../../util/crypt.js";
import type { Answer } from "../answers.js";
import { type Asked, type Asker, BACK, Left } from "../asker.js";
import { edited } from "./edited.js";

/**
 * Plain numbered questions, for screen readers and for terminals that move no cursor: what is written stays, and what
 * is typed is a line. `<` goes back.
 */
export function lineAsker(input: NodeJS.ReadStream, output: NodeJS.WritableStream): Asker {
  const say = (text: string): void => void output.write(`${text}\n`);
  const line = (question: string): Promise<string> => readLine(input, output, question);
  const asker: Asker = {
    say,
    async ask(asked) {
      say("");
      say(asked.message);
      if (asked.help) say(asked.help);
      for (const [i, { name, about, reason }] of asked.offers.entries()) {
        const more = reason ? `. Not possible: ${reason}` : about ? `. ${about.replaceAll("\n", ". ")}` : "";
        say(`${i + 1}. ${name}${more}`);
      }
      if (asked.kind !== "list") for (const drawn of asked.picture?.(asked.preset) ?? []) say(drawn);
      const answer = await (asked.kind === "list" ? askList(asked) : askOnce(asked));
      return answer;
    },
  };

  /** Asks again, with the reason, until an answer will do. */
  const askOnce = async (asked: Asked): Promise<Answer | typeof BACK> => {
    for (;;) {
      const typed = asked.kind === "secret" ? await secret(asked) : (await line(prompt(asked))).trim();
      if (typed === "<" && asked.back) return BACK;
      const answer = asked.kind === "secret" ? typed : meant(typed, asked);
      const refused = answer === undefined ? "say one of the numbers" : objectionTo(answer, asked);
      if (answer !== undefined && refused === undefined) return answer;
      say(`That will not do: ${refused}`);
    }
  };

  const askList = async (asked: Asked): Promise<Answer | typeof BACK> => {
    let lines: readonly string[] = typeof asked.preset === "object" ? asked.preset : [];
    for (;;) {
      say(lines.length === 0 ? "None so far." : "So far:");
      for (const one of lines) say(`  ${one}`);
      for (const drawn of asked.picture?.(lines) ?? []) say(drawn);
      const typed = (
        await line(`A line to add, -NAME to remove one, nothing to go on${asked.back ? ", < to go back" : ""}: `)
      ).trim();
      if (typed === "<" && asked.back) return BACK;
      const next = typed === "" ? lines : edited(lines, typed);
      const refused = asked.objection(next);
      if (refused !== undefined) say(`That will not do: ${refused}`);
      else if (typed === "") return lines;
      else lines = next;
    }
  };

  const secret = async (asked: Asked): Promise<string> => {
    const first = await readSilently(input, output, `Password${asked.back ? ", < to go back" : ""}: `);
    if (first === "" || (first === "<" && asked.back)) return first;
    const second = await readSilently(input, output, "The same again: ");
    if (first === second) return hashPassword(first);
    say("These were two different ones.");
    return secret(asked);
  };
  return asker;
}

function objectionTo(answer: Answer, { offers, objection }: Asked): string | undefined {
  const grey = offers.find(({ value, reason }) => reason !== undefined && (value === answer || answer.includes(value)));
  return typeof answer === "string" && grey?.value === answer ? grey.reason : objection(answer);
}

/** What a line means: numbers of choices, a choice's own word, something typed, or nothing for the preset. */
function meant(typed: string, { kind, offers, free, preset }: Asked): Answer | undefined {
  if (typed === "" && preset !== undefined) return preset;
  if (kind === "text") return typed;
  const one = (said: string): string | undefined =>
    offers[Number(said) - 1]?.value ??
    offers.find(({ value }) => value === said)?.value ??
    (free !== undefined && said !== "" ? said : undefined);
  if (kind === "one") return one(typed);
  if (/^(0|none)$/.test(typed)) return [];
  const known = /^[\d ,]+$/.test(typed) ? typed.split(/[ ,]+/).filter(Boolean).map(one) : [one(typed)];
  return known.every((said) => said !== undefined) ? known : undefined;
}

function prompt({ kind, offers, free, preset, back }: Asked): string {
  const number = (value: string): string => {
    const at = offers.findIndex((offer) => offer.value === value);
    return at < 0 ? value : String(at + 1);
  };
  const now = typeof preset === "string" ? number(preset) : preset && (preset.map(number).join(" ") || "none");
  const what = kind === "text" ? "Answer" : kind === "one" ? "Number" : "Numbers, with spaces between, or 0 for none";
  const more = [free && offers.length > 0 ? `or ${free}` : "", back ? "< to go back" : ""].filter(Boolean);
  return `${[what, ...more].join(", ")}${now === undefined || now === "" ? "" : ` [${now}]`}: `;
}

/** One line; rejects with Left when the terminal is gone or Ctrl-C was pressed. */
function readLine(input: NodeJS.ReadStream, output: NodeJS.WritableStream, question: string): Promise<string> {
  output.write(question);
  const reader: Interface = createInterface({ input, terminal: false });
  return new Promise((resolve, reject) => {
    const interrupted = () => {
      reader.close();
    };
    process.once("SIGINT", interrupted);
    let said = false;
    reader.once("line", (text) => {
      said = true;
      resolve(text);
      reader.close();
    });
    reader.once("close", () => {
      process.removeListener("SIGINT", interrupted);
      if (!said) reject(new Left());
    });
  });
}

/** One line that does not appear. */
function readSilently(input: NodeJS.ReadStream, output: NodeJS.WritableStream, question: string): Promise<string> {
  output.write(question);
  const decoder = new StringDecoder("utf8");
  input.setRawMode?.(true);
  input.resume();
  return new Promise((resolve, reject) => {
    let typed = "";
    const end = (how: () => void) => {
      input.off("data", take).off("end", gone);
      input.setRawMode?.(false);
      input.pause();
      output.write("\n");
      how();
    };
    const gone = () => end(() => reject(new Left()));
    const take = (data: Buffer | string) => {
      for (const key of typeof data === "string" ? data : decoder.write(data)) {
        if (key === "\r" || key === "\n") return end(() => resolve(typed));
        if (key === "\u0003" || key === "\u0004") return gone();
        typed = key === "\u007f" || key === "\b" ? [...typed].slice(0, -1).join("") : typed + key;
      }
    };
    input.on("data", take).once("end", gone);
  });
}
