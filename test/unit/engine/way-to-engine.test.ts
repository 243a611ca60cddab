import { expect, test } from "vitest";
import type { Machine } from "../../../src/engine/docker/machine.js";
import { wayToEngine } from "../../../src/engine/docker/way-to-engine.js";

const machine = (facts: Partial<Machine> = {}): Machine => ({
  platform: "linux",
  debianLike: true,
  system: "Debian GNU/Linux 13 (trixie)",
  root: true,
  services: "systemd",
  programs: new Set(["apt-get"]),
  ...facts,
});

test("a bare Debian as root: install and start, after a yes", () => {
  const way = wayToEngine(machine());
  expect(way.question).toBe(
    "Install docker.io, mmdebstrap, debian-archive-keyring, ca-certificates with apt and start the engine?",
  );
  expect(way.install.map((command) => command.join(" "))).toEqual([
    "apt-get -q -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 update",
    "apt-get -q -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 install -y --no-install-recommends docker.io mmdebstrap debian-archive-keyring ca-certificates",
  ]);
});

test("a bare Debian as a user: the exact commands, and no offer", () => {
  const way = wayToEngine(machine({ root: false }));
  expect(way.question).toBeUndefined();
  expect(way.install).toEqual([]);
  expect(way.remedies).toEqual([
    "sudo apt-get install -y docker.io mmdebstrap debian-archive-keyring ca-certificates",
    "sudo systemctl start docker",
    "sudo usermod -aG docker $USER   # then log out and in again",
  ]);
});

test("installed but stopped: only to be started", () => {
  const programs = new Set(["apt-get", "dockerd"] as const);
  const way = wayToEngine(machine({ programs, services: "scripts" }));
  expect(way.question).toBe("Docker is installed but does not run. Start it?");
  expect(way.install).toEqual([]);
  expect(way.remedies).toEqual(["sudo service docker start"]);
  expect(wayToEngine(machine({ programs, root: false })).question).toBeUndefined();
});

test("only podman: how to start its service", () => {
  const way = wayToEngine(machine({ programs: new Set(["apt-get", "podman"]) }));
  expect(way.question).toBeUndefined();
  expect(way.remedies[0]).toContain("systemctl --user start podman.socket");
});

test("systems whose packages we do not know: words", () => {
  const other = machine({ debianLike: false, system: "openSUSE Tumbleweed", programs: new Set() });
  expect(wayToEngine(other).remedies).toEqual([
    "install Docker or Podman with the package manager of openSUSE Tumbleweed, start it, then repeat the command",
  ]);
  expect(wayToEngine(machine({ platform: "darwin", debianLike: false })).remedies).toEqual([
    "install Docker Desktop or Podman Desktop, start it, then repeat the command",
  ]);
});
