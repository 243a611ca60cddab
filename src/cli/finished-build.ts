import { readFile } from "node:fs/promises";
import type { Plan } from "../plan/step.js";
import type { Pins } from "../recipe/pins.js";
import type { Spec } from "../recipe/spec.js";
import type { BuildFacts } from "../report/build-facts.js";
import type { Inventory } from "../rootfs/inventory/inventory.js";
import type { Result, Store, StoredObject } from "../store/store.js";

/** A build whose results can be brought out. */
export interface FinishedBuild {
  readonly plan: Plan;
  readonly spec: Spec;
  readonly pins: Pins;
  readonly store: Store;
  /** boardsmith's own version, for the records. */
  readonly version: string;
}

/** Reads from the store what an image's records tell beyond plan and pins; what was not made is left out. */
export async function buildFacts(build: FinishedBuild, results: ReadonlyMap<string, Result>): Promise<BuildFacts> {
  const { store, ...known } = build;
  const outputs = (step: string) => results.get(step)?.outputs ?? {};
  const text = async (object: StoredObject | undefined, encoding: BufferEncoding = "utf8") =>
    object && readFile(store.path(object), encoding);
  const inventory = await text(outputs("inventory").inventory);
  const release = (await text(outputs("kernel").release))?.trim();
  const xen = (await text(outputs("xen").release))?.trim();
  // Its banner, in the SPL or behind it.
  const uboot = /U-Boot (?:SPL )?(\d{4}\.\d{2}\S*)/.exec(
    (await text(outputs("u-boot")["u-boot"], "latin1")) ?? "",
  )?.[1];
  const imageSha256 = (await text(outputs("checksum").sha256))?.trim();
  const proof = await text(outputs("proof").proof);
  return {
    ...known,
    results,
    packages: (await text(outputs("rootfs").packages)) ?? "",
    ...(inventory === undefined ? {} : { inventory: JSON.parse(inventory) as Inventory }),
    ...(release === undefined ? {} : { release }),
    ...(xen === undefined ? {} : { xenRelease: xen }),
    ...(uboot === undefined ? {} : { ubootVersion: uboot }),
    ...(imageSha256 === undefined ? {} : { imageSha256 }),
    ...(proof === undefined ? {} : { proof }),
  };
}
