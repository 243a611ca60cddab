import { formatSize } from "../../util/size.js";
import { type Difference, type Differences, isSame } from "./difference.js";

/** Longer lists are cut: `--json` has them whole. */
const SHOWN = 40;

/** Differences for people: `+` the second image has it, `-` the first alone, `~` both, differently. */
export function differenceText(all: Differences): string {
  const sections = [
    section("image", all.image.map(line)),
    section("partitions", all.partitions.map(line)),
    section("files", gathered(all.files).map(fileLine), counts(all.files)),
    section("packages", all.packages.map(line), counts(all.packages)),
    section("kernel configuration", (all.kernel ?? []).map(line), counts(all.kernel ?? [])),
    section("device trees", all.deviceTrees.map(line), counts(all.deviceTrees)),
  ].flat();
  const notes = all.notes.map((note) => `note: ${note}`);
  return `${[...sections, ...(isSame(all) ? ["no difference"] : []), ...notes].join("\n")}\n`;
}

function section(title: string, lines: readonly string[], count = ""): readonly string[] {
  if (lines.length === 0) return [];
  const rest = lines.length - SHOWN;
  const more = rest > 0 ? [`  … and ${rest} more; --json has all`] : [];
  return [count === "" ? title : `${title}: ${count}`, ...lines.slice(0, SHOWN).map((one) => `  ${one}`), ...more];
}

function counts(list: readonly Difference[]): string {
  const words = [
    [list.filter(({ from }) => from === undefined).length, "added"],
    [list.filter(({ to }) => to === undefined).length, "removed"],
    [list.filter(({ from, to }) => from !== undefined && to !== undefined).length, "changed"],
  ] as const;
  return words
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(", ");
}

/** What is new or gone with its whole folder is told by the folder alone. */
function gathered(files: Differences["files"]): Differences["files"] {
  const told: { folder: string; from: boolean; count: number; at: number }[] = [];
  const shown: Differences["files"][number][] = [];
  for (const file of files) {
    const one = file.from === undefined || file.to === undefined;
    const above = one
      ? told.findLast(({ folder, from }) => file.what.startsWith(folder) && from === (file.from !== undefined))
      : undefined;
    if (above) {
      above.count += 1;
      continue;
    }
    if (one && (file.from ?? file.to)?.startsWith("folder")) {
      told.push({
        folder: file.what.endsWith("/") ? file.what : `${file.what}/`,
        from: file.from !== undefined,
        count: 0,
        at: shown.length,
      });
    }
    shown.push(file);
  }
  for (const { at, count } of told) {
    const file = shown[at];
    if (!file || count === 0) continue;
    const note = ` with ${count} more`;
    shown[at] = file.from === undefined ? { ...file, to: file.to + note } : { ...file, from: file.from + note };
  }
  return shown;
}

function line({ what, from, to }: Difference): string {
  if (from === undefined) return `+ ${what} ${shown(what, to ?? "")}`.trimEnd();
  if (to === undefined) return `- ${what} ${shown(what, from)}`.trimEnd();
  if (from.startsWith("sha256:")) return `~ ${what} differs`;
  return `~ ${what} ${shown(what, from)} → ${shown(what, to)}`;
}

function fileLine({ fields, ...file }: Differences["files"][number]): string {
  if (file.from === undefined || file.to === undefined) return line(file);
  // A size that differs says that the content does.
  const said = fields.filter(({ what }) => what !== "content" || !fields.some((one) => one.what === "size"));
  const parts = said.map((field) => {
    if (field.what === "content") return "content";
    if (field.from === undefined) return `+${field.what}`;
    if (field.to === undefined) return `-${field.what}`;
    return `${field.what} ${field.from} → ${field.to}`;
  });
  return `~ ${file.what}  ${parts.join(", ")}`;
}

function shown(what: string, value: string): string {
  if (/(^| )(size|start)$/.test(what) && /^\d+$/.test(value)) return formatSize(Number(value));
  if (value === "") return "(none)";
  return value.length > 60 ? `${value.slice(0, 57)}…` : value;
}
