import type { Diagnostic, Location } from "../diagnostic/diagnostic.js";

/** Kconfig lines and where they come from, so that a dropped symbol can be blamed by file and line. */
export interface Fragment {
  /** `lvm2`, or the path as the recipe wrote it. */
  readonly name: string;
  /** Absolute path when it is a user's file. */
  readonly path?: string;
  readonly text: string;
}

/** One symbol a fragment asks for. */
export interface Ask {
  /** Without `CONFIG_`. */
  readonly symbol: string;
  /** `y`, `m`, `n` (also for "is not set"), a number, or a string with its quotes. */
  readonly value: string;
  readonly at: Location;
}

/**
 * Reads a Kconfig fragment: lines of `CONFIG_X=value` and `# CONFIG_X is not set`, comments and blank lines.
 * Kconfig itself skips what it does not understand with a warning nobody sees; here such a line is an error with its place.
 */
export function parseFragment(fragment: Fragment): {
  readonly asks: readonly Ask[];
  readonly diagnostics: readonly Diagnostic[];
} {
  const asks: Ask[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const [index, raw] of fragment.text.split("\n").entries()) {
    const text = raw.replace(/\r$/, "");
    const at = place(fragment.name, index + 1, text);
    const ask = readLine(text, at);
    if (ask === undefined) continue;
    if ("code" in ask) diagnostics.push(ask);
    else asks.push(ask);
  }
  return { asks, diagnostics };
}

function place(file: string, line: number, text: string): Location {
  const column = text.length - text.trimStart().length + 1;
  return { file, line, column, length: Math.max(1, text.trim().length), text };
}

function readLine(text: string, at: Location): Ask | Diagnostic | undefined {
  const off = /^# CONFIG_(\w+) is not set\s*$/.exec(text);
  if (off) return { symbol: off[1] ?? "", value: "n", at };
  const line = text.trim();
  const nearlyOff = /^#\s*CONFIG_(\w+)\s+(?:is\s+)?not\s+set\b/.exec(line);
  if (nearlyOff) {
    return {
      severity: "warning",
      code: "bad-fragment",
      message: `Kconfig reads this line as a comment, so ${nearlyOff[1]} is not switched off`,
      at,
      help: `write exactly "# CONFIG_${nearlyOff[1]} is not set"`,
    };
  }
  if (line === "" || line.startsWith("#")) return undefined;

  const wrong = (message: string, help?: string): Diagnostic => ({
    severity: "error",
    code: "bad-fragment",
    message,
    at,
    ...(help ? { help } : {}),
  });
  const parts = /^(?<prefix>CONFIG_)?(?<symbol>\w+)(?<before>\s*)=(?<after>\s*)(?<value>.*)$/s.exec(line)?.groups;
  if (!parts)
    return wrong(
      `"${line}" is no line of a Kconfig fragment`,
      'a line is CONFIG_NAME=value, or "# CONFIG_NAME is not set"',
    );
  const { symbol = "", value = "" } = parts;
  if (parts["prefix"] === undefined)
    return wrong(`"${symbol}" lacks its CONFIG_ prefix`, `write CONFIG_${symbol}=${value}`);
  if (parts["before"] || parts["after"] || line !== text.trimEnd()) {
    return wrong("Kconfig allows no blank before CONFIG_ or around the equals sign", `write CONFIG_${symbol}=${value}`);
  }
  const complaint = valueComplaint(symbol, value);
  return complaint ? wrong(...complaint) : { symbol, value, at };
}

/** What is wrong with a value and what to write instead; undefined when Kconfig takes it. */
function valueComplaint(symbol: string, value: string): readonly [string, string] | undefined {
  if (/^(?:[ymn]|-?\d+|0[xX][0-9a-fA-F]+|"(?:[^"\\]|\\.)*")$/.test(value)) return undefined;
  if (value === "")
    return [
      `CONFIG_${symbol} has no value`,
      `write "# CONFIG_${symbol} is not set", or CONFIG_${symbol}="" for an empty text`,
    ];
  const letter = /^(?:"?(y|yes|true|on)"?|"?(n|no|false|off)"?|"?(m|module)"?)$/i.exec(value);
  if (letter)
    return [`"${value}" is no value of Kconfig's`, `write CONFIG_${symbol}=${letter[1] ? "y" : letter[2] ? "n" : "m"}`];
  const comment = /^([ymn]|-?\d+|0[xX][0-9a-fA-F]+|"(?:[^"\\]|\\.)*")\s+#/.exec(value);
  if (comment) return ["a comment must stand on a line of its own", `write CONFIG_${symbol}=${comment[1]}`];
  if (value.startsWith('"'))
    return [`the text ${value} does not end where the line ends`, 'write " inside a text as \\"'];
  return [`"${value}" is no value of Kconfig's`, `a text stands in quotes: CONFIG_${symbol}="${value}"`];
}
