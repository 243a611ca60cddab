import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Endpoint } from "../../src/engine/docker/endpoint.js";
import { ping } from "../../src/engine/docker/find.js";

/** A Docker daemon of a test's own, which it may kill. */
export interface OwnDockerd {
  readonly endpoint: Endpoint;
  /** Kills the daemon and all it runs, as a crash would. */
  kill(): Promise<void>;
  /** Asks the daemon to end in good order. */
  shutDown(): void;
  /** The same, and removes its folder. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Can this machine run one? Needs root and dockerd. */
export function canRunDockerd(): boolean {
  if (process.getuid?.() !== 0) return false;
  return ["/usr/sbin/dockerd", "/usr/bin/dockerd"].some((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * The command of a daemon that lives in `folder` alone. Its own network keeps it from the bridges of the machine's daemon
 * (a second daemon would delete them), its own process numbers make all it started die with it.
 */
export function dockerdCommand(folder: string): readonly string[] {
  const at = (name: string) => join(folder, name);
  return [
    ...["unshare", "--net", "--pid", "--fork", "--mount-proc", "--kill-child", "dockerd"],
    ...["--host", `unix://${at("docker.sock")}`, "--data-root", at("data"), "--exec-root", at("exec")],
    ...["--pidfile", at("pid"), "--bridge", "none", "--iptables=false"],
  ];
}

/** Starts a daemon in a fresh folder and waits until it answers. */
export async function startOwnDockerd(): Promise<OwnDockerd> {
  const folder = mkdtempSync(join(tmpdir(), "boardsmith-dockerd-"));
  const [command = "", ...args] = dockerdCommand(folder);
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  const log: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => log.push(chunk.toString()));
  const socketPath = join(folder, "docker.sock");
  const endpoint: Endpoint = { uri: `unix://${socketPath}`, socketPath, from: "test", explicit: true };
  const until = Date.now() + 60_000;
  for (;;) {
    const answers = await ping(endpoint, 1000).then(
      () => true,
      () => false,
    );
    if (answers) break;
    if (child.exitCode !== null || Date.now() > until) throw new Error(`dockerd did not come up:\n${log.join("")}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const kill = () => killed(child);
  return {
    endpoint,
    kill,
    // The daemon is the child of unshare, which would not pass the signal on.
    shutDown: () => process.kill(childOf(child.pid ?? 0), "SIGTERM"),
    [Symbol.asyncDispose]: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim());
}

function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("close", () => resolve());
    child.kill("SIGKILL");
  });
}
