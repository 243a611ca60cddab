import fc from "fast-check";
import { lvmIdFor } from "../../src/disk/identity.js";
import { extentsIn, type VolumeGroup } from "../../src/disk/lvm/volume-group.js";

const NAME = fc
  .stringMatching(/^[a-zA-Z0-9_+.][a-zA-Z0-9_+.-]{0,11}$/)
  .filter((name) => !/^\.|^snapshot|^pvmove|_m|_r|_t|_c|_v|_w|_i|_p/.test(name));

/** Any volume group that a recipe could ask for, its volumes with or without gaps between them. */
export const VOLUME_GROUP = fc
  .record({
    name: NAME,
    extentPower: fc.integer({ min: 16, max: 24 }),
    size: fc.integer({ min: 33 * 2048, max: 8 * 1024 * 2048 }).map((sectors) => sectors * 512),
    volumes: fc.uniqueArray(
      fc.record({ name: NAME, share: fc.integer({ min: 1, max: 40 }), gap: fc.integer({ min: 0, max: 2 }) }),
      {
        selector: ({ name }) => name,
        maxLength: 9,
      },
    ),
  })
  .map(({ name, extentPower, size, volumes }): VolumeGroup => {
    const extentSize = 2 ** extentPower;
    const extents = extentsIn(size, extentSize);
    const spec = { name: `fuzz ${name}`, board: { name: "none" } };
    let next = 0;
    const placed = volumes.flatMap((volume) => {
      const count = Math.max(1, Math.floor((extents * volume.share) / 400));
      const firstExtent = next + volume.gap;
      if (firstExtent + count > extents) return [];
      next = firstExtent + count;
      return [{ name: volume.name, id: lvmIdFor(spec, volume.name), firstExtent, extents: count }];
    });
    const physical = { id: lvmIdFor(spec, "pv"), size, extents, device: "/dev/mmcblk0p2" };
    return { name, id: lvmIdFor(spec, "vg"), extentSize, physical, volumes: placed, epoch: 1_735_689_600 };
  });
