import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { open, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { StepFailed } from "../diagnostic/failure.js";
import { BMAP_BLOCK, writeBmap } from "../disk/bmap.js";
import { checkEgon } from "../disk/egon.js";
import { ext4Ranges } from "../disk/ext4-map.js";
import type { FatFile } from "../disk/fat-make.js";
import { fatRanges } from "../disk/fat-map.js";
import type { Contents } from "../disk/holding.js";
import { holdings, type Layout, placeLayout } from "../disk/layout.js";
import { layoutFile } from "../disk/layout-file.js";
import { mergeRanges, type Range, type ReadAt, splitRanges } from "../disk/ranges.js";
import { tableBytes } from "../disk/table.js";
import { measureTar, type TarMeasure } from "../disk/tar-measure.js";
import type { ImageArgs } from "../steps/image.js";
import { formatSize } from "../util/size.js";
import { hashRanges } from "./hash-ranges.js";
import { partLines } from "./image-parts.js";
import { provisionBytes } from "./image-provision.js";
import { groupBytes, groupHeads, payloadSizes, span, swapBytes, writePayloads } from "./image-volumes.js";
import type { Op, OpRun } from "./op.js";
import { writeSmallTar } from "./small-tar.js";
import { input, stopAt } from "./stop-at.js";

/** Pieces that are hashed and later verified one by one. */
const PIECE = 4 * 1024 ** 2;

/**
 * Makes the card image: filesystems by mke2fs and mtools in one container, straight into the sparse file; table, boot
 * loader and bmap here. Fails with diagnostics when something does not fit.
 */
export const image: Op = async (run) => {
  const args = run.args as unknown as ImageArgs;
  const loader = await readFile(input(run, "u-boot"));
  stopAt(run, checkEgon(loader, args.spl), "the boot loader would not boot");
  const provision = await provisionFile(run, args);
  const contents: Contents = {
    bootLoader: loader.length,
    ...measured(run, { boot: run.inputs["boot"], root: run.inputs["rootfs"], provision: provision?.tar }),
    payloads: await payloadSizes(run, args),
  };
  const lost = contents.root?.lostAttributes ?? 0;
  if (lost > 0) {
    run.log(`${lost} files have extended attributes that mke2fs leaves out (it keeps file capabilities only)`);
  }
  const { layout, diagnostics } = placeLayout({ ...args.image, compress: [] }, args.spl, contents);
  stopAt(run, diagnostics, "the image's layout does not work out");
  if (!layout) return;

  const path = run.out("image");
  await using file = await open(path, "w+");
  await file.truncate(layout.size);
  await makeFilesystems(run, args, layout, contents, { image: path, provision: provision?.tar });

  const written = [
    ...tableBytes(layout, args),
    { offset: args.spl.offset, bytes: loader },
    ...groupBytes(layout, args),
    ...swapBytes(layout, args),
    ...provisionBytes(run, layout, args, provision?.file),
  ];
  for (const { offset, bytes } of written) await file.write(bytes, 0, bytes.length, offset);
  const payloads = await writePayloads(run, layout, file);

  // The filesystems' makers were told not to wait for the disk; it takes the bytes while they are hashed.
  const onDisk = file.datasync();
  onDisk.catch(() => {});
  const pieces = splitRanges(
    mappedRanges(path, layout, [
      ...written.map(({ offset, bytes }) => span(offset, bytes.length)),
      ...groupHeads(layout),
      ...payloads,
    ]),
    PIECE,
  );
  const hashed = await hashRanges(file, pieces, run.signal);
  await onDisk;
  // All else is zero: the store need not read it to know the image's digest.
  await writeFile(`${path}.map.json`, JSON.stringify(hashed.map(({ start, end }) => [start, end - start])));
  await writeFile(run.out("bmap"), writeBmap(layout.size, hashed));
  await writeFile(run.out("layout"), `${JSON.stringify(layoutFile(layout, args), undefined, 2)}\n`);
  const mapped = hashed.reduce((sum, { start, end }) => sum + end - start, 0);
  run.log(`${formatSize(layout.size)} image, ${formatSize(mapped)} of it to be written to a card`);
};

async function makeFilesystems(
  run: OpRun,
  args: ImageArgs,
  layout: Layout,
  contents: Contents,
  { image, provision }: { readonly image: string; readonly provision: string | undefined },
): Promise<void> {
  const [tool] = run.tools;
  if (!tool) throw new Error("op image needs a tool image");
  const lines = partLines(layout, args, contents);
  if (lines.trim() === "") return;
  const parts = join(run.scratch, "parts");
  await writeFile(parts, lines);
  await run.container("image", {
    tool,
    env: { IMAGE_FILE: basename(image), SOURCE_DATE_EPOCH: String(args.epoch), LC_ALL: "C.UTF-8" },
    mounts: [
      { source: parts, target: "/in/parts", readOnly: true },
      ...Object.entries({ boot: run.inputs["boot"], rootfs: run.inputs["rootfs"], provision }).flatMap(
        ([name, source]) => (source === undefined ? [] : [{ source, target: `/in/${name}`, readOnly: true }]),
      ),
      { source: dirname(image), target: "/image", readOnly: false },
    ],
  });
}

/** Every byte a card must hold, in whole blocks: what was written, and what the filesystems say they use. */
function mappedRanges(path: string, layout: Layout, written: readonly Range[]): Range[] {
  return withReader(path, (read) => {
    const used = holdings(layout).flatMap(({ filesystem, offset }) => {
      if (filesystem === "ext4") return ext4Ranges(read, offset);
      return filesystem === "fat32" ? fatRanges(read, offset) : [];
    });
    return mergeRanges([...written, ...used], BMAP_BLOCK, layout.size);
  });
}

/** The one file that Ignition or Combustion reads, and the same as a tar of its filesystem. */
async function provisionFile(
  run: OpRun,
  { provision, epoch }: ImageArgs,
): Promise<{ readonly file: FatFile; readonly tar: string } | undefined> {
  if (provision === undefined) return undefined;
  const tar = join(run.scratch, "provision");
  const bytes = await readFile(input(run, "provision"));
  await writeSmallTar(tar, [{ ...provision, bytes }], epoch);
  return { file: { path: provision.name, bytes }, tar };
}

/** What each tar takes on a filesystem, of those that there are. */
function measured(
  run: OpRun,
  tars: { readonly [name in "boot" | "root" | "provision"]: string | undefined },
): Pick<Contents, "boot" | "root" | "provision"> {
  return Object.fromEntries(
    Object.entries(tars).flatMap(([name, path]) =>
      path === undefined ? [] : [[name, measureTarFile(run, name, path)]],
    ),
  );
}

function measureTarFile(run: OpRun, name: string, path: string): TarMeasure {
  return withReader(path, (read, size) => {
    try {
      return measureTar(read, size);
    } catch (error) {
      const message = `the ${name} tar cannot be read: ${(error as Error).message}`;
      throw new StepFailed(run.stepId, message, { cause: error });
    }
  });
}

function withReader<T>(path: string, use: (read: ReadAt, size: number) => T): T {
  const fd = openSync(path, "r");
  try {
    const read: ReadAt = (offset, length) => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(fd, bytes, 0, length, offset));
    };
    return use(read, fstatSync(fd).size);
  } finally {
    closeSync(fd);
  }
}
