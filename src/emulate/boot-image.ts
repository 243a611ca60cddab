import { randomBytes } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../engine/engine.js";
import type { ToolImage } from "../plan/step.js";
import type { ProofArgs } from "../steps/proof.js";
import { twinArgv } from "../xen/fast-model/run-lines.js";
import type { Host } from "./budget.js";
import { prepareCard, type RunScript } from "./card.js";
import type { ConsoleLine } from "./console.js";
import { defaultChecks, recipeCheck } from "./default-checks.js";
import { thisHost } from "./host.js";
import { rootOf, volumesOf } from "./layout-file.js";
import { machineArgv } from "./machine.js";
import type { Proof } from "./proof.js";
import { type Proven, prove } from "./prove.js";
import { serialLog } from "./serial-log.js";
import { type Served, servedNetwork, withServer } from "./served.js";

/** Where a fast model's image is in the emulator's container. */
const AXF = "/in/axf";

/** One image to boot, and with what. Paths are the host's. */
export interface BootRequest {
  readonly args: ProofArgs;
  readonly image: string;
  /** The image's layout file and the file with the kernel's version string, when there are such. */
  readonly layout?: string;
  readonly release?: string;
  /** The file with Xen's release. */
  readonly xenRelease?: string;
  /** The image of a fast model, whose disk the card is. */
  readonly axf?: string;
  /** What the servers of a board that boots over the network give. */
  readonly served?: Served;
  readonly tool: ToolImage;
  /** An empty folder of its own. */
  readonly folder: string;
  readonly engine: () => Promise<Engine>;
  readonly runScript: RunScript;
  readonly say: (line: string) => void;
  readonly onLine?: (line: ConsoleLine) => void;
  readonly signal: AbortSignal;
  readonly host?: Host;
}

/**
 * Boots an image in its board's emulator and says what came of it. A boot that fails is a result;
 * throws when the emulator's container cannot be had, or when aborted.
 */
export async function bootImage(request: BootRequest): Promise<{ readonly proof: Proof; readonly serial: string }> {
  const { args, signal } = request;
  const host = request.host ?? thisHost();
  const load = host.load();
  if (!args.qemu) return { proof: notEmulated(args, load), serial: "" };

  const emulation = args.qemu;
  const layout = request.layout === undefined ? undefined : await readFile(request.layout, "utf8");
  const root = layout === undefined ? undefined : rootOf(layout);
  const password = randomBytes(10).toString("hex");
  const { netboot } = args;
  if ((netboot === undefined) !== (request.served === undefined)) throw new Error("servers and recipe do not agree");
  const known = emulation.until === "login" && args.access === "password";
  const copied = known && (root || netboot) ? { password, ...(root ? { offset: root.offset } : {}) } : undefined;
  const folder = join(request.folder, "card");
  await mkdir(folder, { recursive: true });
  const prepared = await prepareCard(
    request.image,
    folder,
    { ...(copied ? { root: copied } : {}), larger: args.grows },
    request.runScript,
    request.served,
  );
  const command = netboot
    ? withServer(
        machineArgv(emulation, prepared.card, { network: servedNetwork(netboot) }),
        netboot.root,
        copied !== undefined,
      )
    : args.twin
      ? twinArgv(args.twin, AXF, prepared.card)
      : machineArgv(emulation, prepared.card, { xen: args.dom0 !== undefined });
  const axf = request.axf === undefined ? [] : [{ source: request.axf, target: AXF }];

  const engine = await request.engine();
  const talk = await engine.talk({
    name: "proof",
    tool: request.tool,
    argv: command,
    env: {},
    mounts: [...prepared.mounts, ...axf].map((mount) => ({ ...mount, readOnly: true })),
    network: "none",
    caps: [],
    signal,
  });
  const proven = await prove(
    talk,
    {
      until: emulation.until,
      ...(netboot ? { network: true as const } : {}),
      timeouts: args.timeouts,
      password,
      mark: randomBytes(4).toString("hex"),
      checks: [
        ...defaultChecks({
          memory: args.dom0?.memory ?? emulation.memory,
          ...(request.xenRelease === undefined ? {} : { xen: (await readFile(request.xenRelease, "utf8")).trim() }),
          ...(args.dom0less === undefined ? {} : { dom0less: args.dom0less }),
          ...(root ? { root } : {}),
          ...(netboot ? { nfsRoot: netboot.root } : {}),
          elsewhere: args.elsewhere,
          volumes: layout === undefined ? [] : volumesOf(layout),
          ...(request.release === undefined ? {} : { release: (await readFile(request.release, "utf8")).trim() }),
          ...(root && args.grows ? { grown: root.size + prepared.size - prepared.image } : {}),
          lvm: args.lvm,
          lvmTools: args.lvmTools,
        }),
        ...args.checks.map(recipeCheck),
      ],
      say: request.say,
      ...(request.onLine ? { onLine: request.onLine } : {}),
    },
    host,
    signal,
  );
  const proof: Proof = {
    recipe: args.recipe,
    board: args.board,
    verdict: proven.verdict,
    summary: summary(proven, args.board),
    machine: { name: emulation.machine, memory: emulation.memory, command },
    card: { image: prepared.image, size: prepared.size, changed: prepared.changed },
    ...(proven.access ? { access: proven.access } : {}),
    host: { load },
    stages: proven.stages,
    ...(proven.failure ? { failure: proven.failure } : {}),
    checks: proven.checks,
    ...(proven.powerOff === undefined ? {} : { powerOff: proven.powerOff }),
    versions: { ...proven.versions, qemu: prepared.qemu },
  };
  return { proof, serial: serialLog(proven.lines) };
}

function notEmulated(args: ProofArgs, load: number): Proof {
  return {
    recipe: args.recipe,
    board: args.board,
    verdict: "not-emulated",
    summary: `${args.notEmulated ?? `no emulator boots a ${args.board}`}: the image is checked, but not booted`,
    host: { load },
    stages: [],
    checks: [],
    versions: {},
  };
}

function summary(proven: Proven, board: string): string {
  if (proven.failure) return `the boot failed on the way to ${proven.failure.stage}: ${proven.failure.message}`;
  if (proven.verdict === "proven-to-kernel") {
    return `proven up to the kernel's start; the emulator carries a ${board} no further`;
  }
  const passed = proven.checks.filter((check) => check.verdict === "passed").length;
  const skipped = proven.checks.length - passed;
  const login = proven.stages.find((one) => one.stage === "login")?.seconds ?? 0;
  const more = skipped === 0 ? "" : `, ${skipped} do not apply`;
  return `login after ${Math.round(login)} s, ${passed} checks passed${more}`;
}
