import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Refused } from "../diagnostic/failure.js";
import type { OwnCard } from "../flash/cards/own-of.js";
import { CardQueue } from "../flash/cards/queue.js";
import type { CardRow } from "../flash/cards/settings.js";
import type { NamedDrive } from "../flash/drives/find-drive.js";
import { readDriveFacts } from "../flash/drives/read-facts.js";
import { sizeDiagnostics } from "../flash/drives/refuse-drives.js";
import type { Cli } from "./command.js";
import { allowedDrives } from "./flash-drives.js";
import type { FlashImage } from "./flash-image.js";
import { type FlashRun, runFlash } from "./flash-run.js";

/** Milliseconds between two looks at a port. */
const LOOK = 500;

/**
 * Writes every card that is put into the named ports, until stopped. A card is written once: the next one is waited for
 * until this one was taken out. Rings the terminal's bell for each. With `cards` each takes the next row, a row whose card
 * turned out bad is given to the next one, and all is done when every row has its card.
 */
export async function runStation(
  cli: Cli,
  image: FlashImage,
  ports: readonly string[],
  allowed: ReadonlySet<string>,
  run: FlashRun,
  cards?: readonly OwnCard[],
): Promise<void> {
  const queue = cards && new CardQueue(cards);
  cli.stderr.write(`waiting for cards in ${ports.join(", ")}; Ctrl-C ends it\n`);
  const pause = () => sleep(LOOK, undefined, { signal: cli.signal });
  const serve = async (port: string) => {
    for (let told = ""; !queue?.done; ) {
      const drive = cardIn(cli, image, port, allowed);
      if (typeof drive === "string") {
        // Said once, not twice a second.
        if (drive !== told && drive !== "") cli.stderr.write(`${port}: ${drive}\n`);
        told = drive;
        await pause();
        continue;
      }
      told = "";
      const card = queue?.take();
      if (queue && !card) {
        // Every row is on its way to a card, and one of those may turn out bad.
        await pause();
        continue;
      }
      if (card) cli.stderr.write(`${rowName(card.row)} goes to ${drive.place.name}${serialOf(drive)}\n`);
      const good = await runFlash(cli, image, [drive], run, card ? [card] : undefined).catch((error: unknown) => {
        if (!(error instanceof Refused)) throw error;
        cli.stderr.write(`${port}: ${error.message}\n`);
        return false;
      });
      if (card) queue?.settle(card, good);
      if (cli.stderr.isTTY) cli.stderr.write("\u0007");
      while (!queue?.done && hasMedium(drive)) await pause();
    }
  };
  await Promise.all(ports.map(serve));
  if (cards) cli.stderr.write(`all ${cards.length} rows have their card\n`);
}

/** A row as people look for it in their list. */
export const rowName = ({ settings, at }: CardRow): string =>
  at.file === "--set" ? settings.hostname : `${settings.hostname} (line ${at.line})`;

const serialOf = ({ serial }: NamedDrive): string => (serial === "" ? "" : `, serial ${serial}`);

/** The drive, when there is a card in it that may be written; else why not, "" when it is just not there. */
function cardIn(cli: Cli, image: FlashImage, port: string, allowed: ReadonlySet<string>): NamedDrive | string {
  if (port.startsWith("/") && !existsSync(port)) return "";
  try {
    const drives = allowedDrives([port], { cwd: cli.cwd, allowed, image: image.path });
    const [drive] = drives;
    const [small] = sizeDiagnostics(drives, image.map.size);
    return small?.message ?? drive ?? "";
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const empty = error.diagnostics.some(
      ({ code, message }) => code === "no-such-drive" || /has no medium|without a file/.test(message),
    );
    return empty ? "" : error.message;
  }
}

const hasMedium = ({ place }: NamedDrive): boolean =>
  readDriveFacts().disks.some(({ path, size }) => path === place.path && size > 0);
