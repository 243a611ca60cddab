import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { refuse, StepFailed } from "../../diagnostic/failure.js";
import { forgetLogs } from "../../run/past-runs.js";
import { collect } from "../../store/collect.js";
import { openStore } from "../../store/open.js";
import { usage } from "../../store/usage.js";
import { verify } from "../../store/verify.js";
import { formatSize } from "../../util/size.js";
import type { Cli, CommandBody } from "../command.js";
import { placesFor } from "../plan-for.js";

type Flags = { readonly [name: string]: unknown };

/** Logs of that many runs are kept per recipe. */
const KEPT_LOGS = 20;

/** `boardsmith store du|gc|verify`. */
export const run: CommandBody = async (cli, [what], flags) => {
  const { storeRoot } = placesFor(cli, { name: "any", file: "" }, flags);
  const { root } = await openStore(storeRoot);
  if (what === "du") return du(cli, root, flags);
  if (what === "gc") return gc(cli, root, flags);
  if (what === "verify") return check(cli, root);
  throw refuse("usage", `no such command: store ${what}`, "there are store du, store gc and store verify");
};

async function du(cli: Cli, root: string, flags: Flags): Promise<number> {
  const all = await usage(root);
  if (flags.json) {
    cli.stdout.write(`${JSON.stringify(all)}\n`);
    return 0;
  }
  const rows = [
    ["on disk", "apparent", "results", "step", "recipes"],
    ...all.steps.map((row) => [
      formatSize(row.allocated),
      formatSize(row.apparent),
      String(row.results),
      row.step,
      row.recipes.join(" ") || "-",
    ]),
    [formatSize(all.unnamed.allocated), formatSize(all.unnamed.apparent), "-", "(local files, leftovers)", "-"],
    ...all.caches.map(({ name, allocated }) => [formatSize(allocated), "", "-", `(cache ${name})`, "-"]),
    [formatSize(all.scratch), "", "-", "(scratch)", "-"],
  ];
  cli.stdout.write(`${all.root}: ${formatSize(all.allocated)} on disk\n${table(rows)}`);
  return 0;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column < 3 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join("  ");
  return rows.map((row) => `${line(row).trimEnd()}\n`).join("");
}

async function gc(cli: Cli, root: string, flags: Flags): Promise<number> {
  const keepRuns = count("--keep-runs", flags.keepRuns ?? "3");
  const keepDays = count("--keep-days", flags.keepDays ?? "0");
  const dryRun = Boolean(flags.dryRun);
  const gone = await collect(root, { keepRuns, keepDays, dryRun });
  if (!dryRun) {
    const states = join(root, "state");
    for (const state of await readdir(states).catch(() => [])) await forgetLogs(join(states, state, "logs"), KEPT_LOGS);
  }
  if (flags.json) {
    cli.stdout.write(`${JSON.stringify({ dryRun, ...gone })}\n`);
    return 0;
  }
  for (const { step, key, at } of gone.results) cli.stdout.write(`${at}  ${step}  ${key.slice(0, 12)}\n`);
  const verb = dryRun ? "would remove" : "removed";
  cli.stdout.write(`${verb} ${gone.results.length} results and ${gone.objects} objects, ${formatSize(gone.freed)}\n`);
  if (gone.others > 0) cli.stdout.write("another boardsmith is at work on this store: all objects were left alone\n");
  for (const path of gone.left) cli.stdout.write(`${path} belongs to another user; remove it as root\n`);
  return 0;
}

async function check(cli: Cli, root: string): Promise<number> {
  const { objects, bytes, corrupt, dropped } = await verify(root, cli.signal);
  for (const digest of corrupt) cli.stdout.write(`corrupt, removed: ${digest}\n`);
  for (const { step, key } of dropped) cli.stdout.write(`to be made again: ${step} ${key.slice(0, 12)}\n`);
  cli.stdout.write(
    `${objects} objects read, ${formatSize(bytes)}: ${corrupt.length === 0 ? "all sound" : `${corrupt.length} corrupt`}\n`,
  );
  if (corrupt.length > 0)
    throw new StepFailed("store verify", "the store held corrupt objects; the next build makes them again");
  return 0;
}

function count(flag: string, value: unknown): number {
  if (typeof value !== "string" || !/^\d+$/.test(value))
    throw refuse("usage", `${flag} takes a whole number, not "${value}"`);
  return Number(value);
}
