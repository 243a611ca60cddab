import { EngineLost } from "../../diagnostic/failure.js";
import type { Endpoint } from "./endpoint.js";

/** What dockerode and our own requests put on an error. */
export interface EngineError extends Error {
  readonly statusCode?: number;
  readonly json?: { readonly message?: string } | null;
}

/** The engine's own words, without the client library's frame around them. */
export function saidBy(error: EngineError): string {
  return (error.json?.message ?? error.message).trim();
}

/** The engine could not do what we asked: it said no, or it is gone. `doing`: "starting kernel". */
export function lost(endpoint: Endpoint, doing: string, cause: unknown): EngineLost {
  if (cause instanceof EngineLost) return cause;
  const error = cause as EngineError;
  if (error?.statusCode !== undefined) {
    return new EngineLost(`the container engine at ${endpoint.uri} refused ${doing}: ${saidBy(error)}`, [], cause);
  }
  const why = error?.message ? ` (${error.message})` : "";
  return new EngineLost(
    `the container engine at ${endpoint.uri} went away while ${doing}${why}`,
    ["start the engine again, then repeat the command: what is already built is kept"],
    cause,
  );
}
