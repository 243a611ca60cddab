import { parseDeviceTree, propertyText } from "../../disk/device-tree.js";
import type { FoundGroup } from "../../disk/lvm/read-group.js";
import type { ReadAt } from "../../disk/ranges.js";
import type { VolumeFile } from "../../disk/volume-file.js";
import { parseDotConfig } from "../../kconfig/dot-config.js";
import { embeddedConfig } from "../../kconfig/embedded.js";
import { parseStatus } from "../../rootfs/inventory/debian.js";
import { compareFiles } from "./compare-files.js";
import { compareMaps, type Difference, type Differences } from "./difference.js";
import { contentOf, rangesDigest } from "./file-digest.js";
import type { ImageContent, ImagePartition } from "./image-content.js";

/** One of two images that are compared. */
export interface Compared {
  readonly read: ReadAt;
  readonly content: ImageContent;
  /** The kernel's configuration where it is kept beside the image. */
  readonly config?: string;
}

const EMPTY: Pick<Compared, "read"> & { readonly files: readonly VolumeFile[] } = {
  read: () => new Uint8Array(),
  files: [],
};

/** Compares two images part by part; partitions belong together by their number, logical volumes by their names, too. */
export function compareImages(a: Compared, b: Compared): Differences {
  const parts = [...a.content.partitions, ...b.content.partitions].sort((x, y) => x.number - y.number);
  const pairs = [...new Set(parts.map(partName))].map((part) => ({
    part,
    from: a.content.partitions.find((one) => partName(one) === part),
    to: b.content.partitions.find((one) => partName(one) === part),
  }));
  const [configA, configB] = [configOf(a), configOf(b)];
  const known = configA !== undefined && configB !== undefined;
  return {
    image: compareMaps(imageFacts(a), imageFacts(b)),
    partitions: pairs.flatMap(({ part, from, to }) =>
      compareMaps(partitionFacts(a, from), partitionFacts(b, to)).map((one) => ({
        ...one,
        what: `${part} ${one.what}`,
      })),
    ),
    files: pairs.flatMap(({ part, from, to }) =>
      compareFiles(
        prefix(part, from, to),
        from?.volume ? { files: from.volume.files, read: a.read } : EMPTY,
        to?.volume ? { files: to.volume.files, read: b.read } : EMPTY,
      ),
    ),
    packages: compareMaps(packagesOf(a), packagesOf(b)),
    ...(known ? { kernel: compareMaps(symbols(configA), symbols(configB)) } : {}),
    deviceTrees: deviceTrees(a, b),
    notes: [...notes(a, "first"), ...notes(b, "second"), ...(known ? [] : [configNote(configA, configB)])],
  };
}

/** `2`, or `2 system/root` for a logical volume on partition 2. */
function partName({ number, logical }: ImagePartition): string {
  return logical === undefined ? String(number) : `${number} ${logical}`;
}

/** The label when both call it so, else the number. */
function prefix(part: string, from: ImagePartition | undefined, to: ImagePartition | undefined): string {
  const label = from?.volume?.label ?? to?.volume?.label ?? "";
  const agreed = label !== "" && [from, to].every((one) => one?.volume === undefined || one.volume.label === label);
  return `${agreed ? label : part}:`;
}

function imageFacts({ content, read }: Compared): ReadonlyMap<string, string> {
  return new Map([
    ["size", String(content.size)],
    ["table", content.table],
    ["disk id", content.diskId],
    ["in front of the first partition", `sha256:${rangesDigest(read, content.boot)}`],
  ]);
}

function partitionFacts({ read }: Compared, partition: ImagePartition | undefined): ReadonlyMap<string, string> {
  if (!partition) return new Map();
  const { start, end, type, id, name, volume, group } = partition;
  return new Map([
    ["start", String(start)],
    ["size", String(end - start)],
    ["type", type],
    ["id", id],
    ["name", name],
    ["filesystem", group ? "lvm2" : (volume?.filesystem ?? "unknown")],
    ["label", volume?.label ?? ""],
    ["uuid", group?.physical ?? volume?.uuid ?? ""],
    ...(group ? groupFacts(group) : []),
    ...(volume || group ? [] : [["content", `sha256:${rangesDigest(read, [partition])}`] as const]),
  ]);
}

function groupFacts({ name, id, extentSize, volumes }: FoundGroup): readonly (readonly [string, string])[] {
  return [
    ["group", name],
    ["group's id", id],
    ["extent size", String(extentSize)],
    ["volumes", volumes.map((volume) => `${volume.name} ${volume.size}`).join(", ")],
  ];
}

function packagesOf(image: Compared): ReadonlyMap<string, string> {
  const text = textOf(image, (path) => path === "var/lib/dpkg/status") ?? "";
  return new Map(parseStatus(text).map(({ name, arch, version }) => [`${name}:${arch}`, version]));
}

function configOf(image: Compared): string | undefined {
  const kernel = () => {
    const found = bytesOf(image, (path) => /(^|\/)(zImage|uImage|Image|vmlinu[xz](-.*)?)$/.test(path));
    return found && embeddedConfig(found);
  };
  return image.config ?? textOf(image, (path) => /^(boot\/)?config-[^/]+$/.test(path)) ?? kernel();
}

function symbols(config: string): ReadonlyMap<string, string> {
  return new Map([...parseDotConfig(config)].map(([name, value]) => [`CONFIG_${name}`, value]));
}

/** Properties of every .dtb that both images have under one path. */
function deviceTrees(a: Compared, b: Compared): readonly Difference[] {
  const [treesA, treesB] = [treesOf(a), treesOf(b)];
  return [...treesA].flatMap(([path, from]) => {
    const to = treesB.get(path);
    const name = path.split("/").at(-1) ?? path;
    return to ? compareMaps(from, to).map((one) => ({ ...one, what: `${name} ${one.what}` })) : [];
  });
}

function treesOf(image: Compared): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const found = filesOf(image).filter(({ path, type }) => type === "file" && path.endsWith(".dtb"));
  const trees = found.flatMap((file): [string, ReadonlyMap<string, string>][] => {
    const tree = parseDeviceTree(Buffer.concat([...contentOf(image.read, file)]));
    if (!tree) return [];
    const properties = [...tree.properties].map(([name, value]): [string, string] => [name, propertyText(value)]);
    return [[file.path, new Map([...tree.nodes.map((node): [string, string] => [node, "node"]), ...properties])]];
  });
  return new Map(trees);
}

function notes({ content }: Compared, which: string): readonly string[] {
  return content.partitions
    .filter(({ volume }) => volume?.dirty)
    .map((part) => `the ${which} image was not unmounted: partition ${partName(part)} may say less than its journal`);
}

function configNote(a: string | undefined, b: string | undefined): string {
  const which =
    a === undefined ? (b === undefined ? "neither image" : "the second image alone") : "the first image alone";
  return `the kernel's configuration is known of ${which} (it is kept beside the image, in /boot, or in the kernel by IKCONFIG)`;
}

function filesOf({ content }: Compared): readonly VolumeFile[] {
  return content.partitions.flatMap(({ volume }) => volume?.files ?? []);
}

function bytesOf(image: Compared, wanted: (path: string) => boolean): Buffer | undefined {
  const file = filesOf(image).find(({ path, type }) => type === "file" && wanted(path));
  return file && Buffer.concat([...contentOf(image.read, file)]);
}

function textOf(image: Compared, wanted: (path: string) => boolean): string | undefined {
  return bytesOf(image, wanted)?.toString("utf8");
}
