import { readFile, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import type { Mount } from "../engine/engine.js";
import { type Card, cardSize } from "./machine.js";
import { type Served, servedMounts } from "./served.js";

/** A card made for one boot, and where its parts are inside the emulator's container. */
export interface PreparedCard {
  readonly card: Card;
  readonly mounts: readonly Mount[];
  /** Bytes of the image and of the card. */
  readonly image: number;
  readonly size: number;
  /** What the card differs in from the image, in words. */
  readonly changed: string;
  /** The emulator's version. */
  readonly qemu: string;
}

/** Where a card that keeps what is written to it lies in the emulator's container. */
const KEPT = "/in/image";

/** The image itself as the card, made as large as the next card that there is. Writes to the image. */
export async function keptCard(image: string): Promise<{ readonly card: Card; readonly mounts: readonly Mount[] }> {
  await truncate(image, cardSize((await stat(image)).size));
  return {
    card: { file: KEPT, format: "raw", keeps: true },
    mounts: [{ source: image, target: KEPT, readOnly: false }],
  };
}

/** Runs the proof's script (src/steps/proof.sh) in the emulator's tool image; rejects when it fails. */
export type RunScript = (mounts: readonly Mount[], env: { readonly [name: string]: string }) => Promise<void>;

/**
 * Makes the card for a boot in `folder`, an empty one of the caller's. The image is never written to:
 * without a password QEMU gets the image itself (or a qcow2 on top, when the card has to be larger);
 * with one, a sparse copy in which root has that password. Over the network root is not on the card (no offset), and it
 * is the server that says another password. `larger`: the card is one that the image could grow on.
 */
export async function prepareCard(
  image: string,
  folder: string,
  {
    root,
    larger = false,
  }: { readonly root?: { readonly password: string; readonly offset?: number }; readonly larger?: boolean },
  runScript: RunScript,
  served?: Served,
): Promise<PreparedCard> {
  const bytes = (await stat(image)).size;
  const size = cardSize(bytes) * (larger ? 2 : 1);
  const mounts: readonly Mount[] = [
    { source: image, target: "/in/image", readOnly: true },
    { source: folder, target: "/card", readOnly: false },
    ...(served ? servedMounts(served) : []),
  ];
  await runScript(mounts, {
    CARD_SIZE: String(size),
    PASSWORD: root?.password ?? "",
    ROOT_OFFSET: String(root?.offset ?? 0),
    SERVED: served ? "1" : "",
  });
  const qemu = (await readFile(join(folder, "version"), "utf8")).trim();
  const common = { mounts, image: bytes, size, qemu };
  if (root && !served) {
    const wizard = await stat(join(folder, "without-wizard")).then(
      () => " and the first-boot wizard's trigger",
      () => "",
    );
    const changed = `root's password${wizard}, in a copy that was thrown away after the boot`;
    return { ...common, card: { file: "/card/card.raw", format: "raw" }, changed };
  }
  const changed = root ? "nothing; root's password, in what the NFS server gave" : "nothing";
  if (size !== bytes) return { ...common, card: { file: "/card/card.qcow2", format: "qcow2" }, changed };
  return { ...common, card: { file: "/in/image", format: "raw" }, changed };
}
