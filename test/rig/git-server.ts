import { execFileSync, spawn } from "node:child_process";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

export interface GitRig extends AsyncDisposable {
  /** Repositories are at URL/NAME.git. */
  readonly url: string;
  /** Paths with their query, in order. */
  readonly requests: string[];
}

/**
 * A git server on the loopback (git's own http-backend) over bare repositories cloned from bundles into `folder`.
 * `old`: it speaks protocol 0 and gives no commit that is not the head of a branch or tag.
 */
export async function gitServer(
  folder: string,
  bundles: Readonly<Record<string, string>>,
  options: { readonly old?: boolean } = {},
): Promise<GitRig> {
  for (const [name, bundle] of Object.entries(bundles)) {
    const bare = join(folder, `${name}.git`);
    execFileSync("git", ["clone", "--quiet", "--mirror", bundle, bare], { stdio: ["ignore", "ignore", "inherit"] });
    execFileSync("git", ["-C", bare, "config", "http.receivepack", "false"]);
  }
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? "");
    backend(folder, options.old === true, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** `git daemon` on the loopback over a folder of bare repositories: git's own protocol, `git://`. */
export async function gitDaemon(folder: string): Promise<AsyncDisposable & { readonly url: string }> {
  // The daemon cannot choose a port itself; one that was free a moment ago will do.
  const finder = createServer();
  await new Promise<void>((resolve) => finder.listen(0, "127.0.0.1", resolve));
  const { port } = finder.address() as AddressInfo;
  await new Promise<void>((resolve) => finder.close(() => resolve()));
  const safe = { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "safe.directory", GIT_CONFIG_VALUE_0: "*" };
  const words = ["--listen=127.0.0.1", `--port=${port}`, `--base-path=${folder}`, "--export-all", "--verbose"];
  const child = spawn("git", ["daemon", ...words], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...safe },
    detached: true,
  });
  await new Promise<void>((resolve, reject) => {
    child.stderr.on("data", (text: Buffer) => text.includes("Ready to rumble") && resolve());
    child.on("close", (code) => reject(new Error(`git daemon ended with ${code}`)));
  });
  return {
    url: `git://127.0.0.1:${port}`,
    // `git` is the parent of the daemon: the whole group goes.
    [Symbol.asyncDispose]: async () => void process.kill(-(child.pid ?? 0)),
  };
}

/** One CGI request (RFC 3875) to git-http-backend. */
function backend(folder: string, old: boolean, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "/", "http://rig");
  const protocol = request.headers["git-protocol"];
  const child = spawn("git", ["http-backend"], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: "1",
      // The repositories may belong to another user than the server's.
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "safe.directory",
      GIT_CONFIG_VALUE_0: "*",
      REQUEST_METHOD: request.method,
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      ...(request.headers["content-encoding"] && { HTTP_CONTENT_ENCODING: request.headers["content-encoding"] }),
      ...(protocol !== undefined && !old && { GIT_PROTOCOL: String(protocol) }),
    },
  });
  request.pipe(child.stdin);
  child.stdin.on("error", () => {});
  const parts: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => parts.push(chunk));
  child.on("close", () => {
    const all = Buffer.concat(parts);
    const end = all.indexOf("\r\n\r\n");
    const headers = new Map(
      all
        .subarray(0, Math.max(0, end))
        .toString("latin1")
        .split("\r\n")
        .filter(Boolean)
        .map((line) => {
          const colon = line.indexOf(":");
          return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
        }),
    );
    const status = Number(headers.get("status")?.slice(0, 3) ?? (end < 0 ? 500 : 200));
    headers.delete("status");
    response.writeHead(status, Object.fromEntries(headers)).end(all.subarray(end + 4));
  });
}
