import { type JsonSchema, jsonSchema, referenceSections } from "../diagnostic/reference.js";
import { formatSize, hex } from "../util/size.js";
import type { Board } from "./board.js";
import { BoardSchema, SocSchema } from "./schema.js";

/** JSON Schema of `boards/NAME.yaml`. */
export function boardSchema(): JsonSchema {
  return jsonSchema(BoardSchema);
}

/** JSON Schema of `boards/soc/NAME.yaml`. */
export function socSchema(): JsonSchema {
  return jsonSchema(SocSchema);
}

/** A board's facts as label and value, for the command and for the reference. */
export function boardFacts(board: Board): readonly (readonly [string, string])[] {
  const { soc, dram, spl, load, qemu } = board;
  const end = dram.base + dram.size;
  return [
    ["SoC", `${soc.name} (${soc.family}), ${soc.cores} × ${soc.core}`],
    ["virtualization", soc.virtualization ? "yes" : "no"],
    ["LPAE", soc.lpae ? "yes" : "no"],
    ["DRAM", `${formatSize(dram.size)} from ${hex(dram.base)} to ${hex(end)}`],
    [
      "U-Boot",
      `${board.uboot.defconfig}; its SPL ${spl.dram === undefined ? "finds the size of DRAM itself" : `is told ${formatSize(spl.dram)} of DRAM`}`,
    ],
    ["SPL", `at ${formatSize(spl.offset)} of the card, at most ${formatSize(spl.maxSize)}`],
    ["reserved on the card", `the first ${formatSize(spl.reserved)}`],
    ["kernel", `${board.kernel.arch} ${board.kernel.image}`],
    ["device tree", board.kernel.dtb],
    ["modules for the card", board.cardModules.join(", ") || "none named"],
    ["console", `${board.console.device}, ${board.console.baud} baud`],
    ["Ethernet", board.ethernet ?? "none"],
    [
      "load addresses",
      Object.entries(load)
        .map(([what, address]) => `${what} ${hex(address)}`)
        .join(", "),
    ],
    ...board.reserved.map((area): [string, string] => [
      "reserved in DRAM",
      `${area.name}: ${hex(area.start)} to ${hex(area.start + area.size)}`,
    ]),
    ["architecture", `Debian ${board.arch.debian}, RPM ${board.arch.rpm}`],
    [
      "QEMU",
      qemu
        ? `-M ${qemu.machine} -m ${qemu.memory / 1024 ** 2}M, to ${qemu.until === "login" ? "a login" : "the kernel's start"}`
        : "none",
    ],
  ];
}

/** docs/boards.md, from the boards themselves and the schemas of their files. */
export function boardsReference(boards: readonly Board[]): string {
  const rows = boards.map(
    ({ name, title, soc, dram, qemu }) =>
      `| [\`${name}\`](#${name}) | ${title} | ${soc.name} | ${formatSize(dram.size)} | ${soc.virtualization ? "yes" : "no"} | ${qemu ? (qemu.until === "login" ? "to a login" : "to the kernel's start") : "no"} |`,
  );
  return `# Boards

<!-- Made by scripts/docs.mjs from boards/ and src/board; edit those. -->

A board file holds hardware facts and no choices. Each fact was read in U-Boot's or Linux' own tree, and
\`test/e2e/board-facts.test.ts\` holds it against them. \`boardsmith boards [NAME] [--json]\` shows the same.

| Board | Title | SoC | DRAM | Virtualization | Boots in QEMU |
|---|---|---|---|---|---|
${rows.join("\n")}

The size of DRAM is a board's fact, and today's SPL finds it by trying: a card made for 512 MiB starts a board with 1 GiB, with
all of it, and the other way round, as long as nothing in it takes more for granted. That is checked: a recipe's \`memory:\`,
\`mem=\` among the kernel's arguments, load addresses, U-Boot's and the SPL's settings. What the board does not have is refused,
what leaves some of it unused is warned about; \`boardsmith boot IMAGE --board NAME\` says so of an image that was made for
another size. An SPL that is told a size, as those of 2012 were, is named by \`spl-dram\` in the board's file.

${boards.map(section).join("\n\n")}

## Board files

\`boards/NAME.yaml\`:

${referenceSections(boardSchema(), "", "###")}

## SoC files

\`boards/soc/NAME.yaml\`:

${referenceSections(socSchema(), "", "###")}
`;
}

function section(board: Board): string {
  const facts = boardFacts(board).map(([label, value]) => `| ${label} | ${value} |`);
  const origin = board.origin.map((line) => `- ${line}`);
  return [
    `## ${board.name}`,
    "",
    board.title,
    "",
    "| Fact | Value |",
    "|---|---|",
    ...facts,
    "",
    "Read in:",
    "",
    ...origin,
  ].join("\n");
}
