/**
 * The project configuration that puts lvm2 into the build root of images. KIWI calls `vgs` when an image has volume
 * groups; without lvm2 a build fails after an hour with `Command "vgs" not found in the environment`.
 *
 * `Required:` names packages that every build root of the repository gets (open-build-service documentation, "Build
 * configuration"). `%_repository` tells image repositories from those of packages, whose build roots stay as they are.
 */
const BEGIN = "# lvm2 in the build root of images: begin (kept by boardsmith)";
const END = "# lvm2 in the build root of images: end";

/** The line that is missing where lvm2 is. */
export const REQUIRED_LINE = "Required: lvm2";

/** The lines to inject for image repositories of that name. */
export function lvm2Block(repository: string): string {
  return [
    BEGIN,
    `%if "%_repository" == "${repository}"`,
    "Type: kiwi",
    "Repotype: staticlinks",
    "Patterntype: none",
    REQUIRED_LINE,
    "%endif",
    END,
    "",
  ].join("\n");
}

/**
 * A project's configuration with lvm2 injected: what was there stays, and injecting again changes nothing.
 * `text` is empty for a project that has none yet.
 */
export function injectLvm2(text: string, repository: string): string {
  const block = lvm2Block(repository);
  const start = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (start >= 0 && end > start) {
    const after = text.indexOf("\n", end);
    return text.slice(0, start) + block + (after < 0 ? "" : text.slice(after + 1));
  }
  const before = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  return before + (before === "" ? "" : "\n") + block;
}
