import { createServer } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { connectDocker } from "../../../src/engine/docker/connect.js";
import { tempFolder } from "../../rig/temp-folder.js";

/** Answers as Podman 4.3.1 was seen to: a wait for the removal of a container that removes itself gives 0, whatever it ended with. */
async function podman(socketPath: string, exitCode: number): Promise<void> {
  const server = createServer((request, response) => {
    const said = (body: unknown, status = 200) => response.writeHead(status).end(JSON.stringify(body));
    const path = request.url ?? "";
    if (path === "/version") said({ Version: "4.3.1", Components: [{ Name: "Podman Engine" }] });
    else if (path.startsWith("/containers/create")) said({ Id: "one", Warnings: [] }, 201);
    else if (path.endsWith("/start")) response.writeHead(204).end();
    else if (path.endsWith("/wait?condition=removed")) said({ StatusCode: 0, Error: null });
    else if (path.endsWith("/wait?condition=next-exit")) said({ StatusCode: exitCode, Error: null });
    else said({ message: `no answer for ${path}` }, 404);
  });
  server.on("upgrade", (_request, socket) => {
    socket.end("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  onTestFinished(() => void server.close());
}

test("a job that fails on Podman has failed", async () => {
  const socketPath = join(await tempFolder(), "p.sock");
  await podman(socketPath, 7);
  const engine = await connectDocker({ uri: `unix://${socketPath}`, socketPath, from: "test", explicit: true });
  expect(engine.name).toBe(`Podman 4.3.1 at unix://${socketPath}`);
  const code = await engine.run({
    name: "seven",
    tool: { name: "none", base: { distro: "debian", suite: "trixie" }, packages: [] },
    argv: ["false"],
    env: {},
    mounts: [],
    network: "none",
    caps: [],
    onLine: () => {},
    signal: AbortSignal.timeout(15_000),
  });
  expect(code).toBe(7);
});
