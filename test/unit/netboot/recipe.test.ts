import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { nodeFiles } from "../../../src/cli/node-files.js";
import { loadRecipe } from "../../../src/recipe/load.js";
import type { Spec } from "../../../src/recipe/spec.js";
import { allSteps } from "../../../src/steps/all.js";
import { checkKernel, kernelFragments } from "../../../src/steps/kernel.js";
import type { NetbootArgs } from "../../../src/steps/netboot.js";
import { proofArgs } from "../../../src/steps/proof.js";
import { ASSETS } from "../../rig/card.js";
import { tempFolder } from "../../rig/temp-folder.js";

const home = join(import.meta.dirname, "../../..");
const BASE = `description: base
board: cubieboard
sources: { linux: { distro: linux }, u-boot: { distro: u-boot } }
kernel: { source: linux, fragments: [] }
u-boot: { source: u-boot }
rootfs: { distro: debian, packages: [lvm2, systemd-sysv] }
`;

/** A recipe on the base, as a spec; `config` is the text of kernel.config beside it. */
async function load(text: string, config = ""): Promise<Spec> {
  const folder = await tempFolder();
  await writeFile(join(folder, "base.yaml"), BASE);
  await writeFile(join(folder, "kernel.config"), config);
  await writeFile(join(folder, "mine.yaml"), `extends: base.yaml\n${text}`);
  const { spec, diagnostics } = await loadRecipe(join(folder, "mine.yaml"), nodeFiles(), { cwd: folder, home });
  expect(diagnostics).toEqual([]);
  if (!spec) throw new Error("no spec");
  return spec;
}

function built(spec: Spec, boot = true) {
  const pin = { kind: "distro", package: "p", version: "1", files: [] } as const;
  const sources = Object.fromEntries(Object.keys(spec.sources).map((name) => [name, pin]));
  const { steps, exports } = allSteps(spec, { sources, packages: [] }, ASSETS, { mirrors: [], boot });
  const args = (id: string) => {
    const action = steps.find((step) => step.id === id)?.action;
    return action?.kind === "op" ? (action.args as unknown) : undefined;
  };
  return { steps, exports, args, texts: (args("netboot") as NetbootArgs).texts };
}

describe("a recipe that boots over the network", () => {
  it("needs no more than to say so: DHCP names the server, the card holds U-Boot alone", async () => {
    const spec = await load("netboot: {}\n");
    expect(spec.image.partitions).toEqual([]);
    expect(spec.provision.grow).toBe(false);
    const { texts, steps, exports, args } = built(spec);
    expect(texts.cmdline).toBe(
      "console=ttyS0,115200 root=/dev/nfs nfsroot=/srv/nfs/mine,vers=3,tcp,nolock ip=:::::eth0:dhcp rw\n",
    );
    expect(texts.exports).toBe("/srv/nfs/mine *(rw,sync,no_root_squash,no_subtree_check)\n");
    expect(steps.find(({ id }) => id === "image")?.inputs.map(({ name }) => name)).toEqual(["u-boot"]);
    expect(args("boot-files")).toMatchObject({ served: true });
    expect(args("provision")).toMatchObject({ rootInterface: "eth0", mounts: [] });
    expect(exports.map(({ as }) => as)).toEqual(
      expect.arrayContaining(["mine.img", "mine.tftp.tar", "mine.nfsroot.tar", "mine.exports", "mine.SERVER.txt"]),
    );
  });

  it("may name server, folder, version, options, clients and an address of its own", async () => {
    const spec = await load(`netboot:
  { server: 192.0.2.1, root: /export/b, version: 4.2, options: [rsize=32768], clients: [192.0.2.0/25, desk] }
provision:
  hostname: bench
  network: [{ interface: eth0, address: 192.0.2.10/25, gateway: 192.0.2.126, dns: [192.0.2.53, "2001:db8::1"] }]
`);
    const { texts } = built(spec);
    expect(texts.cmdline).toContain(
      " nfsroot=192.0.2.1:/export/b,vers=4.2,rsize=32768 ip=192.0.2.10::192.0.2.126:255.255.255.128:bench:eth0:off:192.0.2.53 rw",
    );
    const options = "(rw,sync,no_root_squash,no_subtree_check)";
    expect(texts.exports).toBe(`/export/b 192.0.2.0/25${options} desk${options}\n`);
    expect(texts.server).toContain("--dhcp-range=192.0.2.100,192.0.2.150 ");
  });

  it("tells the server's side in five commands", async () => {
    const { texts } = built(await load("netboot: {}\n"));
    const commands = [...(texts.server ?? "").matchAll(/^ {3}((?:mkdir|cp|exportfs|dnsmasq) .*)$/gm)].map(
      ([, one]) => one,
    );
    expect(commands).toEqual([
      "mkdir -p /srv/tftp && tar -xf mine.tftp.tar -C /srv/tftp",
      "mkdir -p /srv/nfs/mine && tar --numeric-owner --xattrs --xattrs-include='*' -xpf mine.nfsroot.tar -C /srv/nfs/mine",
      "mkdir -p /etc/exports.d && cp mine.exports /etc/exports.d/",
      "exportfs -ra",
      "dnsmasq -d --port=0 --enable-tftp --tftp-root=/srv/tftp --dhcp-range=192.0.2.100,192.0.2.150 --dhcp-boot=mine.0",
    ]);
  });
});

