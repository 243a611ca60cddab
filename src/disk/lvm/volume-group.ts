/** Extents and texts count in sectors of 512 bytes. */
export const SECTOR = 512;
/** Where the first extent of a physical volume starts, bytes: lvm2's own default, behind label and metadata. */
export const DATA_START = 1024 ** 2;

/** One volume group on one physical volume, all of it decided: what lvm2's metadata say. */
export interface VolumeGroup {
  readonly name: string;
  /** 32 letters and digits, as all ids here; see lvmId. */
  readonly id: string;
  /** Bytes. */
  readonly extentSize: number;
  readonly physical: {
    readonly id: string;
    /** Bytes of the partition. */
    readonly size: number;
    readonly extents: number;
    /** A hint for people: where it was when this was written. lvm2 looks for the id. */
    readonly device: string;
  };
  readonly volumes: readonly {
    readonly name: string;
    readonly id: string;
    readonly firstExtent: number;
    readonly extents: number;
  }[];
  /** Seconds; when it was made. */
  readonly epoch: number;
}

/** How many extents a physical volume of `size` bytes has room for. */
export function extentsIn(size: number, extentSize: number): number {
  return Math.max(0, Math.floor((size - DATA_START) / extentSize));
}

/** The name device-mapper knows a logical volume by: dashes of the names are doubled, one joins them (lvm2, dm_build_dm_name). */
export function mapperName(group: string, volume: string): string {
  return [group, volume].map((name) => name.replaceAll("-", "--")).join("-");
}
