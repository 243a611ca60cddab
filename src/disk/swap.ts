/**
 * A Linux swap area's first page, as mkswap(8) makes it for pages of 4 KiB (Linux, include/linux/swap.h).
 *
 *   byte 1024  version 1, number of the last page, no bad pages, UUID, label (16 bytes)
 *   byte 4086  "SWAPSPACE2"
 */
export function swapHeader(area: { readonly size: number; readonly uuid: string; readonly label: string }): Buffer {
  const page = Buffer.alloc(4096);
  page.writeUInt32LE(1, 1024);
  page.writeUInt32LE(Math.floor(area.size / 4096) - 1, 1028);
  Buffer.from(area.uuid.replaceAll("-", ""), "hex").copy(page, 1036);
  page.write(area.label.slice(0, 16), 1052, "latin1");
  page.write("SWAPSPACE2", 4086, "latin1");
  return page;
}
