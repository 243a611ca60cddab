/** An image that can be written to cards, wherever and however packed it lies. */
export interface ImageSource {
  /** As its user calls it. */
  readonly name: string;
  /** Bytes of the bare image, when they are known before it is read. */
  readonly size?: number;
  /** False for standard input: then nothing can be read twice. */
  readonly rereadable: boolean;
  /** The same for the same bytes, as far as can be told without reading them; undefined when it cannot. */
  readonly identity?: string;
  /** The text of a bmap that lies beside it or in its zip, and where that was found. */
  readonly bmap?: { readonly text: string; readonly from: string };
  open(signal: AbortSignal): Promise<ImageReader>;
}

/** Reads a bare image forwards. */
export interface ImageReader extends AsyncDisposable {
  /** Fills `into` from `offset`, which never goes back; gives fewer bytes only at the image's end. */
  read(into: Buffer, offset: number): Promise<number>;
  /** Reads what is left, so that a cut-off file is noticed, and gives the image's size. */
  end(): Promise<number>;
}

/** The source gave other bytes than it should, or none. Exit code 1, since it may come to light in mid-write. */
export class SourceFailed extends Error {}
