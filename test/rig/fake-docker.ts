import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** A server on a unix socket that answers as the given function does; `/version` is Docker's unless it says otherwise. */
export async function fakeDocker(
  socketPath: string,
  answer: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
): Promise<AsyncDisposable> {
  const server: Server = createServer((request, response) => {
    if (answer(request, response)) return;
    if (request.url === "/version") response.end(JSON.stringify({ Version: "99.1", Components: [{ Name: "Engine" }] }));
    else response.writeHead(404).end(JSON.stringify({ message: "page not found" }));
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(socketPath, resolve));
  return {
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
