import { Refused } from "../diagnostic/failure.js";
import type { Assets } from "../plan/step.js";
import type { SourcePin } from "../recipe/pins.js";
import type { SourceSpec } from "../recipe/spec.js";
import { FETCH } from "../steps/tools.js";
import { type Mirror, mirrorLines } from "../util/mirror.js";
import { type LockPlace, runLockScript } from "./script.js";

export type DistroSource = SourceSpec & { readonly kind: "distro" };

/** The newest version of each source package that the archive really has. */
export async function distroSources(
  sources: { readonly [name: string]: DistroSource },
  assets: Assets,
  mirrors: readonly Mirror[],
  place: LockPlace,
): Promise<{ readonly [name: string]: SourcePin }> {
  const names = Object.keys(sources).sort();
  const wanted = names.map((name) => `${sources[name]?.package} ${sources[name]?.version ?? "-"}`);
  const { output, diagnostics } = await runLockScript(place, {
    name: "sources",
    script: [assets.script("archive"), assets.text("steps/lock-distro.sh")].join("\n"),
    env: { BASE_SUITE: FETCH.base.suite, SUITE: FETCH.base.suite, MIRRORS: mirrorLines(mirrors) },
    inputs: { wanted: [...new Set(wanted)].map((line) => `${line}\n`).join("") },
  });
  if (diagnostics.length > 0) throw new Refused(diagnostics);
  const rows = ((await output("found")) ?? "")
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split(" "));
  return Object.fromEntries(
    names.map((name) => {
      const { package: source, version: asked } = sources[name] as DistroSource;
      const own = rows.filter(([wish]) => wish === `${source}=${asked ?? "-"}`);
      const files = own.map(([, , path = "", sha256 = "", size = ""]) => ({ path, sha256, size: Number(size) }));
      const version = own[0]?.[1];
      if (version === undefined) throw new Error(`no answer for source package ${source}`);
      return [name, { kind: "distro", package: source, version, files }];
    }),
  );
}
