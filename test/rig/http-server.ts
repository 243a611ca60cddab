import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a path gives. */
export interface Resource {
  readonly body: Buffer;
  readonly etag?: string;
  /** Answers of the first requests, in order, instead of the body. */
  readonly first?: readonly Fault[];
  /** Range requests get the whole file. */
  readonly ignoresRange?: boolean;
}

export type Fault =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** Sends that many bytes of what was asked for and breaks the connection. */
  | { readonly dropAfter: number }
  /** Sends that many bytes and then nothing any more. */
  | { readonly stallAfter: number };

export interface HttpRig extends AsyncDisposable {
  readonly url: string;
  readonly resources: Map<string, Resource>;
  /** `GET /path` with its Range, in order. */
  readonly requests: string[];
}

/** A web server on the loopback with faults on demand. Understands Range with If-Range. */
export async function httpServer(resources: Readonly<Record<string, Resource>> = {}): Promise<HttpRig> {
  const known = new Map(Object.entries(resources));
  const requests: string[] = [];
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    const range = request.headers.range;
    requests.push(`${request.method} ${path}${range ? ` ${range}` : ""}`);
    const resource = known.get(path);
    if (!resource) return response.writeHead(404).end();
    const count = counts.get(path) ?? 0;
    counts.set(path, count + 1);
    answer(request, response, resource, resource.first?.[count]);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    resources: known,
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  resource: Resource,
  fault: Fault | undefined,
): void {
  if (fault && "status" in fault) {
    response.writeHead(fault.status, fault.headers).end();
    return;
  }
  const { body, etag } = resource;
  const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1];
  const condition = request.headers["if-range"];
  const partial = asked !== undefined && !resource.ignoresRange && (condition === undefined || condition === etag);
  const start = partial ? Number(asked) : 0;
  const headers: Record<string, string> = etag === undefined ? {} : { etag };
  if (partial && start >= body.length) {
    response.writeHead(416, { ...headers, "content-range": `bytes */${body.length}` }).end();
    return;
  }
  const content = body.subarray(start);
  response.writeHead(partial ? 206 : 200, {
    ...headers,
    "content-length": String(content.length),
    ...(partial && { "content-range": `bytes ${start}-${body.length - 1}/${body.length}` }),
  });
  if (fault && "dropAfter" in fault)
    response.write(content.subarray(0, fault.dropAfter), () => setImmediate(() => response.destroy()));
  else if (fault) response.write(content.subarray(0, fault.stallAfter));
  else response.end(content);
}
