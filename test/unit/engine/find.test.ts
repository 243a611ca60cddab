import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { usualSockets } from "../../../src/engine/docker/candidates.js";
import { findDocker, notFound } from "../../../src/engine/docker/find.js";
import { fakeDocker } from "../../rig/fake-docker.js";

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "bs-find-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const at = (name: string) => join(home, name);
const context = (name: string, host: string) => {
  const folder = at(`.docker/contexts/meta/${createHash("sha256").update(name).digest("hex")}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "meta.json"), JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }));
};
const current = (name: string) => {
  mkdirSync(at(".docker"), { recursive: true });
  writeFileSync(at(".docker/config.json"), JSON.stringify({ auths: {}, currentContext: name }));
};

test("the usual sockets, likeliest first", () => {
  expect(usualSockets({ HOME: "/home/ada", XDG_RUNTIME_DIR: "/run/user/1000" })).toEqual([
    "/var/run/docker.sock",
    "/run/user/1000/docker.sock",
    "/home/ada/.docker/run/docker.sock",
    "/run/podman/podman.sock",
    "/run/user/1000/podman/podman.sock",
  ]);
});

test("the first socket that answers is taken, and why the others were not is kept", async () => {
  await using _ = await fakeDocker(at("b.sock"));
  await using __ = await fakeDocker(at("c.sock"));
  const found = await findDocker({ HOME: home }, [at("a.sock"), at("b.sock"), at("c.sock")]);
  expect(found.endpoint?.socketPath).toBe(at("b.sock"));
  expect(found.version).toBe("Docker 99.1");
  expect(found.attempts.map(({ problem }) => problem)).toEqual(["absent"]);
});

test("podman is known by its name", async () => {
  await using _ = await fakeDocker(at("p.sock"), (request, response) => {
    if (request.url !== "/version") return false;
    response.end(JSON.stringify({ Version: "5.4.0", Components: [{ Name: "Podman Engine" }] }));
    return true;
  });
  expect((await findDocker({ HOME: home }, [at("p.sock")])).version).toBe("Podman 5.4.0");
});

test("DOCKER_HOST goes before all else", async () => {
  await using _ = await fakeDocker(at("host.sock"));
  await using __ = await fakeDocker(at("usual.sock"));
  context("desk", `unix://${at("usual.sock")}`);
  current("desk");
  const found = await findDocker({ HOME: home, DOCKER_HOST: `unix://${at("host.sock")}` }, [at("usual.sock")]);
  expect(found.endpoint).toEqual({
    uri: `unix://${at("host.sock")}`,
    socketPath: at("host.sock"),
    from: "DOCKER_HOST",
    explicit: true,
  });
});

test("a dead DOCKER_HOST is an error: nothing else is tried", async () => {
  await using _ = await fakeDocker(at("usual.sock"));
  const env = { HOME: home, DOCKER_HOST: "unix:///nowhere/docker.sock" };
  const found = await findDocker(env, [at("usual.sock")]);
  const lost = notFound(found);
  expect(lost.message).toBe(
    "no container engine answers; tried:\n  unix:///nowhere/docker.sock (DOCKER_HOST): no such socket",
  );
  expect(lost.remedies).toEqual([
    "unset DOCKER_HOST   # to look in the usual places, or point it to an engine that runs",
  ]);
});

test.each(["ssh://ada@box", "tcp://10.0.0.7:2375"])("a remote engine (%s) is refused with the reason", async (uri) => {
  const lost = notFound(await findDocker({ HOME: home, DOCKER_HOST: uri }, []));
  expect(lost.message).toBe(
    `no container engine answers; tried:\n  ${uri} (DOCKER_HOST): it may be on another machine, ` +
      "and containers need this machine's files mounted into them: only unix:// sockets will do",
  );
});

test("nonsense in DOCKER_HOST is named", async () => {
  const lost = notFound(await findDocker({ HOME: home, DOCKER_HOST: "docker.sock" }, []));
  expect(lost.message).toContain("docker.sock (DOCKER_HOST): it is no address of the form unix:///path/to/socket");
});

test("the current context is tried before the usual sockets, and these after it", async () => {
  await using _ = await fakeDocker(at("usual.sock"));
  context("desk", `unix://${at("desk.sock")}`);
  current("desk");
  const dead = await findDocker({ HOME: home }, [at("usual.sock")]);
  expect(dead.endpoint?.from).toBe("usual socket");
  expect(dead.attempts.map(({ from, reason }) => `${from}: ${reason}`)).toEqual([
    'Docker context "desk": no such socket',
  ]);
  await using __ = await fakeDocker(at("desk.sock"));
  expect((await findDocker({ HOME: home }, [at("usual.sock")])).endpoint?.from).toBe('Docker context "desk"');
});

test("DOCKER_CONTEXT is taken alone; the context named default is the usual sockets", async () => {
  await using _ = await fakeDocker(at("usual.sock"));
  context("desk", `unix://${at("desk.sock")}`);
  current("desk");
  const named = await findDocker({ HOME: home, DOCKER_CONTEXT: "attic" }, [at("usual.sock")]);
  expect(notFound(named).message).toBe(
    'no container engine answers; tried:\n  attic (Docker context "attic"): there is no such context with a Docker address',
  );
  const byDefault = await findDocker({ HOME: home, DOCKER_CONTEXT: "default" }, [at("usual.sock")]);
  expect(byDefault.attempts).toEqual([]);
  expect(byDefault.endpoint?.from).toBe("usual socket");
});

test("a socket nobody listens on, one that never answers, one that is no engine", async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(at("mute.sock"), resolve));
  await using _ = await fakeDocker(at("web.sock"), (_request, response) => {
    response.end("<html>hello</html>");
    return true;
  });
  writeFileSync(at("stale.sock"), "");
  const found = await findDocker({ HOME: home }, [at("stale.sock"), at("mute.sock"), at("web.sock")], 300);
  expect(found.attempts.map(({ reason }) => reason)).toEqual([
    "the socket is there, but nobody listens",
    "no answer within 0.3 s",
    "what answers is no engine",
  ]);
  silent.close();
});

test.skipIf(process.getuid?.() === 0)("a socket we may not use names the group", async () => {
  await using _ = await fakeDocker(at("root.sock"));
  chmodSync(at("root.sock"), 0);
  const lost = notFound(await findDocker({ HOME: home }, [at("root.sock")]));
  expect(lost.message).toContain("permission denied");
  expect(lost.remedies[0]).toContain("usermod -aG docker");
});
