import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { cardFacts } from "../flash/cards/card-facts.js";
import type { OwnCard } from "../flash/cards/own-of.js";
import type { Drive } from "../flash/drive.js";
import type { NamedDrive } from "../flash/drives/find-drive.js";
import { type CardResult, flashCards } from "../flash/flash-cards.js";
import { journalIn, NO_JOURNAL } from "../flash/journal.js";
import { probeDrive } from "../flash/probe.js";
import { appendRecord, cardRecord } from "../flash/record.js";
import type { FlashView } from "../flash/view/view.js";
import { formatSize } from "../util/size.js";
import type { Cli } from "./command.js";
import { openDrives } from "./flash-drives.js";
import type { FlashImage } from "./flash-image.js";

/** What is done to drives once nothing is against it. */
export interface FlashRun {
  readonly update: boolean;
  readonly probe: boolean;
  readonly eject: boolean;
  /** File that gets a line for each card. */
  readonly record: string | undefined;
  readonly view: FlashView;
}

/**
 * Opens confirmed drives, probes and writes them, and tells what became of each. True when all are good. `cards`: what is each
 * drive's own, in the drives' order.
 */
export async function runFlash(
  cli: Cli,
  image: FlashImage,
  named: readonly NamedDrive[],
  run: FlashRun,
  cards?: readonly OwnCard[],
): Promise<boolean> {
  const drives = await openDrives(named);
  let good = true;
  const cardOf = (name: string): OwnCard | undefined => cards?.[drives.findIndex((drive) => drive.name === name)];
  const finished = (result: CardResult) => {
    const drive = named[drives.findIndex(({ name }) => name === result.drive)];
    if (!drive) return;
    const { path, name, capacity } = drive.place;
    const { size, identity } = image.map;
    const about = {
      name: image.source.name,
      ...(size === undefined ? {} : { size }),
      ...(identity ? { bmap: identity } : {}),
    };
    const card = cardOf(result.drive);
    const place = { path, name, serial: drive.serial, size: capacity };
    const record = cardRecord(result, place, about, new Date(), card && cardFacts(card));
    run.view.finished(record);
    if (run.record !== undefined) appendRecord(run.record, record);
    good &&= result.verdict === "good";
  };
  try {
    const honest = run.probe ? await honestDrives(cli, drives, run, finished) : drives;
    await flashCards(image.source, image.map, honest, {
      update: run.update,
      signal: cli.signal,
      journal: (drive) => journalFor(image, drive, cardOf(drive.name)),
      own: (drive) => cardOf(drive.name)?.own,
      tell: (drive, event) => run.view.event(drive.name, event),
      finished,
    });
  } finally {
    // One that never answered would never be closed either.
    void Promise.allSettled(drives.map((drive) => drive[Symbol.asyncDispose]()));
  }
  cli.signal.throwIfAborted();
  if (run.eject && good) for (const { place } of named) await eject(cli, place.path);
  return good;
}

function journalFor(image: FlashImage, drive: Drive, card: OwnCard | undefined) {
  const { identity } = image.map.identity === undefined ? image.source : image.map;
  // The ranges are part of it: with another bmap, or none, or for another row, other bytes are written.
  const ranges = createHash("sha256")
    .update(JSON.stringify([image.map.ranges ?? [], card?.own.digest]))
    .digest("hex");
  return identity === undefined ? NO_JOURNAL : journalIn(image.journals, drive.identity, `${identity} ${ranges}`);
}

/** Those that have the size they say; the others' verdict is told. */
async function honestDrives(
  cli: Cli,
  drives: readonly Drive[],
  run: FlashRun,
  finished: (result: CardResult) => void,
): Promise<readonly Drive[]> {
  const began = Date.now();
  const probed = await Promise.all(
    drives.map(async (drive) => {
      const tell = (phase: string, done: number, total: number) =>
        run.view.event(drive.name, { type: "probe", phase, done, total });
      const { size, same } = await probeDrive(drive, { signal: cli.signal, tell });
      if (size === drive.capacity) return [drive];
      const how = same ? `: byte ${same.at} is the same place as byte ${same.as}` : "";
      const reason = `this card lies about its size: it has ${formatSize(size)} (${size} bytes), not ${formatSize(drive.capacity)}${how}`;
      const tally = { written: drive.capacity, unchanged: 0, discarded: 0, verified: 0, retries: 0, rewritten: 0 };
      finished({
        drive: drive.name,
        verdict: "bad",
        reason,
        tally,
        seconds: (Date.now() - began) / 1000,
        direct: drive.direct,
      });
      return [];
    }),
  );
  return probed.flat();
}

async function eject(cli: Cli, path: string): Promise<void> {
  await promisify(execFile)("eject", [path]).catch((error: NodeJS.ErrnoException & { stderr?: string }) => {
    const why = error.code === "ENOENT" ? "eject is not installed" : (error.stderr ?? error.message).trim();
    cli.stderr.write(`${path} is not ejected: ${why}; it is flushed, so it can be pulled out all the same\n`);
  });
}
