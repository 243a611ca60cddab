/** A partition as the image's layout file tells of it. */
export interface LaidOut {
  readonly number: number;
  readonly content: string;
  readonly filesystem: string;
  /** Bytes. */
  readonly offset: number;
  readonly size: number;
}

/** The root partition in the text of an image's layout file (step `image`, output `layout`); undefined when it has none. */
export function rootOf(text: string): LaidOut | undefined {
  const { partitions } = JSON.parse(text) as { readonly partitions: readonly LaidOut[] };
  return partitions.find((partition) => partition.content === "root");
}