describe("its kernel", () => {
  it("is asked for NFS, a root on it and an address, less what the recipe's own fragments ask for", async () => {
    const names = (spec: Spec) => kernelFragments(spec, ASSETS).map(({ name }) => name);
    expect(names(await load("netboot: {}\n"))).toEqual(["boardsmith", "lvm2", "nfs-client", "nfs-root"]);
    const own = ["nfs-client", "nfs-root"].map((name) => ASSETS.text(`steps/${name}.config`)).join("");
    const fragments = "kernel: { fragments: [kernel.config] }\n";
    const spec = await load(`netboot: {}\n${fragments}`, own);
    expect(kernelFragments(spec, ASSETS)).toEqual(
      kernelFragments(await load(fragments, own), ASSETS).map((one) =>
        one.path === undefined
          ? one
          : { ...one, path: spec.kernel.kind === "source" ? spec.kernel.fragments[0]?.path : "" },
      ),
    );
  });

  it("must be able to mount it, which a fragment may not take away", async () => {
    const spec = await load(
      "netboot: {}\nkernel: { fragments: [kernel.config] }\n",
      "CONFIG_FOO=y\n# CONFIG_IP_PNP is not set\n",
    );
    expect(
      checkKernel(spec, ASSETS).map(({ severity, code, message, help, at }) => [
        severity,
        code,
        message,
        help,
        at?.line,
      ]),
    ).toEqual([
      [
        "error",
        "netboot-kernel",
        "# CONFIG_IP_PNP is not set: such a kernel cannot mount its root filesystem from a server, as `netboot:` wants it",
        "it takes CONFIG_IP_PNP=y; drop the line, or say otherwise in a later fragment",
        2,
      ],
    ]);
  });

  it("gets what mounts and exports need, and nothing without them", async () => {
    const nfs = (text: string) =>
      `provision: { nfs: { ${text} } }\nrootfs: { packages: [lvm2, nfs-common, nfs-kernel-server] }\n`;
    const names = async (text: string) =>
      kernelFragments(await load(text), ASSETS)
        .map(({ name }) => name)
        .slice(2);
    expect(await names(nfs("mounts: [{ server: nas, path: /x, at: /srv/x }]"))).toEqual(["nfs-client"]);
    expect(await names(nfs("exports: [{ path: /srv/x, clients: ['*'] }]"))).toEqual(["nfs-server"]);
    expect(await names("")).toEqual([]);
  });
});

describe("its proof", () => {
  it("serves what the recipe names, and leaves out units that mount what is elsewhere", async () => {
    const spec = await load(`netboot: { server: 192.0.2.1 }
provision: { nfs: { mounts: [{ server: nas, path: /x, at: /srv/my-music }] } }
rootfs: { packages: [lvm2, nfs-common] }
`);
    expect(proofArgs(spec)).toMatchObject({
      qemu: { machine: "cubieboard" },
      netboot: { root: "/srv/nfs/mine", server: "192.0.2.1" },
      elsewhere: ["srv-my\\x2dmusic.mount"],
    });
  });

  it("is not made of what the emulator cannot serve, and says why", async () => {
    const four = proofArgs(await load("netboot: { version: 4.2 }\n"));
    expect([four.qemu, four.notEmulated]).toEqual([
      null,
      "the emulator's NFS server speaks version 3, the recipe wants 4.2",
    ]);
    const far = await load(
      "netboot: { server: 198.51.100.1 }\nprovision: { network: [{ interface: eth0, address: 192.0.2.10/24, gateway: 192.0.2.1 }] }\n",
    );
    expect(proofArgs(far).notEmulated).toBe(
      "the emulator has one network, and 198.51.100.1 is not in the board's, 192.0.2.10/24",
    );
  });
});
