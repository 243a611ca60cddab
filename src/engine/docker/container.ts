import type { ContainerCreateOptions } from "dockerode";
import { ownerName, self } from "../../store/owner.js";
import type { Job } from "../engine.js";

/**
 * First process of a container. It holds the container's standard input, which ends when our process does, however it dies;
 * then everything is killed, and the container removes itself. (`kill -1` spares its sender and the first process, which ends next.)
 * The shell's own standard error is closed off: it would tell of the killing.
 */
const deadMan = (watch: string, input: string) =>
  `exec 3>&2 2>/dev/null; { ${watch}; kill -KILL -1; } 3>&- | { "$@" ${input}2>&3 3>&-; code=$?; kill -KILL -1; exit $code; }`;
const DEAD_MAN = deadMan("cat >/dev/null", "</dev/null ");
/** The same for a job that reads: what we write is passed on to it. */
const DEAD_MAN_TALKING = deadMan("cat", "");

/**
 * On a terminal the end of input does not come through; `watch` runs beside the job instead.
 * The terminal's size is set from outside right after the start: the job waits for it, a second at most.
 */
const ON_TERMINAL =
  'n=0; while [ "$(stty size)" = "0 0" ] && [ $n -lt 50 ]; do n=$((n+1)); sleep 0.02; done; "$@"; exit $?';

/** Run in a terminal's container: ends it when our process is gone. */
export const WATCH = ["sh", "-c", "cat >/dev/null; kill -KILL -1"];

/** How a container's standard input is used. */
export type Input = "none" | "talk" | "terminal";

/** What is asked of the engine for a job. Pure. */
export function containerOptions(
  job: Omit<Job, "onLine" | "signal" | "tool">,
  image: string,
  input: Input,
): ContainerCreateOptions {
  const first = input === "terminal" ? ON_TERMINAL : input === "talk" ? DEAD_MAN_TALKING : DEAD_MAN;
  return {
    Image: image,
    Entrypoint: [],
    // `sh -c TEXT NAME ARGS`: the name is what the shell puts before its own messages.
    Cmd: ["sh", "-c", first, "boardsmith", ...job.argv],
    Env: Object.entries(job.env).map(([name, value]) => `${name}=${value}`),
    WorkingDir: job.workdir ?? "/",
    // A fixed name: builds ask for it and some write it into their results.
    Hostname: "boardsmith",
    User: "0:0",
    Labels: containerLabels(job.name),
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: input === "terminal",
    // For an engine that shuts down, seconds: a first process without a handler does not hear its SIGTERM.
    StopTimeout: 1,
    HostConfig: {
      AutoRemove: true,
      NetworkMode: job.network,
      CapAdd: [...job.caps],
      // label=disable: where SELinux rules, containers may not read files of the store otherwise.
      SecurityOpt: ["no-new-privileges", "label=disable"],
      // The attached stream is the log; the engine need not write a second one.
      LogConfig: { Type: "none", Config: {} },
      Mounts: job.mounts.map((mount) => ({
        Type: "bind" as const,
        Source: mount.source,
        Target: mount.target,
        ReadOnly: mount.readOnly,
      })),
    },
  };
}

/** Marks a container as ours, and as this very process's. */
export function containerLabels(name: string): { [label: string]: string } {
  return { boardsmith: "1", "boardsmith.job": name, "boardsmith.owner": ownerName(self()) };
}
