import { execFile } from "node:child_process";
import { access, readdir, readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { Refused } from "../diagnostic/failure.js";

/** What the kernel needs to know to hand another architecture's programs to an emulator; see Documentation/admin-guide/binfmt-misc.rst. */
interface Emulated {
  readonly name: string;
  /** Where Debian (`-P` keeps argv[0]) and others have the emulator, the better first. */
  readonly interpreters: readonly { readonly path: string; readonly flags: string }[];
  /** The first bytes of an ELF file, and which of their bits count. */
  readonly magic: string;
  readonly mask: string;
}

const KNOWN: { readonly [arch: string]: Emulated } = {
  armhf: {
    name: "qemu-arm",
    // F: the kernel opens the emulator now, so that containers need none of their own. It is linked statically.
    interpreters: [
      { path: "/usr/libexec/qemu-binfmt/arm-binfmt-P", flags: "POF" },
      { path: "/usr/bin/qemu-arm-static", flags: "OF" },
    ],
    magic: "7f454c4601010100000000000000000002002800",
    mask: "ffffffffffffff00fffffffffffffffffeffffff",
  },
};

/** What this touches of the host; a test brings its own. */
export interface Host {
  /** Kernel's folder of registered formats. */
  readonly folder: string;
  readonly root: boolean;
  /** Runs a program of this architecture natively. */
  readonly native: boolean;
  exists(path: string): Promise<boolean>;
  /** Brings a static emulator by that file name from elsewhere (a tool image) and gives its path; the file may go afterwards. */
  fetch?(file: string): Promise<string | undefined>;
  mount(folder: string): Promise<void>;
}

/**
 * Sees to it that this machine runs `arch`'s programs by user-mode emulation, also inside containers. Sets it up when it
 * is root and says so by `say`; otherwise throws Refused with the commands. Lasts until the machine restarts.
 */
export async function ensureBinfmt(arch: string, say: (line: string) => void, host: Host = thisHost()): Promise<void> {
  const wanted = KNOWN[arch];
  if (!wanted || host.native) return;
  let formats = await registered(host.folder);
  if (formats.some((one) => serves(one, wanted))) return;
  const interpreter = await firstThere(wanted, host);
  if (!host.root || !interpreter) throw refusal(arch, interpreter !== undefined);
  if (!(await host.exists(`${host.folder}/register`))) {
    await host.mount(host.folder).catch((cause: unknown) => {
      throw new Error(`cannot mount binfmt_misc on ${host.folder}`, { cause });
    });
    formats = await registered(host.folder);
    if (formats.some((one) => serves(one, wanted))) return;
  }
  // One of that name without F, or switched off, would be in the way.
  if (formats.some((one) => one.name === wanted.name)) await writeFile(`${host.folder}/${wanted.name}`, "-1");
  const { path, flags } = interpreter;
  const line = `:${wanted.name}:M::${escaped(wanted.magic)}:${escaped(wanted.mask)}:${path}:${flags}`;
  await writeFile(`${host.folder}/register`, line);
  say(`set up this machine to run ${arch} programs (${wanted.name} in binfmt_misc, until it restarts)`);
}

interface Format {
  readonly name: string;
  readonly text: string;
}

async function registered(folder: string): Promise<Format[]> {
  const names = await readdir(folder).catch(() => []);
  const formats = names.filter((name) => name !== "register" && name !== "status");
  return Promise.all(formats.map(async (name) => ({ name, text: await readFile(`${folder}/${name}`, "utf8") })));
}

function serves({ text }: Format, { magic }: Emulated): boolean {
  const flags = /^flags: (.*)$/m.exec(text)?.[1] ?? "";
  return text.startsWith("enabled\n") && text.includes(`magic ${magic}`) && flags.includes("F");
}

async function firstThere(wanted: Emulated, host: Host): Promise<Emulated["interpreters"][number] | undefined> {
  for (const one of wanted.interpreters) if (await host.exists(one.path)) return one;
  const path = host.root ? await host.fetch?.(wanted.name) : undefined;
  return path === undefined ? undefined : { path, flags: "OF" };
}

function escaped(hex: string): string {
  return hex.replace(/../g, (byte) => `\\x${byte}`);
}

function refusal(arch: string, installed: boolean): Refused {
  const help = installed
    ? "run: sudo systemctl restart systemd-binfmt || sudo update-binfmts --enable qemu-arm"
    : "run: sudo apt-get install qemu-user-static binfmt-support";
  return new Refused([
    {
      severity: "error",
      code: "no-emulation",
      message: `this machine does not run ${arch} programs, which making the root filesystem needs`,
      help,
    },
  ]);
}

/** The machine boardsmith runs on. */
export function thisHost(): Host {
  return {
    folder: "/proc/sys/fs/binfmt_misc",
    root: process.getuid?.() === 0,
    native: process.arch === "arm",
    exists: (path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    mount: async (folder) => {
      await promisify(execFile)("mount", ["-t", "binfmt_misc", "binfmt_misc", folder]);
    },
  };
}
