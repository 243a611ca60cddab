import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Endpoint } from "./endpoint.js";

type Env = { readonly [name: string]: string | undefined };

/** A place that was named but cannot be used at all, with the reason. */
export interface Unusable {
  readonly uri: string;
  readonly from: string;
  readonly explicit: boolean;
  readonly reason: string;
}

/** Sockets where engines usually listen, the likeliest first: Docker, rootless Docker, Docker Desktop, Podman. */
export function usualSockets(env: Env): readonly string[] {
  const home = env.HOME ?? homedir();
  const runtime = env.XDG_RUNTIME_DIR;
  return [
    "/var/run/docker.sock",
    ...(runtime ? [join(runtime, "docker.sock")] : []),
    join(home, ".docker/run/docker.sock"),
    "/run/podman/podman.sock",
    ...(runtime ? [join(runtime, "podman/podman.sock")] : []),
  ];
}

/**
 * The places to try, in order: DOCKER_HOST alone if it is set, DOCKER_CONTEXT alone if it is set,
 * otherwise the current Docker context and then the usual sockets.
 */
export async function candidates(env: Env, sockets = usualSockets(env)): Promise<readonly (Endpoint | Unusable)[]> {
  if (env.DOCKER_HOST) return [toEndpoint(env.DOCKER_HOST, "DOCKER_HOST", true)];
  const config = env.DOCKER_CONFIG || join(env.HOME ?? homedir(), ".docker");
  const named = env.DOCKER_CONTEXT;
  if (named && named !== "default") return [await contextEndpoint(config, named, true)];
  const current = named ? undefined : await currentContext(config);
  const usual = sockets.map((path) => toEndpoint(`unix://${path}`, "usual socket", false));
  return current && current !== "default" ? [await contextEndpoint(config, current, false), ...usual] : usual;
}

function toEndpoint(uri: string, from: string, explicit: boolean): Endpoint | Unusable {
  const path = /^unix:\/\/(\/.+)$/.exec(uri)?.[1];
  if (path) return { uri, socketPath: path, from, explicit };
  const reason = /^(ssh|tcp|https?):/.test(uri)
    ? "it may be on another machine, and containers need this machine's files mounted into them: only unix:// sockets will do"
    : "it is no address of the form unix:///path/to/socket";
  return { uri, from, explicit, reason };
}

async function currentContext(config: string): Promise<string | undefined> {
  const name = (await readJson(join(config, "config.json")))?.currentContext;
  return typeof name === "string" ? name : undefined;
}

/** A context's address is in contexts/meta/<sha256 of its name>/meta.json. */
async function contextEndpoint(config: string, name: string, explicit: boolean): Promise<Endpoint | Unusable> {
  const from = `Docker context "${name}"`;
  const folder = createHash("sha256").update(name).digest("hex");
  const meta = await readJson(join(config, "contexts/meta", folder, "meta.json"));
  const host = (meta?.Endpoints as { docker?: { Host?: unknown } } | undefined)?.docker?.Host;
  if (typeof host === "string") return toEndpoint(host, from, explicit);
  return { uri: name, from, explicit, reason: "there is no such context with a Docker address" };
}

async function readJson(path: string): Promise<{ readonly [key: string]: unknown } | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    return typeof value === "object" && value !== null ? (value as { [key: string]: unknown }) : undefined;
  } catch {
    return undefined;
  }
}
