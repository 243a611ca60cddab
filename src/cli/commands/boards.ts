import type { Board } from "../../board/board.js";
import { listBoards, loadBoard } from "../../board/load.js";
import { boardFacts } from "../../board/reference.js";
import { Refused } from "../../diagnostic/failure.js";
import type { Homes } from "../../diagnostic/files.js";
import { formatSize } from "../../util/size.js";
import { columns } from "../columns.js";
import type { CommandBody } from "../command.js";
import { nodeFiles } from "../node-files.js";

/** `boardsmith boards [NAME] [--json]`: the boards, or one with all its facts and where they were read. */
export const run: CommandBody = async ({ stdout, cwd, home }, [name], { json }) => {
  const names = name === undefined ? await listBoards(nodeFiles(), { cwd, home }) : [name];
  const boards = await Promise.all(names.map((one) => load(one, { cwd, home })));
  const [only] = boards;
  if (json) stdout.write(`${JSON.stringify(name === undefined ? boards : only, null, 2)}\n`);
  else if (name !== undefined && only) stdout.write(describe(only));
  else {
    const rows = boards.map(({ name, title, soc, dram, qemu }) => [
      name,
      title,
      `${soc.cores} × ${soc.core}`,
      formatSize(dram.size),
      qemu ? `QEMU boots it to ${qemu.until === "login" ? "a login" : "the kernel's start"}` : "no emulator",
    ]);
    stdout.write(columns(rows));
  }
  return 0;
};

async function load(name: string, homes: Homes): Promise<Board> {
  const { board, diagnostics } = await loadBoard(name, nodeFiles(), homes);
  if (board === undefined) throw new Refused(diagnostics);
  return board;
}

function describe(board: Board): string {
  const facts = columns(boardFacts(board).map(([label, value]) => [`  ${label}`, value]));
  return `${board.name}: ${board.title}\n\n${facts}\nread in\n${board.origin.map((line) => `  ${line}\n`).join("")}`;
}
