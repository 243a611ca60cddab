/** One thing that differs. `from` is the first image's, `to` the second's; what one does not have is left out. */
export interface Difference {
  readonly what: string;
  readonly from?: string;
  readonly to?: string;
}

/** Everything in which two images differ, each list sorted by what it is about. */
export interface Differences {
  /** Size, table, disk id, what lies in front of the first partition. */
  readonly image: readonly Difference[];
  readonly partitions: readonly Difference[];
  /** `root:/etc/motd`, with everything that differs about it. */
  readonly files: readonly (Difference & { readonly fields: readonly Difference[] })[];
  readonly packages: readonly Difference[];
  /** Kernel symbols; absent when the configuration of one of the images is not known. */
  readonly kernel?: readonly Difference[];
  /** Properties of device trees that both images have: `sun4i-a10-cubieboard.dtb /soc/serial@1c28000:status`. */
  readonly deviceTrees: readonly Difference[];
  /** What limits what can be said. */
  readonly notes: readonly string[];
}

/** Differences between two maps of texts, sorted by key. */
export function compareMaps(from: ReadonlyMap<string, string>, to: ReadonlyMap<string, string>): readonly Difference[] {
  return [...new Set([...from.keys(), ...to.keys()])].sort(byCodeUnit).flatMap((what) => {
    const [before, after] = [from.get(what), to.get(what)];
    if (before === after) return [];
    return [{ what, ...(before === undefined ? {} : { from: before }), ...(after === undefined ? {} : { to: after }) }];
  });
}

export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether two images are the same in everything that is looked at. */
export function isSame({ image, partitions, files, packages, kernel, deviceTrees }: Differences): boolean {
  return [image, partitions, files, packages, kernel ?? [], deviceTrees].every((list) => list.length === 0);
}
