/** A piece of one of a container's output streams, in the order in which it was written. */
export interface Piece {
  readonly stream: "stdout" | "stderr";
  readonly data: Buffer;
}

/**
 * Takes Docker's attach stream apart. Each frame is an 8-byte head (stream 0–2, three zeros, length big-endian) and its payload;
 * heads and payloads may be split and merged anywhere. A payload is passed on as it comes, never collected,
 * and nothing is read ahead of who takes the pieces.
 * Source: Docker Engine API, "Attach to a container", stream format. Throws when the stream is something else.
 */
export async function* demux(source: AsyncIterable<Buffer>): AsyncGenerator<Piece, void, void> {
  const head = Buffer.alloc(8);
  let headBytes = 0;
  let left = 0;
  let stream: Piece["stream"] = "stdout";
  for await (const chunk of source) {
    let at = 0;
    while (at < chunk.length) {
      if (left === 0) {
        const taken = chunk.copy(head, headBytes, at, Math.min(chunk.length, at + 8 - headBytes));
        headBytes += taken;
        at += taken;
        if (headBytes < 8) break;
        headBytes = 0;
        const kind = head[0] ?? 0;
        if (kind > 2) throw new Error(`not Docker's stream format: a frame of stream ${kind}`);
        stream = kind === 2 ? "stderr" : "stdout";
        left = head.readUInt32BE(4);
        continue;
      }
      const data = chunk.subarray(at, at + left);
      at += data.length;
      left -= data.length;
      yield { stream, data };
    }
  }
}
