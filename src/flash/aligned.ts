/** TypeScript's declarations of it come with browsers'. */
declare const WebAssembly: {
  readonly Memory: new (size: {
    readonly initial: number;
    readonly maximum: number;
  }) => { readonly buffer: ArrayBuffer };
};

/** Bytes of a page of WebAssembly; a multiple of every page and block that direct I/O could ask for. */
const PAGE = 65_536;

/**
 * Buffers whose memory begins at a page, as direct I/O wants them (open(2), O_DIRECT: EINVAL otherwise). Node allocates
 * them anywhere; the memory of a WebAssembly instance is mapped, so it is aligned.
 */
export function alignedBuffers(count: number, bytes: number): Buffer[] {
  const step = Math.ceil(bytes / PAGE) * PAGE;
  const pages = (count * step) / PAGE;
  const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages });
  return Array.from({ length: count }, (_, index) => Buffer.from(buffer, index * step, bytes));
}
