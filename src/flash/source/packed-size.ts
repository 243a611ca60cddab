import { execFile } from "node:child_process";
import { refuse } from "../../diagnostic/failure.js";
import { type Packing, UNPACKERS } from "./packing.js";

/**
 * How large the image in a packed file is, without unpacking it: xz has an index at its end, zstd a size in each frame.
 * Undefined where that is not to be had. A file that is cut off is noticed here, and so is a program that is missing:
 * before anything is written.
 */
export async function packedSize(
  path: string,
  name: string,
  packing: Exclude<Packing, "zip">,
): Promise<number | undefined> {
  if (packing === "gzip") return undefined;
  const { program, package: from } = UNPACKERS[packing];
  const args =
    packing === "xz" ? ["--robot", "--list", path] : packing === "zstd" ? ["--list", "-v", path] : ["--help"];
  const { code, stdout, stderr } = await run(program, args);
  if (code === "ENOENT") {
    throw refuse(
      "unpacker-missing",
      `${name} is packed, and ${program} is not installed to unpack it`,
      `install ${from}`,
    );
  }
  if (packing === "bzip2") return undefined;
  if (code !== 0) {
    // zstd begins with a line about itself; both may name themselves and the file once more.
    const said = stderr.split("\n").find((line) => line !== "" && !line.startsWith("***")) ?? "";
    const why = said.replace(`${program}: `, "").replace(`${path}: `, "").trim();
    throw refuse("image-damaged", `${name} is damaged or cut off${why === "" ? "" : `: ${why}`}`, "fetch it again");
  }
  const size =
    packing === "xz" ? /^totals\t\d+\t\d+\t\d+\t(\d+)/m.exec(stdout) : /^Decompressed Size:.*\((\d+) B\)/m.exec(stdout);
  return size?.[1] === undefined ? undefined : Number(size[1]);
}

function run(
  program: string,
  args: readonly string[],
): Promise<{ code: number | string; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(program, args, { env: { ...process.env, LC_ALL: "C" } }, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}
