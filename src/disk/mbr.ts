/**
 * Master boot record, one sector:
 *
 *   0    boot code (zeros: ARM boot ROMs don't run it)
 *   440  disk signature, little endian
 *   446  four entries of 16 bytes: status, CHS first, type, CHS last, first sector, sector count
 *   510  55 aa
 *
 * Source: UEFI specification 2.10, 5.2.1.
 */
export const SECTOR = 512;

export interface MbrPartition {
  /** Bytes from the start of the disk. */
  readonly start: number;
  readonly size: number;
  /** e.g. 0x0c FAT32 (LBA), 0x83 Linux, 0xee GPT protective. */
  readonly type: number;
  readonly active: boolean;
}

export interface Mbr {
  /** 8 hex digits. */
  readonly diskId: string;
  readonly partitions: readonly MbrPartition[];
}

/** The sector's 512 bytes. Throws on more than four partitions or on offsets beyond 32 bits of sectors. */
export function writeMbr(mbr: Mbr): Uint8Array {
  if (mbr.partitions.length > 4) throw new Error("an MBR has four entries");
  const bytes = new Uint8Array(SECTOR);
  const view = new DataView(bytes.buffer);
  view.setUint32(440, Number.parseInt(mbr.diskId, 16), true);
  mbr.partitions.forEach((partition, index) => {
    const at = 446 + index * 16;
    const first = partition.start / SECTOR;
    const count = partition.size / SECTOR;
    if (!Number.isInteger(first) || !Number.isInteger(count) || first > 0xffffffff || count > 0xffffffff) {
      throw new Error(`partition ${index + 1} cannot be said in 32-bit sectors`);
    }
    view.setUint8(at, partition.active ? 0x80 : 0);
    chs(view, at + 1, first);
    view.setUint8(at + 4, partition.type);
    chs(view, at + 5, first + count - 1);
    view.setUint32(at + 8, first, true);
    view.setUint32(at + 12, count, true);
  });
  view.setUint16(510, 0xaa55, true);
  return bytes;
}

/** Reads an MBR back; undefined when the sector has none. */
export function parseMbr(bytes: Uint8Array): Mbr | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < SECTOR || view.getUint16(510, true) !== 0xaa55) return undefined;
  const partitions: MbrPartition[] = [];
  for (let at = 446; at < 510; at += 16) {
    const type = view.getUint8(at + 4);
    if (type === 0) continue;
    partitions.push({
      start: view.getUint32(at + 8, true) * SECTOR,
      size: view.getUint32(at + 12, true) * SECTOR,
      type,
      active: view.getUint8(at) === 0x80,
    });
  }
  return { diskId: view.getUint32(440, true).toString(16).padStart(8, "0"), partitions };
}

/** Cylinder, head, sector of a 255 × 63 geometry, or its end where that has no more numbers. */
function chs(view: DataView, at: number, sector: number): void {
  const cylinder = Math.floor(sector / (255 * 63));
  if (cylinder > 1023) {
    view.setUint8(at, 254);
    view.setUint8(at + 1, 0xff);
    view.setUint8(at + 2, 0xff);
    return;
  }
  view.setUint8(at, Math.floor(sector / 63) % 255);
  view.setUint8(at + 1, ((sector % 63) + 1) | ((cylinder >> 2) & 0xc0));
  view.setUint8(at + 2, cylinder & 0xff);
}
