import { Agent, type IncomingMessage, request } from "node:http";
import type { Duplex } from "node:stream";

/** One connection per request: nothing is left open that would keep the process alive. */
const agent = new Agent({ keepAlive: false });

/** An HTTP answer of the engine that says no. */
export class EngineAnswer extends Error {
  readonly statusCode: number;
  constructor(statusCode: number, message: string) {
    super(message);
    this.name = "EngineAnswer";
    this.statusCode = statusCode;
  }
}

/** Sends a request without a body and resolves as soon as the answer's head is there; the body is still to come. */
export function open(
  socketPath: string,
  method: "GET" | "POST",
  path: string,
  timeout?: number,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method, path, agent, headers: { Host: "engine", "Content-Length": 0 } });
    if (timeout !== undefined) {
      const timer = setTimeout(() => sent.destroy(new Error(`no answer within ${timeout / 1000} s`)), timeout);
      sent.once("close", () => clearTimeout(timer));
    }
    sent.once("error", reject);
    sent.once("response", (answer) => {
      if ((answer.statusCode ?? 0) < 300) resolve(answer);
      else text(answer).then((body) => reject(refusal(answer, body)), reject);
    });
    sent.end();
  });
}

/**
 * Turns the connection of a request into a two-way stream (HTTP upgrade). Docker's own client library sends a body first,
 * which can end up in the container's standard input; this does not.
 */
export function hijack(socketPath: string, path: string, body?: object): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? "" : JSON.stringify(body);
    const headers = {
      Host: "engine",
      Connection: "Upgrade",
      Upgrade: "tcp",
      "Content-Length": Buffer.byteLength(payload),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    };
    const sent = request({ socketPath, method: "POST", path, agent, headers });
    sent.once("error", reject);
    sent.once("upgrade", (_answer, socket, head) => {
      // Whoever reads the stream sees its errors; an unread one must not end the process.
      socket.on("error", () => {});
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    sent.once("response", (answer) => text(answer).then((said) => reject(refusal(answer, said)), reject));
    sent.end(payload);
  });
}

/** The whole body as text; rejects when the connection breaks before its end. */
export async function text(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function refusal(answer: IncomingMessage, body: string): EngineAnswer {
  let message = body.trim();
  try {
    message = (JSON.parse(body) as { message?: string }).message ?? message;
  } catch {
    // Not JSON: the text itself is the message.
  }
  return new EngineAnswer(answer.statusCode ?? 0, message || `HTTP ${answer.statusCode}`);
}
