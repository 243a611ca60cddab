import type { Plan, ToolImage } from "../plan/step.js";
import type { Pins } from "../recipe/pins.js";
import type { Spec } from "../recipe/spec.js";
import type { Inventory } from "../rootfs/inventory/inventory.js";
import type { Result } from "../store/store.js";
import { canonical, type Json, sha256 } from "../util/canonical.js";

/** A finished build, as the records beside its image tell of it. */
export interface BuildFacts {
  readonly plan: Plan;
  /** By step. */
  readonly results: ReadonlyMap<string, Result>;
  readonly spec: Spec;
  readonly pins: Pins;
  /** boardsmith's own version. */
  readonly version: string;
  /** Text of the rootfs step's `packages` output: name, version and architecture, a package per line. */
  readonly packages: string;
  /** Output of step `inventory`. */
  readonly inventory?: Inventory;
  /** The kernel's own version string. */
  readonly release?: string;
  /** Xen's, as `4.17`. */
  readonly xenRelease?: string;
  /** As U-Boot's banner says it, e.g. `2025.01`. */
  readonly ubootVersion?: string;
  /** Of the whole image, holes as zeroes. */
  readonly imageSha256?: string;
  /** Text of the proof step's `proof` output; absent when the image was not booted. */
  readonly proof?: string;
}

/** A tool image of a build, with what was in it whenever a step used it. */
export interface UsedTool extends ToolImage {
  /** sha256 of its definition. */
  readonly id: string;
  /** A tool image that was made anew between two steps may have had other versions in each. */
  readonly versions: readonly {
    readonly steps: readonly string[];
    readonly packages: { readonly [name: string]: string };
  }[];
}

/** All tool images of a build, by name. */
export function usedTools({ plan, results }: Pick<BuildFacts, "plan" | "results">): readonly UsedTool[] {
  const all = plan.steps.flatMap(({ step }) => {
    const { action } = step;
    return (action.kind === "container" ? [action.tool] : action.tools).map((tool) => ({ step: step.id, tool }));
  });
  const unique = new Map(all.map(({ tool }) => [canonical(tool as unknown as Json), tool]));
  return [...unique]
    .map(([text, tool]) => {
      const sets = new Map<string, { steps: string[]; packages: { readonly [name: string]: string } }>();
      for (const { step, tool: used } of all) {
        const packages = results.get(step)?.tools?.[tool.name];
        if (!packages || canonical(used as unknown as Json) !== text) continue;
        const known = sets.get(canonical(packages));
        if (known) known.steps.push(step);
        else sets.set(canonical(packages), { steps: [step], packages });
      }
      return { ...tool, id: sha256(text), versions: [...sets.values()] };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
