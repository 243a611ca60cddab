import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { Refused } from "../diagnostic/failure.js";
import type { RpmRootfsSpec } from "../recipe/spec.js";

/** What rpm-solve.py found wrong. Wishes are `packages/NAME`, `patterns/NAME` and `exclude/NAME`. */
export type SolverProblem =
  | {
      readonly kind: "unknown";
      readonly wish: string;
      readonly near: readonly string[];
      /** Other architectures that have it. */
      readonly elsewhere: readonly string[];
    }
  | { readonly kind: "foreign"; readonly repository: string; readonly has: readonly string[] }
  | { readonly kind: "conflict"; readonly wishes: readonly string[]; readonly reasons: readonly string[] };

/** The solver's problems as mistakes of the recipe, each at the wish it is about. */
export function unsolvableRpms(rootfs: RpmRootfsSpec, problems: readonly SolverProblem[]): Refused {
  return new Refused(problems.map((problem) => mistake(rootfs, problem)));
}

function mistake(rootfs: RpmRootfsSpec, problem: SolverProblem): Diagnostic {
  const where = `${rootfs.distro} for ${rootfs.arch}`;
  switch (problem.kind) {
    case "foreign": {
      const message = `repository "${problem.repository}" has packages for ${problem.has.join(", ")}, and none for ${rootfs.arch}`;
      return at(rootfs, `repositories/${problem.repository}`, "wrong-architecture", message);
    }
    case "unknown": {
      const [kind, name] = problem.wish.split("/");
      const what = kind === "patterns" ? "pattern" : "package";
      const elsewhere = problem.elsewhere.length > 0 ? ` (it is there for ${problem.elsewhere.join(", ")} only)` : "";
      const [near] = problem.near;
      const help = elsewhere === "" && near !== undefined ? `did you mean "${near}"?` : undefined;
      return at(rootfs, problem.wish, "unknown-package", `${where} has no ${what} "${name}"${elsewhere}`, help);
    }
    case "conflict": {
      const excluded = quoted(problem.wishes.filter((wish) => wish.startsWith("exclude/")));
      const wanted = quoted(problem.wishes.filter((wish) => !wish.startsWith("exclude/")));
      const message = [
        wanted === ""
          ? `the packages of the root filesystem do not go together in ${where}`
          : `${wanted} cannot be had in ${where}`,
        ...(excluded === "" ? [] : [`with ${excluded} excluded`]),
      ].join(" ");
      const related = problem.wishes.slice(1).flatMap((wish) => {
        const place = rootfs.places?.[wish];
        return place ? [{ message: "and this is asked for here", at: place }] : [];
      });
      const help = ["the solver says:", ...problem.reasons.slice(0, 12)].join("\n");
      const found = at(rootfs, problem.wishes[0] ?? "", "unsolvable-packages", message, help);
      return related.length > 0 ? { ...found, related } : found;
    }
  }
}

function quoted(wishes: readonly string[]): string {
  return wishes.map((wish) => `"${wish.split("/")[1]}"`).join(" and ");
}

function at(rootfs: RpmRootfsSpec, wish: string, code: string, message: string, help?: string): Diagnostic {
  const place = rootfs.places?.[wish];
  return { severity: "error", code, message, ...(place ? { at: place } : {}), ...(help ? { help } : {}) };
}
