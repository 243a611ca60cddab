/** What an image's layout file tells of a partition or of a logical volume. */
export interface LaidOut {
  /** The partition's; a volume's is that of its group. */
  readonly number: number;
  readonly filesystem: string;
  /** Bytes. */
  readonly offset: number;
  readonly size: number;
  /** A volume's name below /dev/mapper. */
  readonly mapper?: string;
}

interface Partition extends LaidOut {
  readonly content: string;
  readonly group?: {
    readonly name: string;
    readonly volumes: readonly (Omit<LaidOut, "number"> & { readonly name: string; readonly content: string })[];
  };
}

const partitionsOf = (text: string) => (JSON.parse(text) as { readonly partitions: readonly Partition[] }).partitions;

/** The root filesystem in the text of an image's layout file (step `image`, output `layout`); undefined when it has none. */
export function rootOf(text: string): LaidOut | undefined {
  for (const partition of partitionsOf(text)) {
    if (partition.content === "root") return partition;
    const volume = partition.group?.volumes.find(({ content }) => content === "root");
    if (volume) return { ...volume, number: partition.number };
  }
  return undefined;
}

/** All logical volumes of an image, as `GROUP VOLUME`. */
export function volumesOf(text: string): readonly string[] {
  return partitionsOf(text).flatMap(({ group }) => group?.volumes.map(({ name }) => `${group.name} ${name}`) ?? []);
}
