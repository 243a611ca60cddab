import { STATUS_CODES } from "node:http";
import type { Attempt } from "./http-attempt.js";

type Failure = Exclude<Attempt, { kind: "whole" }>;

/** Longest that a server's Retry-After is honoured, milliseconds. */
const MOST_PATIENCE = 120_000;

/** What an HTTP status means for going on. */
export function statusReason(status: number, retryAfter: string | null): Failure {
  const reason = `HTTP ${status} ${STATUS_CODES[status] ?? ""}`.trimEnd();
  if (status < 500 && ![408, 425, 429].includes(status)) return { kind: "hopeless", reason };
  if (status === 501 || status === 505) return { kind: "hopeless", reason };
  const after = retryAfter === null ? undefined : waitOf(retryAfter);
  return { kind: "retry", reason, ...(after === undefined ? {} : { after }) };
}

/** Retry-After is seconds or a date (RFC 9110, 10.2.3). */
function waitOf(text: string): number | undefined {
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(wait) ? Math.min(MOST_PATIENCE, Math.max(0, wait)) : undefined;
}

const HOPELESS: Readonly<Record<string, string>> = {
  ENOTFOUND: "no host of that name",
  EPROTO: "the server does not speak TLS there",
  ERR_INVALID_URL: "not a URL",
  CERT_HAS_EXPIRED: "TLS: the server's certificate has expired",
  CERT_NOT_YET_VALID: "TLS: the server's certificate is not valid yet; is this machine's clock right?",
  DEPTH_ZERO_SELF_SIGNED_CERT: "TLS: the server's certificate is signed by itself",
  SELF_SIGNED_CERT_IN_CHAIN: "TLS: the server's certificate is signed by nobody this machine trusts",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "TLS: the server's certificate is signed by nobody this machine trusts",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "TLS: the server's certificate is signed by nobody this machine trusts",
  ERR_TLS_CERT_ALTNAME_INVALID: "TLS: the server's certificate is for another host",
};

const PASSING: Readonly<Record<string, string>> = {
  EAI_AGAIN: "the name could not be looked up",
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the connection broke",
  EHOSTUNREACH: "no way to the host",
  ENETUNREACH: "no way to its network",
  ETIMEDOUT: "no answer",
  ERR_STREAM_PREMATURE_CLOSE: "the connection broke",
  EPIPE: "the connection broke",
};

/** What an error of the network means for going on; errors of other kinds (a full disk, a bug) are thrown again. */
export function networkReason(error: unknown): Failure {
  const code = codeOf(error);
  const hopeless = HOPELESS[code];
  if (hopeless !== undefined) return { kind: "hopeless", reason: hopeless };
  const passing = PASSING[code];
  if (passing !== undefined) return { kind: "retry", reason: passing };
  if (error instanceof Error && error.name === "FetchError") return { kind: "retry", reason: error.message };
  if (error instanceof TypeError) return { kind: "hopeless", reason: error.message };
  throw error;
}

/** The innermost code: node-fetch wraps node's error, and a host with several addresses gives an error of errors. */
function codeOf(error: unknown): string {
  if (error === null || typeof error !== "object") return "";
  const { code, errors, cause } = error as { code?: unknown; errors?: unknown; cause?: unknown };
  if (typeof code === "string" && code !== "") return code;
  return codeOf(Array.isArray(errors) ? errors[0] : cause);
}
