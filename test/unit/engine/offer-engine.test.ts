import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import type { Cli } from "../../../src/cli/command.js";
import { obtainEngine } from "../../../src/cli/offer-engine.js";
import { EngineLost } from "../../../src/diagnostic/failure.js";
import type { Machine } from "../../../src/engine/docker/machine.js";
import { fakeDocker } from "../../rig/fake-docker.js";
import { tempFolder } from "../../rig/temp-folder.js";

const stopped: Machine = {
  platform: "linux",
  debianLike: true,
  system: "Debian GNU/Linux 13 (trixie)",
  root: true,
  services: "none",
  programs: new Set(["apt-get", "dockerd"]),
};

/** A command line without a terminal, whose standard error is kept. */
function cli(env: { [name: string]: string }): Cli & { readonly said: () => string } {
  const said: string[] = [];
  const sink = () =>
    new Writable({
      write: (chunk, _encoding, done) => {
        said.push(String(chunk));
        done();
      },
    });
  const stdin = new PassThrough() as unknown as NodeJS.ReadStream;
  const signal = new AbortController().signal;
  return { cwd: "/", env, stdout: sink(), stderr: sink(), stdin, signal, home: "/", said: () => said.join("") };
}

/** A program that listens like Docker as soon as it is started. */
function daemon(folder: string): readonly string[] {
  const script = `
    require("node:fs").writeFileSync(${JSON.stringify(join(folder, "pid"))}, String(process.pid));
    console.log("daemon is up");
    require("node:http").createServer((_, r) => r.end('{"Version":"99.1"}')).listen(${JSON.stringify(join(folder, "d.sock"))});`;
  onTestFinished(() => {
    process.kill(Number(readFileSync(join(folder, "pid"), "utf8")), "SIGKILL");
  });
  return [process.execPath, "-e", script];
}

test("an engine that answers is taken without a word", async () => {
  const folder = await tempFolder();
  await using _ = await fakeDocker(join(folder, "d.sock"));
  const one = cli({ HOME: folder });
  const launch = { daemon: [], log: "", sockets: [join(folder, "d.sock")], patience: 1 };
  const engine = await obtainEngine(one, { yes: false, launch });
  expect(engine.name).toBe(`Docker 99.1 at unix://${join(folder, "d.sock")}`);
  expect(one.said()).toBe("");
});

test("without a terminal and without --yes nothing is started, and the remedies are told", async () => {
  const folder = await tempFolder();
  const socket = join(folder, "d.sock");
  const launch = { daemon: ["false"], log: join(folder, "log"), sockets: [socket], patience: 1000 };
  const error = await obtainEngine(cli({ HOME: folder }), { yes: false, machine: async () => stopped, launch }).catch(
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(EngineLost);
  expect((error as EngineLost).message).toBe(
    `no container engine answers; tried:\n  unix://${socket} (usual socket): no such socket`,
  );
  expect((error as EngineLost).remedies).toEqual([
    "sudo service docker start",
    "or repeat the command with --yes, and boardsmith does it",
  ]);
});

test("--yes starts a stopped engine and waits until it answers", async () => {
  const folder = await tempFolder();
  const log = join(folder, "log");
  const launch = { daemon: daemon(folder), log, sockets: [join(folder, "d.sock")], patience: 15_000 };
  const one = cli({ HOME: folder });
  const engine = await obtainEngine(one, { yes: true, machine: async () => stopped, launch });
  expect(engine.name).toContain("Docker 99.1");
  expect(one.said()).toContain(`(its log: ${log})`);
  expect(readFileSync(log, "utf8")).toContain("daemon is up");
});

test("a daemon that dies is told with the end of its log, at once", async () => {
  const folder = await tempFolder();
  const log = join(folder, "log");
  writeFileSync(log, "from earlier\n");
  const failing = ["sh", "-c", "echo 'failed to start daemon: no iptables' >&2; exit 1"];
  const launch = { daemon: failing, log, sockets: [join(folder, "d.sock")], patience: 60_000 };
  const offered = obtainEngine(cli({ HOME: folder }), { yes: true, machine: async () => stopped, launch });
  await expect(offered).rejects.toThrow(
    `Docker was started but does not answer; the end of ${log}:\n  from earlier\n  failed to start daemon: no iptables`,
  );
});

test("a place the user named is never replaced by an offer", async () => {
  const folder = await tempFolder();
  const launch = { daemon: ["false"], log: join(folder, "log"), sockets: [], patience: 1000 };
  const one = cli({ HOME: folder, DOCKER_HOST: "unix:///nowhere.sock" });
  const error = await obtainEngine(one, { yes: true, machine: async () => stopped, launch }).catch((e: unknown) => e);
  expect((error as EngineLost).remedies).toEqual([
    "unset DOCKER_HOST   # to look in the usual places, or point it to an engine that runs",
  ]);
});
