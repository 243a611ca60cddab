import type { Diagnostic } from "../../diagnostic/diagnostic.js";
import type { NamedDrive } from "./find-drive.js";

/** What is against writing to these drives, an error each, except for what a flag allows (`--allow-large`). */
export function driveDiagnostics(drives: readonly NamedDrive[], allowed: ReadonlySet<string>): readonly Diagnostic[] {
  const found = drives.flatMap((drive) =>
    drive.refusals
      .filter(({ override }) => override === undefined || !allowed.has(override))
      .map(({ text, override, help }): Diagnostic => {
        const remedy = override === undefined ? help : `if you mean it, add ${override}`;
        return error("drive-refused", `${drive.word} ${text}`, remedy);
      }),
  );
  const twice = drives.filter(
    (drive, index) => drives.findIndex(({ place }) => place.path === drive.place.path) < index,
  );
  return [...found, ...twice.map(({ word, place }) => error("drive-twice", `${word} is named twice (${place.path})`))];
}

/** Those that an image of `size` bytes does not fit on. */
export function sizeDiagnostics(drives: readonly NamedDrive[], size: number | undefined): readonly Diagnostic[] {
  return drives
    .filter(({ place }) => size !== undefined && size > place.capacity)
    .map(({ word, place }) =>
      error(
        "image-too-large",
        `the image has ${size} bytes and ${word} only ${place.capacity}`,
        "take a larger card, or build a smaller image",
      ),
    );
}

const error = (code: string, message: string, help?: string): Diagnostic => ({
  severity: "error",
  code,
  message,
  ...(help === undefined ? {} : { help }),
});
