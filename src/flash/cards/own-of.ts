import type { Diagnostic } from "../../diagnostic/diagnostic.js";
import { type FatFile, fatNeed, fatRoom, makeFat } from "../../disk/fat-make.js";
import { SECTOR } from "../../disk/mbr.js";
import { wrong } from "../../recipe/checks/check.js";
import { formatSize } from "../../util/size.js";
import { type OwnRange, ownRange } from "../own-range.js";
import type { AreaKind, ProvisionArea } from "../provision-area.js";
import { cardFiles } from "./card-file.js";
import { combustionFiles } from "./combustion.js";
import { ignitionFiles } from "./ignition.js";
import { noCloudFiles } from "./nocloud.js";
import type { CardRow, CardSettings, SeedName } from "./settings.js";

/** Seconds since 1970; a time that says nothing, so that the same row always makes the same bytes. */
const EPOCH = 1_735_689_600;

/** A row that became bytes of a card. */
export interface OwnCard {
  readonly row: CardRow;
  readonly own: OwnRange;
}

const MADE: { readonly [kind in AreaKind]: (card: CardSettings) => readonly FatFile[] } = {
  boardsmith: cardFiles,
  nocloud: noCloudFiles,
  ignition: (card) => [...ignitionFiles(card), ...(card.seed.combustion ? combustionFiles(card) : [])],
  combustion: (card) => [...combustionFiles(card), ...(card.seed.ignition ? ignitionFiles(card) : [])],
};

const CLOUD: readonly SeedName[] = ["user-data", "meta-data", "network-config", "vendor-data"];
const MACHINE: readonly SeedName[] = ["ignition", "combustion"];
const SEEDS: { readonly [kind in AreaKind]: readonly SeedName[] } = {
  boardsmith: [],
  nocloud: CLOUD,
  ignition: MACHINE,
  combustion: MACHINE,
};
/** Who reads an area, in words. */
const READER: { readonly [kind in AreaKind]: string } = {
  boardsmith: "boardsmith's own first boot",
  nocloud: "cloud-init",
  ignition: "Ignition",
  combustion: "Combustion",
};

/** The provisioning partition of one card, made anew: what the image has there, and what the row says; or why that cannot be. */
export function ownOf(
  area: ProvisionArea,
  algorithm: string,
  row: CardRow,
): { readonly card?: OwnCard; readonly diagnostics: readonly Diagnostic[] } {
  const { settings, at } = row;
  const foreign = (Object.keys(settings.seed) as SeedName[]).filter((name) => !SEEDS[area.kind].includes(name));
  if (foreign.length > 0) {
    const message = `${READER[area.kind]} reads this image's provisioning partition (${area.label}), and no ${foreign.join(", ")}`;
    return {
      diagnostics: [wrong("provision-reader", message, at, "say it by the card's other settings, or leave it out")],
    };
  }
  const made = MADE[area.kind](settings);
  const names = new Set(made.map(({ path }) => path.toLowerCase()));
  const files = [...area.files.filter(({ path }) => !names.has(path.toLowerCase())), ...made];
  const { label, volumeId, start, span, before, after, shape } = area;
  const fat = makeFat(shape, { label, volumeId, hidden: start / SECTOR, epoch: EPOCH }, files);
  if (!fat) {
    const message = `what ${settings.hostname} is given takes ${formatSize(fatNeed(shape, files))}, and the provisioning partition has room for ${formatSize(fatRoom(shape))}`;
    return {
      diagnostics: [
        wrong(
          "provision-too-large",
          message,
          at,
          "make the partition larger, or put what all cards need into the image",
        ),
      ],
    };
  }
  const bytes = Buffer.alloc(after.length > 0 ? span.end - span.start : before.length + fat.length);
  before.copy(bytes);
  fat.copy(bytes, before.length);
  after.copy(bytes, bytes.length - after.length);
  return { card: { row, own: ownRange(algorithm, span.start, span.end, bytes) }, diagnostics: [] };
}
