/**
 * Where an image is written to, as a platform offers it. Errors are Node's, with their `code`: EIO and the like may pass,
 * ENODEV, ENXIO and ENOMEDIUM say that the card is gone.
 */
export interface Drive extends AsyncDisposable {
  /** As its user calls it: `sdb`. */
  readonly name: string;
  /** What is known of the card and its reader that stays the same when it is plugged in again. */
  readonly identity: string;
  /** Bytes, a multiple of `block`. */
  readonly capacity: number;
  /** Every offset and length is a multiple of it, bytes. */
  readonly block: number;
  /** False where reads may come from memory: then a read-back proves less. */
  readonly direct: boolean;
  /** Fills the whole buffer, which comes from `alignedBuffers`. */
  read(into: Buffer, offset: number): Promise<void>;
  /** Writes the whole buffer, which comes from `alignedBuffers`. */
  write(from: Buffer, offset: number): Promise<void>;
  /** Everything written is on the medium, as far as the drive tells the truth. */
  flush(): Promise<void>;
  /** Gives a range up, so that it should read as zeros; false when the drive cannot. */
  discard?(start: number, end: number): Promise<boolean>;
}

/** What is written and read back in one go at most, bytes. Pieces begin at multiples of it. */
export const PIECE = 1024 * 1024;
