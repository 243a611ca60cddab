import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Refused } from "../../../src/diagnostic/failure.js";
import { ensureBinfmt, type Host } from "../../../src/engine/binfmt.js";

const MAGIC = "magic 7f454c4601010100000000000000000002002800\n";
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "binfmt-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A kernel's folder as files; what is there besides it. */
function host(more: Partial<Host>, there: readonly string[] = ["/usr/bin/qemu-arm-static"]): Host {
  return {
    folder,
    root: true,
    native: false,
    exists: async (path) => there.includes(path) || path === `${folder}/register`,
    mount: async () => {
      throw new Error("not to be mounted");
    },
    ...more,
  };
}

function registered(flags: string, state = "enabled"): void {
  writeFileSync(
    join(folder, "qemu-arm"),
    `${state}\ninterpreter /usr/bin/qemu-arm-static\nflags: ${flags}\noffset 0\n${MAGIC}`,
  );
}

async function ensure(on: Host): Promise<readonly string[]> {
  const said: string[] = [];
  await ensureBinfmt("armhf", (line) => said.push(line), on);
  return said;
}

const LINE =
  ":qemu-arm:M::\\x7f\\x45\\x4c\\x46\\x01\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\x28\\x00" +
  ":\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff";
const SAID = ["set up this machine to run armhf programs (qemu-arm in binfmt_misc, until it restarts)"];

it("a machine that does it already is left alone", async () => {
  registered("POCF");
  expect(await ensure(host({ root: false }, []))).toEqual([]);
  expect(await ensure(host({ native: true, root: false }, []))).toEqual([]);
});

it("root registers the emulator with F, so that containers need none", async () => {
  expect(await ensure(host({}))).toEqual(SAID);
  expect(readFileSync(join(folder, "register"), "utf8")).toBe(`${LINE}:/usr/bin/qemu-arm-static:OF`);
});

it("one without F or switched off is taken out first", async () => {
  for (const [flags, state] of [
    ["PO", "enabled"],
    ["F", "disabled"],
  ] as const) {
    registered(flags, state);
    expect(await ensure(host({}))).toEqual(SAID);
    expect(readFileSync(join(folder, "qemu-arm"), "utf8")).toBe("-1");
  }
});

it("the kernel's folder is mounted when it is not there", async () => {
  const away = join(folder, "later");
  const mount = async () => mkdirSync(away);
  expect(await ensure(host({ folder: away, mount }))).toEqual(SAID);
  expect(readFileSync(join(away, "register"), "utf8")).toContain(LINE);
});

it("without an emulator on the machine one is brought from elsewhere", async () => {
  const fetch = async (file: string) => `/store/${file}`;
  expect(await ensure(host({ fetch }, []))).toEqual(SAID);
  expect(readFileSync(join(folder, "register"), "utf8")).toBe(`${LINE}:/store/qemu-arm:OF`);
});

it("who is not root gets the commands", async () => {
  const refused = async (on: Host) => {
    const error = await ensure(on).catch((e: unknown) => e);
    return error instanceof Refused ? error.diagnostics.map(({ message, help }) => [message, help]) : error;
  };
  const message = "this machine does not run armhf programs, which making the root filesystem needs";
  expect(await refused(host({ root: false }, []))).toEqual([
    [message, "run: sudo apt-get install qemu-user-static binfmt-support"],
  ]);
  expect(await refused(host({ root: false }))).toEqual([
    [message, "run: sudo systemctl restart systemd-binfmt || sudo update-binfmts --enable qemu-arm"],
  ]);
});
