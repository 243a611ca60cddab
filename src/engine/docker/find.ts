import { EngineLost } from "../../diagnostic/failure.js";
import { candidates, type Unusable, usualSockets } from "./candidates.js";
import type { Endpoint } from "./endpoint.js";
import { open, text } from "./request.js";

type Env = { readonly [name: string]: string | undefined };

/** Why a place is no engine of ours. `denied`: somebody may listen, but not to us. */
export type Problem = "absent" | "silent" | "denied" | "unusable";

/** One place that was tried in vain. */
export interface Attempt {
  readonly uri: string;
  readonly from: string;
  readonly explicit: boolean;
  readonly problem: Problem;
  /** For people: `no such socket`. */
  readonly reason: string;
}

/** An engine that answered, or everything that was tried. */
export interface Search {
  readonly endpoint?: Endpoint;
  /** As it names itself: `Docker 20.10.24`. */
  readonly version?: string;
  readonly attempts: readonly Attempt[];
}

/** Looks for a container engine that answers; never starts one. `patience` in ms per place. */
export async function findDocker(env: Env, sockets = usualSockets(env), patience = 3000): Promise<Search> {
  const attempts: Attempt[] = [];
  for (const candidate of await candidates(env, sockets)) {
    if ("reason" in candidate) {
      attempts.push({ ...candidate, problem: "unusable" });
      continue;
    }
    try {
      const version = await ping(candidate, patience);
      return { endpoint: candidate, version, attempts };
    } catch (error) {
      attempts.push(failed(candidate, error as NodeJS.ErrnoException));
    }
  }
  return { attempts };
}

/** Asks an engine for its name and version. */
export async function ping(endpoint: Endpoint, patience: number): Promise<string> {
  const answer = await open(endpoint.socketPath, "GET", "/version", patience);
  const said = JSON.parse(await text(answer)) as { Version?: string; Components?: readonly { Name?: string }[] };
  if (!said.Version) throw new Error("it gives no version");
  const podman = said.Components?.some((component) => component.Name?.startsWith("Podman"));
  return `${podman ? "Podman" : "Docker"} ${said.Version}`;
}

/** The error for a search that found nothing: every place with its reason, and what the user can do about them. */
export function notFound(search: Search, remedies: readonly string[] = []): EngineLost {
  const tried = search.attempts.map((a) => `  ${a.uri} (${a.from}): ${a.reason}`);
  return new EngineLost(["no container engine answers; tried:", ...tried].join("\n"), [
    ...new Set([...search.attempts.flatMap(remediesFor), ...remedies]),
  ]);
}

function failed(endpoint: Endpoint, error: NodeJS.ErrnoException): Attempt {
  const base = { uri: endpoint.uri, from: endpoint.from, explicit: endpoint.explicit };
  switch (error.code) {
    case "ENOENT":
    case "ENOTDIR":
      return { ...base, problem: "absent", reason: "no such socket" };
    case "EACCES":
    case "EPERM":
      return { ...base, problem: "denied", reason: "permission denied" };
    case "ECONNREFUSED":
      return { ...base, problem: "silent", reason: "the socket is there, but nobody listens" };
    default:
      return {
        ...base,
        problem: "silent",
        reason: error instanceof SyntaxError ? "what answers is no engine" : error.message,
      };
  }
}

function remediesFor(attempt: Attempt | (Unusable & { problem: Problem })): readonly string[] {
  if (attempt.problem === "denied") {
    return [
      "sudo usermod -aG docker $USER   # then log out and in again: only members of the docker group may use the engine",
    ];
  }
  if (!attempt.explicit) return [];
  if (attempt.from === "DOCKER_HOST")
    return ["unset DOCKER_HOST   # to look in the usual places, or point it to an engine that runs"];
  return ["unset DOCKER_CONTEXT   # to look in the usual places, or name a context whose engine runs"];
}
