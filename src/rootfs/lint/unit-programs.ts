import { expandSpecifiers, findUnit } from "../find-unit.js";
import { initOf } from "../init.js";
import type { Tree } from "../tree.js";
import { conditionsHold } from "./conditions.js";
import type { LintFinding, LintRule } from "./finding.js";
import { programFault, programOf } from "./program.js";
import { type StartedUnit, startedUnits } from "./started-units.js";
import { settingsOf } from "./unit-text.js";

/** Kinds that systemd makes by itself, from fstab and from devices. */
const GENERATED = /\.(mount|automount|swap|device|slice|scope)$/;

/** A unit that is enabled and whose file or program is not there fails at every boot, and nobody looks. */
export const unitPrograms: LintRule = function* ({ tree }) {
  if (initOf(tree) !== "systemd") return;
  const seen = new Set<string>();
  for (const started of startedUnits(tree)) {
    if (!findUnit(tree, started.name)) {
      if (GENERATED.test(started.name)) continue;
      yield {
        code: "unit-missing",
        message: `${started.name} is enabled by /${started.link}, and there is no such unit`,
        about: started.name,
        help: "remove the link, or bring the unit's file in by its package or an overlay",
      };
      continue;
    }
    const service = serviceOf(tree, started.name);
    if (seen.has(service)) continue;
    seen.add(service);
    yield* faults(tree, started, service);
  }
};

function* faults(tree: Tree, started: StartedUnit, service: string): Generator<LintFinding> {
  const unit = findUnit(tree, service);
  if (!unit) {
    yield {
      code: "unit-missing",
      message: `${started.name} is enabled and starts ${service}, and there is no such unit`,
      about: started.name,
      help: "bring the unit's file in by its package or an overlay, or disable what starts it",
    };
    return;
  }
  const settings = settingsOf(tree, service);
  if (!settings || !service.endsWith(".service") || !conditionsHold(tree, settings)) return;
  if (["RootDirectory", "RootImage"].some((key) => settings("Service", key).length > 0)) return;
  for (const command of ["ExecStartPre", "ExecStart"].flatMap((key) => settings("Service", key))) {
    const { program, mayFail } = programOf(expandSpecifiers(command, service));
    const fault = mayFail ? undefined : programFault(tree, program);
    if (fault === undefined) continue;
    yield {
      code: "unit-program",
      message: `${service} is enabled by /${started.link}, and ${fault}`,
      about: service,
      help: "bring the program in by its package or an overlay, or disable the unit by provision.units.disable",
    };
  }
}

/** The service that a socket, timer or path unit starts; any other unit is its own. */
function serviceOf(tree: Tree, name: string): string {
  const [, stem = "", kind = ""] = /^(.+)\.(socket|timer|path)$/.exec(name) ?? [];
  if (kind === "") return name;
  const settings = settingsOf(tree, name);
  if (!settings) return name;
  if (kind !== "socket") return settings(kind === "timer" ? "Timer" : "Path", "Unit").at(-1) ?? `${stem}.service`;
  const each = /^(yes|true|1|on)$/i.test(settings("Socket", "Accept").at(-1) ?? "no");
  return settings("Socket", "Service").at(-1) ?? (each ? `${stem}@.service` : `${stem}.service`);
}
