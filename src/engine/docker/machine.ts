import { access, constants, readFile } from "node:fs/promises";
import { join } from "node:path";

/** What decides how an engine can be had on this machine. */
export interface Machine {
  /** `linux`, `darwin`, `win32`. */
  readonly platform: string;
  /** Debian or one that takes its packages (Ubuntu). */
  readonly debianLike: boolean;
  /** For people: `Debian GNU/Linux 12 (bookworm)`. */
  readonly system: string;
  readonly root: boolean;
  /** What starts services: systemd, scripts in /etc/init.d, or nothing. */
  readonly services: "systemd" | "scripts" | "none";
  /** Which of the programs we may need are installed. */
  readonly programs: ReadonlySet<"dockerd" | "podman" | "mmdebstrap" | "apt-get">;
}

/** Looks at this machine. */
export async function thisMachine(env: { readonly [name: string]: string | undefined }): Promise<Machine> {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)"?$`, "m").exec(release)?.[1] ?? "";
  // Daemons live in folders that a user's PATH may leave out.
  const folders = [...(env.PATH ?? "").split(":"), "/usr/sbin", "/sbin", "/usr/bin", "/usr/local/bin"].filter(Boolean);
  const names = ["dockerd", "podman", "mmdebstrap", "apt-get"] as const;
  const found = await Promise.all(
    names.map((name) =>
      anyOf(
        folders.map((folder) => join(folder, name)),
        constants.X_OK,
      ),
    ),
  );
  const programs = new Set(names.filter((_, i) => found[i]));
  const systemd = await anyOf(["/run/systemd/system"], constants.F_OK);
  const script = await anyOf(["/etc/init.d/docker"], constants.X_OK);
  return {
    platform: process.platform,
    debianLike: programs.has("apt-get") && /\b(debian|ubuntu)\b/.test(`${field("ID")} ${field("ID_LIKE")}`),
    system: field("PRETTY_NAME") || process.platform,
    root: process.getuid?.() === 0,
    services: systemd ? "systemd" : script ? "scripts" : "none",
    programs,
  };
}

async function anyOf(paths: readonly string[], mode: number): Promise<boolean> {
  for (const path of paths) {
    const there = await access(path, mode).then(
      () => true,
      () => false,
    );
    if (there) return true;
  }
  return false;
}
