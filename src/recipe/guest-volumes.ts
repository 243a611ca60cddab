import { entriesAt, find, listAt, type Placed, type PlacedMap, textAt } from "../diagnostic/placed.js";

/**
 * The recipe with the volumes that its guests' disks make (`size:`) among those of the volume group they name, each
 * at its place in the guest: so every rule for volumes holds for them, and a message points at the guest.
 */
export function withGuestVolumes(root: Placed): Placed {
  const made = entriesAt(root, "guests").flatMap(({ value }) => listAt(value, "disks").flatMap(volumeOf));
  const partitions = find(root, "image", "partitions");
  if (made.length === 0 || partitions?.kind !== "list") return root;
  const values = partitions.values.map((partition) => {
    const group = textAt(partition, "group")?.text;
    const more = made.filter((one) => one.group === group).map(({ volume }) => volume);
    if (group === undefined || more.length === 0 || partition.kind !== "map") return partition;
    const volumes = find(partition, "volumes");
    const list = { kind: "list" as const, at: volumes?.at ?? partition.at, values: [...listAt(volumes), ...more] };
    return withEntry(partition, "volumes", list);
  });
  return replaced(root, ["image", "partitions"], { ...partitions, values });
}

function volumeOf(disk: Placed): readonly { readonly group: string; readonly volume: PlacedMap }[] {
  const place = textAt(disk, "volume");
  const size = find(disk, "size");
  const [group, name] = place?.text.split("/") ?? [];
  if (place === undefined || size === undefined || group === undefined || name === undefined) return [];
  const scalar = (value: string): Placed => ({ kind: "scalar", at: place.at, value, source: value });
  const from = find(disk, "from");
  const entries: readonly (readonly [string, Placed])[] = [
    ["name", scalar(name)],
    ["size", size],
    ["content", find(disk, "content") ?? scalar(from ? "payload" : "empty")],
    ...(from ? [["from", from] as const] : []),
  ];
  const volume: PlacedMap = {
    kind: "map",
    at: disk.at,
    entries: new Map(entries.map(([key, value]) => [key, { key: value.at, value }])),
  };
  return [{ group, volume }];
}

function withEntry(map: PlacedMap, key: string, value: Placed): PlacedMap {
  const at = map.entries.get(key)?.key ?? value.at;
  return { ...map, entries: new Map([...map.entries, [key, { key: at, value }]]) };
}

function replaced(root: Placed, [key, ...rest]: readonly string[], value: Placed): Placed {
  if (key === undefined) return value;
  const inner = root.kind === "map" ? root.entries.get(key)?.value : undefined;
  return root.kind === "map" && inner ? withEntry(root, key, replaced(inner, rest, value)) : root;
}
