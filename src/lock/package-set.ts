import { Refused } from "../diagnostic/failure.js";
import { closest } from "../diagnostic/suggest.js";
import type { Assets } from "../plan/step.js";
import type { PackageWish } from "../recipe/lock.js";
import type { PackagePin } from "../recipe/pins.js";
import { FETCH } from "../steps/tools.js";
import { type Mirror, mirrorLines } from "../util/mirror.js";
import { type LockPlace, runLockScript } from "./script.js";

/** Solves a package set with the distribution's own solver: Essential packages, the wanted ones and all they depend on. */
export async function packageSet(
  wish: PackageWish,
  assets: Assets,
  mirrors: readonly Mirror[],
  place: LockPlace,
): Promise<readonly PackagePin[]> {
  const { output } = await runLockScript(place, {
    name: "packages",
    script: [assets.script("archive"), assets.text("steps/lock-packages.sh")].join("\n"),
    env: {
      BASE_SUITE: FETCH.base.suite,
      SUITE: wish.suite,
      ARCH: wish.arch,
      PACKAGES: wish.packages.join(" "),
      RECOMMENDS: String(wish.recommends),
      MIRRORS: mirrorLines(mirrors),
    },
  });
  const problem = await output("problem");
  if (problem !== undefined) throw unsolvable(wish, problem, ((await output("names")) ?? "").split("\n"));
  const rows = ((await output("packages")) ?? "")
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split(" "));
  return rows.map(([name = "", version = "", arch = "", path = "", sha256 = "", size = ""]) => ({
    name,
    version,
    arch,
    path,
    sha256,
    size: Number(size),
  }));
}

/** apt's own words, each unknown name with the nearest known one. */
function unsolvable(wish: PackageWish, problem: string, names: readonly string[]): Refused {
  const unknown = [...problem.matchAll(/^E: Unable to locate package (\S+)$/gm)].map(([, name = ""]) => name);
  const where = `${wish.distro} ${wish.suite} for ${wish.arch}`;
  if (unknown.length > 0) {
    return new Refused(
      unknown.map((name) => {
        const near = closest(name, names);
        const message = `${where} has no package "${name}"`;
        return {
          severity: "error",
          code: "unknown-package",
          message,
          ...(near === undefined ? {} : { help: `did you mean "${near}"?` }),
        };
      }),
    );
  }
  const lines = problem
    .split("\n")
    .map((line) => line.replace(/^E: /, "").trim())
    .filter((line) => line !== "" && !/held broken packages|additional context|^Reached two conflicting/.test(line));
  return new Refused([
    {
      severity: "error",
      code: "unsolvable-packages",
      message: `the packages of the root filesystem do not go together in ${where}`,
      help: ["apt says:", ...lines.slice(0, 12)].join("\n"),
    },
  ]);
}
