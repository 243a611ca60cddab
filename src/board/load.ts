import { basename, join } from "node:path";
import type { z } from "zod";
import type { Diagnostic } from "../diagnostic/diagnostic.js";
import type { Files, Homes } from "../diagnostic/files.js";
import { find, type Placed } from "../diagnostic/placed.js";
import { didYouMean } from "../diagnostic/suggest.js";
import { validate } from "../diagnostic/validate.js";
import { parseYaml } from "../diagnostic/yaml.js";
import { formatSize, hex } from "../util/size.js";
import type { Board } from "./board.js";
import { BoardSchema, SocSchema } from "./schema.js";

/** A board, or why there is none; `read` names the files it was made from. */
export interface LoadedBoard {
  readonly board?: Board;
  readonly read: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Names of all boards of the user's folder and of boardsmith's own, sorted. */
export async function listBoards(files: Files, homes: Homes): Promise<readonly string[]> {
  const lists = await Promise.all(folders(homes).map((folder) => yamlNames(folder, files)));
  return [...new Set(lists.flat())].sort();
}

/** Loads `boards/NAME.yaml` with its SoC folded in. `at` is where the name was written, for an unknown one. */
export async function loadBoard(name: string, files: Files, homes: Homes, at?: Placed["at"]): Promise<LoadedBoard> {
  const boardFile = await lookUp(name, folders(homes), files);
  if (boardFile === undefined) {
    const known = await listBoards(files, homes);
    return {
      read: [],
      diagnostics: [unknown("unknown-board", `no board is named "${name}"`, at, didYouMean(name, known))],
    };
  }
  const own = await read(boardFile, BoardSchema, files);
  if (own.value === undefined || own.root === undefined) return { read: [boardFile], diagnostics: own.diagnostics };
  const socFolders = folders(homes).map((folder) => join(folder, "soc"));
  const socFile = await lookUp(own.value.soc, socFolders, files);
  if (socFile === undefined) {
    const names = (await Promise.all(socFolders.map((folder) => yamlNames(folder, files)))).flat();
    const message = `no system-on-chip is named "${own.value.soc}"`;
    const mistake = unknown("unknown-soc", message, find(own.root, "soc")?.at, didYouMean(own.value.soc, names));
    return { read: [boardFile], diagnostics: [...own.diagnostics, mistake] };
  }
  const soc = await read(socFile, SocSchema, files);
  const paths = [boardFile, socFile];
  const diagnostics = [...own.diagnostics, ...soc.diagnostics];
  if (soc.value === undefined) return { read: paths, diagnostics };
  const board = fold(name, own.value, soc.value);
  diagnostics.push(...implausible(board, own.root), ...untrueSpl(own.value, own.root));
  return diagnostics.some((d) => d.severity === "error")
    ? { read: paths, diagnostics }
    : { board, read: paths, diagnostics };
}

function folders({ cwd, home }: Homes): readonly string[] {
  return [...new Set([join(cwd, "boards"), join(home, "boards")])];
}

async function yamlNames(folder: string, files: Files): Promise<readonly string[]> {
  return (await files.list(folder)).filter((name) => name.endsWith(".yaml")).map((name) => basename(name, ".yaml"));
}

async function lookUp(name: string, folders: readonly string[], files: Files): Promise<string | undefined> {
  for (const folder of folders)
    if ((await yamlNames(folder, files)).includes(name)) return join(folder, `${name}.yaml`);
  return undefined;
}

function unknown(code: string, message: string, at: Placed["at"] | undefined, help: string | undefined): Diagnostic {
  return { severity: "error", code, message, ...(at ? { at } : {}), ...(help ? { help } : {}) };
}

async function read<S extends z.ZodType>(file: string, schema: S, files: Files) {
  const parsed = parseYaml(file, (await files.text(file)) ?? "");
  if (parsed.root === undefined) return { root: undefined, value: undefined, diagnostics: parsed.diagnostics };
  const { value, diagnostics } = validate(schema, parsed.root);
  return { root: parsed.root, value, diagnostics: [...parsed.diagnostics, ...diagnostics] };
}

function fold(name: string, own: z.output<typeof BoardSchema>, soc: z.output<typeof SocSchema>): Board {
  const told = own["spl-dram"];
  const size = told === undefined ? own.dram : Math.min(told, own.dram);
  const top = soc["dram-base"] + size;
  return {
    name,
    title: own.title,
    soc: {
      name: soc.name,
      family: soc.family,
      core: soc.core,
      cores: soc.cores,
      virtualization: soc.virtualization,
      lpae: soc.lpae,
    },
    dram: { base: soc["dram-base"], size },
    uboot: { defconfig: own["u-boot-defconfig"] },
    spl: {
      offset: soc.spl.offset,
      maxSize: soc.spl["max-size"],
      reserved: soc.spl.reserved,
      ...(told === undefined ? {} : { dram: told }),
    },
    kernel: { ...soc.kernel, dtb: own.dtb },
    cardModules: soc["card-modules"],
    console: own.console,
    ...(own.ethernet === undefined ? {} : { ethernet: own.ethernet }),
    load: soc.load,
    reserved: soc.reserved.map((area) => ({ name: area.name, start: top - area["at-top"], size: area["at-top"] })),
    arch: soc.arch,
    ...(own.qemu ? { qemu: own.qemu } : {}),
    origin: [...own.origin, ...soc.origin],
  };
}

/** An SPL that is told another size than the board's chips have. */
function untrueSpl(own: z.output<typeof BoardSchema>, root: Placed): readonly Diagnostic[] {
  const told = own["spl-dram"];
  if (told === undefined || told === own.dram) return [];
  const at = find(root, "spl-dram")?.at ?? root.at;
  const chips = formatSize(own.dram);
  const message = `the SPL of ${own["u-boot-defconfig"]} is told ${formatSize(told)} of DRAM, and the board has ${chips}`;
  const help = `build U-Boot with the settings for ${chips}, or with an SPL that finds the size itself`;
  return told > own.dram
    ? [{ severity: "error", code: "dram-exceeded", message: `${message}: it would set up what is not there`, at, help }]
    : [{ severity: "warning", code: "dram-unused", message: `${message}: the rest lies idle`, at, help }];
}

/** Facts that contradict each other whatever the hardware: load addresses outside DRAM. */
function implausible(board: Board, root: Placed): readonly Diagnostic[] {
  const at = find(root, "dram")?.at ?? root.at;
  return Object.entries(board.load).flatMap(([what, address]) =>
    address >= board.dram.base && address < board.dram.base + board.dram.size
      ? []
      : [
          {
            severity: "error" as const,
            code: "address-outside-dram",
            message: `the load address of the ${what}, ${hex(address)}, lies outside this DRAM`,
            at,
          },
        ],
  );
}
