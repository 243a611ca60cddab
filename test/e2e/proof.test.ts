import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { StepFailed } from "../../src/diagnostic/failure.js";
import { prepareCard, type RunScript } from "../../src/emulate/card.js";
import type { Engine } from "../../src/engine/engine.js";
import { proof } from "../../src/ops/proof.js";
import { scriptJob } from "../../src/run/container-job.js";
import { proofSteps } from "../../src/steps/proof.js";
import { QEMU } from "../../src/steps/tools.js";
import { ASSETS, CARD_BOARD, cardSpec } from "../rig/card.js";
import { engineWith, runOp } from "../rig/op-run.js";

const MIB = 1024 ** 2;
let engine: Engine;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "boardsmith-proof-"));
  engine = await engineWith(QEMU);
});
afterAll(async () => {
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A card of so many bytes with nothing on it. */
async function emptyCard(name: string, size: number): Promise<string> {
  const path = join(folder, name);
  await using file = await open(path, "w");
  await file.truncate(size);
  return path;
}

const digest = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex");

function proofStep(qemu: boolean) {
  const spec = cardSpec();
  const board = qemu
    ? { ...CARD_BOARD, qemu: { machine: "cubieboard", memory: 1024 * MIB, until: "login" as const } }
    : CARD_BOARD;
  const timeouts = { ...spec.proof.timeouts, spl: 3 };
  const [step] = proofSteps({ ...spec, board, proof: { ...spec.proof, enabled: true, timeouts } }, ASSETS);
  if (step?.action.kind !== "op") throw new Error("no op");
  return { args: step.action.args, tools: step.action.tools, scripts: step.action.scripts };
}

describe("op proof", () => {
  test.each([
    ["a card whose size QEMU takes", 64 * MIB],
    ["a card that has to be larger than its image", 65 * MIB],
  ])("fails on an empty card, says why, and keeps the record: %s", async (name, size) => {
    const own = mkdtempSync(join(folder, "op-"));
    const image = await emptyCard(`${name}.img`, size);
    const before = digest(image);
    const kept = (file: string): string => join(own, file);
    const run = runOp((given) => proof({ ...given, keep: kept }), {
      ...proofStep(true),
      inputs: { image },
      folder: own,
      engine,
    });
    const failure = await run.then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(StepFailed);
    expect((failure as StepFailed).message).toMatch(
      /^the boot failed on the way to spl: nothing at all on the serial console after \d+ s\nthere is no SPL at byte 8192/,
    );
    const record = JSON.parse(readFileSync(kept("proof.json"), "utf8"));
    expect(record).toMatchObject({
      verdict: "failed",
      failure: { name: "silent", stage: "spl" },
      card: { image: size, size: size === 64 * MIB ? size : 128 * MIB, changed: "nothing" },
      versions: { qemu: expect.stringMatching(/^\d+\.\d+/) },
    });
    expect(readFileSync(kept("proof.junit.xml"), "utf8")).toContain(`<failure type="silent"`);
    expect(readFileSync(kept("serial.log"), "utf8")).toBe("");
    expect(digest(image)).toBe(before);
  });

  test("says of a board without an emulator just that, and starts no container", async () => {
    const own = mkdtempSync(join(folder, "op-"));
    const image = await emptyCard("none.img", MIB);
    const { out, log } = await runOp(proof, { ...proofStep(false), inputs: { image }, folder: own });
    expect(JSON.parse(readFileSync(join(out, "proof"), "utf8"))).toMatchObject({
      verdict: "not-emulated",
      summary: "no emulator boots a cubieboard: the image is checked, but not booted",
    });
    expect(log).toEqual(["no emulator boots a cubieboard: the image is checked, but not booted"]);
  });
});

describe("the throw-away copy", () => {
  const sh =
    (script: string, ...mounts: readonly string[]): RunScript =>
    async (more, env) => {
      const lines: string[] = [];
      const all = [...more, ...mounts.map((source) => ({ source, target: "/test", readOnly: false }))];
      const job = await scriptJob(folder, script, {
        name: "t",
        tool: QEMU,
        env,
        mounts: all,
        network: "none",
        caps: [],
      });
      const exitCode = await engine.run({
        ...job,
        onLine: (line) => lines.push(line),
        signal: new AbortController().signal,
      });
      if (exitCode !== 0) throw new Error(lines.join("\n"));
    };

  /** An image with an ext4 at 1 MiB that holds these files below /etc. */
  async function rooted(name: string, files: { readonly [file: string]: string }): Promise<string> {
    const own = mkdtempSync(join(folder, `${name}-`));
    for (const [file, text] of Object.entries(files)) writeFileSync(join(own, file), text);
    const image = await emptyCard(`${name}.img`, 20 * MIB);
    await sh(
      `mkdir -p /tmp/root/etc /tmp/root/var/lib/YaST2
      if [ -e /test/machine-id ]; then cp /test/machine-id /tmp/root/etc; touch /tmp/root/var/lib/YaST2/reconfig_system; fi
      for file in shadow passwd; do if [ -e "/test/$file" ]; then cp "/test/$file" /tmp/root/etc/; fi; done
      if [ -e /tmp/root/etc/shadow ]; then chgrp 42 /tmp/root/etc/shadow; chmod 640 /tmp/root/etc/shadow; fi
      cp --sparse=always /img /tmp/img
      mke2fs -q -F -t ext4 -d /tmp/root -E offset=${MIB} /tmp/img 18M
      cat /tmp/img >/img`,
      own,
    )([{ source: image, target: "/img", readOnly: false }], {});
    return image;
  }

  async function copyOf(
    image: string,
  ): Promise<{ readonly changed: string; readonly etc: (file: string) => Promise<string> }> {
    const card = mkdtempSync(join(folder, "card-"));
    const before = digest(image);
    const made = await prepareCard(
      image,
      card,
      { root: { password: "open", offset: MIB } },
      sh(ASSETS.script("proof")),
    );
    expect(made.card).toEqual({ file: "/card/card.raw", format: "raw" });
    expect(made.size).toBe(32 * MIB);
    expect(digest(image)).toBe(before);
    return {
      changed: made.changed,
      etc: async (file) => {
        // The file system has to be sound after the edit, owners and modes as they were.
        await sh(
          `dd if=/test/card.raw of=/tmp/fs bs=1M skip=1 count=18 status=none
          e2fsck -fn /tmp/fs
          debugfs -R "stat /etc/${file}" /tmp/fs | grep -E 'Mode|Group' >/test/stat
          debugfs -R "cat /etc/${file}" /tmp/fs >/test/text`,
          card,
        )([], {});
        return readFileSync(join(card, "text"), "utf8");
      },
    };
  }

  test("has a root with the proof's password and is otherwise the image", async () => {
    const image = await rooted("shadow", {
      passwd: "root:x:0:0:root:/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\n",
      shadow: "root:*:0:0:99999:7:::\nada:$6$secret:19000:0:99999:7:::\n",
    });
    const copy = await copyOf(image);
    expect(copy.changed).toBe("root's password, in a copy that was thrown away after the boot");
    const text = await copy.etc("shadow");
    expect(text).toMatch(
      /^root:\$6\$boardsmith\$[./0-9A-Za-z]{86}:19000:0:99999:7:::\nada:\$6\$secret:19000:0:99999:7:::\n$/,
    );
  });

  test("is not asked by a wizard that waits for a person", async () => {
    const files = { passwd: "root:x:0:0:root:/root:/bin/sh\n", shadow: "root:*:19000:0:99999:7:::\n" };
    const copy = await copyOf(await rooted("wizard", { ...files, "machine-id": "uninitialized\n" }));
    const changed =
      "root's password and the first-boot wizard's trigger, in a copy that was thrown away after the boot";
    expect(copy.changed).toBe(changed);
    expect(await copy.etc("machine-id")).toBe("");
    await expect(copy.etc("../var/lib/YaST2/reconfig_system")).rejects.toThrow();
  });

  test("is made where passwords are in /etc/passwd", async () => {
    const copy = await copyOf(await rooted("passwd", { passwd: "root::0:0:root:/root:/bin/sh\n" }));
    expect(await copy.etc("passwd")).toMatch(/^root:\$6\$boardsmith\$[./0-9A-Za-z]{86}:0:0:root:\/root:\/bin\/sh\n$/);
  });

  test("is refused where there is no root to log in as", async () => {
    const image = await rooted("rootless", { passwd: "ada:x:1000:1000::/home/ada:/bin/sh\n" });
    await expect(copyOf(image)).rejects.toThrow(
      "error: the root file system has no root in /etc/shadow or /etc/passwd",
    );
  });
});
