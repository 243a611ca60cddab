import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { Refused } from "../diagnostic/failure.js";
import type { Assets } from "../plan/step.js";
import type { RpmWish } from "../recipe/lock.js";
import type { RpmPin } from "../recipe/pins.js";
import type { RpmRootfsSpec } from "../recipe/spec.js";
import { keyInputs, repositoryNames } from "../steps/rpms.js";
import { RPM } from "../steps/tools.js";
import { type Mirror, mirrorLines } from "../util/mirror.js";
import { type LockPlace, runLockScript } from "./script.js";
import { type SolverProblem, unsolvableRpms } from "./unsolvable-rpms.js";

/** Solves a set of rpm packages with libsolv from the repositories' signed metadata. */
export async function rpmSet(
  rootfs: RpmRootfsSpec,
  wish: RpmWish,
  assets: Assets,
  mirrors: readonly Mirror[],
  place: LockPlace,
): Promise<readonly RpmPin[]> {
  const repositories = repositoryNames(rootfs).map((name, number) => {
    const { url, priority } = rootfs.repositories[name] ?? { url: "", priority: 99 };
    return `${number} ${priority} ${name} ${url}\n`;
  });
  const parts = ["steps/signature.sh", "steps/rpm-repository.sh", "steps/lock-rpm.sh"];
  try {
    const { output } = await runLockScript(place, {
      name: "rpms",
      tool: RPM,
      script: [assets.script("archive"), ...parts.map((part) => assets.text(part))].join("\n"),
      env: { MIRRORS: mirrorLines(mirrors) },
      inputs: {
        repositories: repositories.join(""),
        wish: JSON.stringify(wish),
        "rpm-metadata.py": assets.text("steps/rpm-metadata.py"),
        "rpm-solve.py": assets.text("steps/rpm-solve.py"),
      },
      files: Object.fromEntries(keyInputs(rootfs).map(({ name, from }) => [name, from.local.path])),
    });
    const problem = await output("problem");
    if (problem !== undefined) throw unsolvableRpms(rootfs, JSON.parse(problem) as readonly SolverProblem[]);
    return pins((await output("packages")) ?? "");
  } catch (error) {
    if (error instanceof Refused) throw new Refused(error.diagnostics.map((one) => placed(rootfs, one)));
    throw error;
  }
}

function pins(text: string): readonly RpmPin[] {
  const rows = text
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split(" "));
  return rows.map(([name = "", version = "", arch = "", repository = "", path = "", size = "", checksum = ""]) => ({
    name,
    version,
    arch,
    repository,
    path,
    size: Number(size),
    checksum,
  }));
}

/** What a script says of a repository, at the recipe's place of that repository. */
function placed(rootfs: RpmRootfsSpec, found: Diagnostic): Diagnostic {
  const name = /^repository "([^"]+)" /.exec(found.message)?.[1];
  const at = found.at ?? rootfs.places?.[`repositories/${name}`];
  return at === undefined ? found : { ...found, at };
}
