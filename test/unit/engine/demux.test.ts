import fc from "fast-check";
import { expect, test } from "vitest";
import { demux, type Piece } from "../../../src/engine/docker/demux.js";

type Frame = readonly [stream: 0 | 1 | 2, payload: Uint8Array];

const frames = fc.array(
  fc.tuple(fc.constantFrom<0 | 1 | 2>(0, 1, 2), fc.uint8Array({ maxLength: 40 })) as fc.Arbitrary<Frame>,
  { maxLength: 30 },
);

function encode(all: readonly Frame[]): Buffer {
  const parts = all.map(([stream, payload]) => {
    const head = Buffer.alloc(8);
    head[0] = stream;
    head.writeUInt32BE(payload.length, 4);
    return Buffer.concat([head, payload]);
  });
  return Buffer.concat(parts);
}

/** Cuts bytes at the given places, in order and with repeats, so that empty chunks come too. */
async function* cutAt(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const places = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  let from = 0;
  for (const to of places) {
    yield bytes.subarray(from, to);
    from = to;
  }
}

async function collect(source: AsyncIterable<Buffer>): Promise<{ stdout: Buffer; stderr: Buffer; pieces: Piece[] }> {
  const pieces: Piece[] = [];
  for await (const piece of demux(source)) pieces.push(piece);
  const of = (stream: string) => Buffer.concat(pieces.filter((p) => p.stream === stream).map((p) => p.data));
  return { stdout: of("stdout"), stderr: of("stderr"), pieces };
}

test("every payload byte comes out once, in order and in its stream, wherever the chunks are cut", async () => {
  await fc.assert(
    fc.asyncProperty(frames, fc.array(fc.nat(), { maxLength: 40 }), async (all, cuts) => {
      const got = await collect(cutAt(encode(all), cuts));
      const of = (...kinds: readonly number[]) =>
        Buffer.concat(all.filter(([stream]) => kinds.includes(stream)).map(([, payload]) => payload));
      expect(got.stdout).toEqual(of(0, 1));
      expect(got.stderr).toEqual(of(2));
      // The order between the streams is kept too.
      const inOrder = Buffer.concat(all.map(([, payload]) => payload));
      expect(Buffer.concat(got.pieces.map((piece) => piece.data))).toEqual(inOrder);
    }),
  );
});

test("a payload is passed on before its frame is complete", async () => {
  const bytes = encode([[1, Buffer.from("half of this")]]);
  async function* stuck(): AsyncGenerator<Buffer> {
    yield bytes.subarray(0, 12);
    await new Promise(() => {});
  }
  const first = await demux(stuck()).next();
  expect(first.value?.data.toString()).toBe("half");
});

test("nothing is read ahead of who takes the pieces", async () => {
  let read = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for (;;) {
      read++;
      yield encode([[1, Buffer.from("x")]]);
    }
  }
  const pieces = demux(counted());
  await pieces.next();
  await pieces.next();
  expect(read).toBe(2);
  await pieces.return();
});

test("many small frames in one chunk take linear time", async () => {
  const bytes = encode(Array.from({ length: 100_000 }, (): Frame => [1, Buffer.from("a line\n")]));
  const start = performance.now();
  const { pieces } = await collect(cutAt(bytes, []));
  expect(pieces.length).toBe(100_000);
  // Copying the rest for each frame would take minutes.
  expect(performance.now() - start).toBeLessThan(6000);
});

test("what is no frame is refused", async () => {
  async function* raw(): AsyncGenerator<Buffer> {
    yield Buffer.from("plain text of a terminal");
  }
  await expect(collect(raw())).rejects.toThrow("not Docker's stream format: a frame of stream 112");
});
