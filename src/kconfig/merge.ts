import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { type Ask, type Fragment, parseFragment } from "./fragment.js";

/**
 * What several fragments ask for together, later lines winning, in the order of their last mention.
 * A symbol that two lines ask to be different things gets a warning that names both.
 */
export function mergeFragments(fragments: readonly Fragment[]): {
  readonly asks: readonly Ask[];
  readonly diagnostics: readonly Diagnostic[];
} {
  const asks = new Map<string, Ask>();
  const diagnostics: Diagnostic[] = [];
  for (const fragment of fragments) {
    const parsed = parseFragment(fragment);
    diagnostics.push(...parsed.diagnostics);
    for (const ask of parsed.asks) {
      const earlier = asks.get(ask.symbol);
      if (earlier && earlier.value !== ask.value) diagnostics.push(overruled(earlier, ask));
      asks.delete(ask.symbol);
      asks.set(ask.symbol, ask);
    }
  }
  return { asks: [...asks.values()], diagnostics };
}

/** An ask as Kconfig writes it: `CONFIG_DM_RAID=m`, or "# CONFIG_VT is not set". */
export function kconfigLine(symbol: string, value: string): string {
  return value === "n" ? `# CONFIG_${symbol} is not set` : `CONFIG_${symbol}=${value}`;
}

function overruled(earlier: Ask, later: Ask): Diagnostic {
  return {
    severity: "warning",
    code: "fragment-conflict",
    message: `CONFIG_${later.symbol}=${later.value} overrules CONFIG_${earlier.symbol}=${earlier.value} of ${earlier.at.file}:${earlier.at.line}`,
    at: later.at,
    help: "the later one wins; drop one of the two lines",
    related: [{ message: "asked for first here", at: earlier.at }],
  };
}
