import type { Machine } from "./machine.js";

/** Packages that make a bare Debian machine able to build: the engine, and what makes a base image without a registry. */
export const PACKAGES = ["docker.io", "mmdebstrap", "debian-archive-keyring", "ca-certificates"];

/** How an engine can be had: by doing it (after a yes), or only by telling the user. */
export interface Way {
  /** Commands to install with; empty when it is installed already. */
  readonly install: readonly (readonly string[])[];
  /** For a yes/no question. Absent: this process cannot do it. */
  readonly question?: string;
  /** What the user can do by hand, a line each. */
  readonly remedies: readonly string[];
}

/** Decides how a machine without an answering engine can get one. Pure. */
export function wayToEngine(machine: Machine): Way {
  const start = machine.services === "systemd" ? "systemctl start docker" : "service docker start";
  const join = "sudo usermod -aG docker $USER   # then log out and in again";
  if (machine.platform !== "linux") {
    return { install: [], remedies: ["install Docker Desktop or Podman Desktop, start it, then repeat the command"] };
  }
  if (machine.programs.has("dockerd")) {
    const way = { install: [], remedies: [`sudo ${start}`, ...(machine.root ? [] : [join])] };
    return machine.root ? { ...way, question: "Docker is installed but does not run. Start it?" } : way;
  }
  if (machine.programs.has("podman")) {
    return {
      install: [],
      remedies: [
        "systemctl --user start podman.socket   # Podman is installed, its service does not run",
        "podman system service --time=0 &       # the same where there is no systemd",
      ],
    };
  }
  if (machine.debianLike) {
    const install = aptInstall(PACKAGES);
    const way = {
      remedies: [`sudo apt-get install -y ${PACKAGES.join(" ")}`, `sudo ${start}`, ...(machine.root ? [] : [join])],
    };
    if (!machine.root) return { ...way, install: [] };
    return {
      ...way,
      install,
      question: `Install ${PACKAGES.join(", ")} with apt and start the engine?`,
    };
  }
  return {
    install: [],
    remedies: [
      `install Docker or Podman with the package manager of ${machine.system}, start it, then repeat the command`,
    ],
  };
}

/** The commands that install packages without asking. */
export function aptInstall(packages: readonly string[]): readonly (readonly string[])[] {
  const apt = ["apt-get", "-q", "-o", "Acquire::Retries=3", "-o", "Dpkg::Use-Pty=0"];
  return [
    [...apt, "update"],
    [...apt, "install", "-y", "--no-install-recommends", ...packages],
  ];
}
