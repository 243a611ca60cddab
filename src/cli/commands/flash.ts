import { resolve } from "node:path";
import { Refused, refuse, StepFailed } from "../../diagnostic/failure.js";
import { driveDiagnostics, sizeDiagnostics } from "../../flash/drives/refuse-drives.js";
import { SourceFailed } from "../../flash/source/image-source.js";
import { jsonFlashView } from "../../flash/view/json.js";
import { plainFlashView } from "../../flash/view/plain.js";
import { ttyFlashView } from "../../flash/view/tty.js";
import type { FlashView } from "../../flash/view/view.js";
import type { Cli, CommandBody } from "../command.js";
import { confirmDrives } from "../confirm-drives.js";
import { cardsWanted, matchCards, ownCards } from "../flash-cards.js";
import { allowedDrives, unmountAll } from "../flash-drives.js";
import { flashImage } from "../flash-image.js";
import { runFlash } from "../flash-run.js";
import { rowName, runStation } from "../flash-station.js";
import { requireLinux } from "../require-linux.js";

/** Flags that override a refusal, by the name that commander gives them. */
const OVERRIDES: { readonly [flag: string]: string } = {
  allowLarge: "--allow-large",
  allowBuiltIn: "--allow-built-in",
  allowLoop: "--allow-loop",
  allowFile: "--allow-file",
  unmount: "--unmount",
};

/** `boardsmith flash IMAGE|RECIPE DRIVE…`: writes an image to cards, and calls a card good when every byte of it reads back. */
export const run: CommandBody = async (cli, [what = "", ...words], flags) => {
  requireLinux();
  if (words.length === 0) {
    throw refuse("no-drive", "no drive is named, and none is ever chosen for you", '"boardsmith drives" lists them');
  }
  const allowed = new Set(Object.entries(OVERRIDES).flatMap(([flag, name]) => (flags[flag] === true ? [name] : [])));
  try {
    const rows = await cardsWanted(cli, flags);
    await using golden = await flashImage(cli, what, flags);
    const { image, cards } = rows ? await ownCards(golden, rows, cli.signal) : { image: golden };
    const view = viewFor(cli, flags);
    const record = typeof flags.record === "string" ? resolve(cli.cwd, flags.record) : undefined;
    const options = {
      update: flags.update === true,
      probe: flags.probe === true,
      eject: flags.eject === true,
      record,
      view,
    };
    if (flags.station === true) {
      confirmStation(cli, words, image.source.rereadable, flags.yes === true);
      await runStation(cli, image, words, allowed, options, cards).finally(view.close);
      return 0;
    }
    const place = { cwd: cli.cwd, allowed, image: image.path };
    let drives = allowedDrives(words, place);
    const unfit = [...sizeDiagnostics(drives, image.map.size), ...matchCards(rows, drives)];
    if (unfit.length > 0) throw new Refused(unfit);
    for (const [index, { place, serial }] of drives.entries()) {
      const row = rows?.[index];
      if (row) cli.stderr.write(`${rowName(row)} goes to ${place.name}${serial === "" ? "" : `, serial ${serial}`}\n`);
    }
    await confirmDrives(cli, drives, flags.yes === true);
    if (drives.some(({ mounts }) => mounts.length > 0)) {
      await unmountAll(drives);
      // Whatever mounted it may do so again.
      drives = allowedDrives(words, place);
      const mounted = driveDiagnostics(drives, new Set([...allowed].filter((flag) => flag !== "--unmount")));
      if (mounted.length > 0) throw new Refused(mounted);
    }
    return (await runFlash(cli, image, drives, options, cards).finally(view.close)) ? 0 : 1;
  } catch (error) {
    if (error instanceof SourceFailed) throw new StepFailed("flash", error.message, { cause: error });
    throw error;
  }
};

function confirmStation(cli: Cli, ports: readonly string[], rereadable: boolean, yes: boolean): void {
  if (!rereadable)
    throw refuse(
      "station-needs-a-file",
      "--station reads the image once for each card, and standard input can be read only once",
    );
  if (!yes || ports.some((port) => !/^\/dev\/(?:disk\/by-(?:path|id)\/|loop\d)/.test(port))) {
    throw refuse(
      "station-needs-ports",
      "--station erases every card that is put in, so its ports have to be named for good, and --yes has to be said",
      "name card readers by /dev/disk/by-path/… and add --yes",
    );
  }
  cli.stderr.write("every card that is put into these ports is erased\n");
}

function viewFor(cli: Cli, flags: { readonly [name: string]: unknown }): FlashView {
  if (flags.json === true) return jsonFlashView(cli.stdout);
  const terminal = cli.stdout.isTTY === true && cli.env.TERM !== "dumb" && !cli.env.CI;
  return terminal && flags.plain !== true ? ttyFlashView(cli.stdout) : plainFlashView(cli.stdout);
}
