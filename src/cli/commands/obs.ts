import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Refused, refuse, StepFailed } from "../../diagnostic/failure.js";
import { shownPath } from "../../diagnostic/render.js";
import { checkBuildRoot, parseBuildRoot } from "../../obs/build-root.js";
import { IMAGES, obsProject, oscCalls, PRJCONF } from "../../obs/project.js";
import { OBS } from "../../steps/tools.js";
import { openStore } from "../../store/open.js";
import { assets, imageFile } from "../assets.js";
import type { Cli, CommandBody } from "../command.js";
import { loadMirrors } from "../mirrors.js";
import { obtainEngine } from "../offer-engine.js";
import { overlayArchive } from "../overlay-archive.js";
import { loadSpec, placesFor } from "../plan-for.js";

/** What KIWI lays over the root tree; a package of the build service has no folders, so not root/. */
const OVERLAYS = "root.tar.gz";

type Flags = { readonly [name: string]: unknown };

/** `boardsmith obs export|check|push`: a recipe in the Open Build Service. */
export const run: CommandBody = async (cli, [what = "", subject = "", folder = ""], flags) => {
  if (what === "check") return check(cli, subject, flags);
  if (what === "push") return push(cli, subject, flags);
  return exported(cli, subject, folder, flags);
};

async function exported(cli: Cli, recipe: string, folder: string, flags: Flags): Promise<number> {
  const spec = await loadSpec(cli, recipe);
  const target = resolve(cli.cwd, folder);
  const present = join(target, PRJCONF);
  const files = obsProject(
    spec,
    projectOf(flags),
    existsSync(present) ? readFileSync(present, "utf8") : "",
    imageFile(cli.home),
  );
  for (const { path, text, executable } of files) {
    const file = join(target, path);
    await mkdir(dirname(file), { recursive: true });
    // A description may hold password hashes.
    await writeFile(file, text, { mode: executable ? 0o755 : 0o644 });
    await chmod(file, executable ? 0o755 : 0o644);
    cli.stdout.write(`${shownPath(file, cli.cwd)}\n`);
  }
  const archive = join(target, spec.name, OVERLAYS);
  if (spec.provision.overlays.length > 0) {
    await writeFile(archive, await overlayArchive(spec.provision.overlays));
    cli.stdout.write(`${shownPath(archive, cli.cwd)}\n`);
  } else await rm(archive, { force: true });
  return 0;
}

async function check(cli: Cli, wish: string, flags: Flags): Promise<number> {
  const path = resolve(cli.cwd, wish);
  if (!existsSync(path)) {
    throw refuse("no-such-file", `nothing is at "${wish}"`, "name a project configuration (`osc meta prjconf PRJ`)");
  }
  const repository = (flags.repository as string | undefined) ?? IMAGES;
  const arch = (flags.arch as string | undefined) ?? "armv7l";
  const store = await openStore(placesFor(cli, { name: "obs", file: path }, flags).storeRoot);
  await using scratch = await store.scratch("obs");
  const script = join(scratch.path, "build-root.pl");
  await writeFile(script, assets(cli.home).text("steps/obs-build-root.pl"));
  const engine = await obtainEngine(cli, { yes: flags.yes === true, mirrors: await loadMirrors(cli, flags) });
  const lines: string[] = [];
  try {
    await engine.ensureTool(OBS, (line) => void cli.stderr.write(`[obs] ${line}\n`), cli.signal);
    const exitCode = await engine.run({
      name: "obs",
      tool: OBS,
      argv: ["perl", "/in/build-root.pl", "/in/config", repository, arch],
      env: { LC_ALL: "C.UTF-8" },
      mounts: [
        { source: script, target: "/in/build-root.pl", readOnly: true },
        { source: path, target: "/in/config", readOnly: true },
      ],
      network: "none",
      caps: [],
      signal: cli.signal,
      onLine: (line, stream) => (stream === "stdout" ? lines.push(line) : void cli.stderr.write(`${wish}: ${line}\n`)),
    });
    if (exitCode !== 0) {
      throw new StepFailed("obs", `OBS' reader cannot make sense of ${wish}`, { exitCode, lastLines: lines });
    }
  } finally {
    await engine.close();
  }
  const { found, diagnostics } = checkBuildRoot(parseBuildRoot(lines), wish, repository);
  if (found === undefined) throw new Refused(diagnostics);
  cli.stdout.write(`lvm2 is in the build root of "${repository}" (${found})\n`);
  return 0;
}

async function push(cli: Cli, recipe: string, flags: Flags): Promise<number> {
  if (flags.dryRun !== true) {
    throw refuse(
      "osc-only",
      "boardsmith does not talk to a build service itself",
      "add --dry-run, and run the calls of osc that it prints in the exported folder",
    );
  }
  const spec = await loadSpec(cli, recipe);
  cli.stdout.write(`${oscCalls(projectOf(flags), spec.name).join("\n")}\n`);
  return 0;
}

function projectOf(flags: Flags): string {
  return (flags.project as string | undefined) ?? "home:USER:boardsmith";
}
