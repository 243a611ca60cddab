/**
 * How U-Boot starts Xen: Xen is the "kernel", and everything else is a module that the device tree's /chosen tells of.
 *
 *   /chosen                  #address-cells, #size-cells: of the modules' reg
 *     xen,xen-bootargs       Xen's own arguments
 *     xen,dom0-bootargs      those of dom0's kernel
 *     module@ADDRESS         compatible "multiboot,kernel" or "multiboot,ramdisk" and "multiboot,module"; reg: where it
 *                            lies and exactly how long it is
 *     NAME                   compatible "xen,domain": a domain that Xen starts beside dom0, with modules of its own
 *
 * Sources: Xen, docs/misc/arm/device-tree/booting.txt, docs/features/dom0less.pandoc.
 */
import type { Board } from "../board/board.js";
import { hex } from "../util/size.js";
import { ARGUMENTS_FILE } from "./boot-config.js";

/** A file that is loaded for Xen to hand to a domain. */
export interface XenModule {
  /** On the boot partition. */
  readonly file: string;
  readonly kind: "kernel" | "ramdisk" | "device-tree";
  readonly address: number;
  /** Bytes, as they are on the card. */
  readonly size: number;
}

/** A domain that Xen starts by itself. `properties` are in U-Boot's words: `["memory", "<0x0 0x20000>"]`, `["vpl011", ""]`. */
export interface Dom0lessDomain {
  readonly name: string;
  readonly properties: readonly (readonly [name: string, value: string])[];
  readonly modules: readonly XenModule[];
  /** The kernel's own arguments. */
  readonly arguments: string;
}

export interface XenBoot {
  /** File names on the boot partition. */
  readonly xen: string;
  readonly fdt: string;
  readonly load: Pick<Board["load"], "kernel" | "fdt">;
  readonly xenArguments: string;
  /** Of dom0's kernel; undefined: they are in ARGUMENTS_FILE. */
  readonly arguments?: string;
  /** Dom0's. */
  readonly modules: readonly XenModule[];
  readonly domains: readonly Dom0lessDomain[];
}

/** Bytes of room for what is added to the device tree by the script and by U-Boot itself. */
export const FDT_ROOM = 0x8000;

/** boot.cmd for Xen; U-Boot's distro boot has set devtype, devnum, distro_bootpart and prefix. */
export function xenBootScript(boot: XenBoot): string {
  const { kernel, fdt } = boot.load;
  const all = [...boot.modules, ...boot.domains.flatMap(({ modules }) => modules)];
  const dom0 = boot.arguments === undefined ? `"\${bootargs}"` : quoted(boot.arguments);
  return [
    `# Xen with ${all.length} modules; addresses and sizes are those of the files on this partition.`,
    // The file is read to where Xen is to be, and is of no use any more when that is loaded.
    ...(boot.arguments === undefined
      ? [load(kernel, ARGUMENTS_FILE), `env import -t ${hex(kernel)} \${filesize} bootargs`]
      : []),
    load(kernel, boot.xen),
    load(fdt, boot.fdt),
    ...all.map(({ address, file }) => load(address, file)),
    "# The device tree stays where it is, out of everybody's way.",
    "setenv fdt_high 0xffffffff",
    `fdt addr ${hex(fdt)}`,
    `fdt resize ${hex(FDT_ROOM)}`,
    ...cells("/chosen"),
    `fdt set /chosen xen,xen-bootargs ${quoted(boot.xenArguments)}`,
    `fdt set /chosen xen,dom0-bootargs ${dom0}`,
    ...boot.modules.flatMap((one) => moduleNode("/chosen", one)),
    ...boot.domains.flatMap(domainNode),
    `bootz ${hex(kernel)} - ${hex(fdt)}`,
    "",
  ].join("\n");
}

function load(address: number, file: string): string {
  return `load \${devtype} \${devnum}:\${distro_bootpart} ${hex(address)} \${prefix}${file}`;
}

/** A node's children have addresses and sizes of one cell each. A bare # would begin a comment. */
function cells(path: string): readonly string[] {
  return [`fdt set ${path} \\#address-cells <0x1>`, `fdt set ${path} \\#size-cells <0x1>`];
}

function moduleNode(parent: string, { kind, address, size }: XenModule): readonly string[] {
  const name = `module@${address.toString(16)}`;
  return [
    `fdt mknode ${parent} ${name}`,
    `fdt set ${parent}/${name} compatible "multiboot,${kind}" "multiboot,module"`,
    `fdt set ${parent}/${name} reg <${hex(address)} ${hex(size)}>`,
  ];
}

function domainNode({ name, properties, modules, arguments: line }: Dom0lessDomain): readonly string[] {
  const path = `/chosen/${name}`;
  return [
    `fdt mknode /chosen ${name}`,
    `fdt set ${path} compatible "xen,domain"`,
    ...cells(path),
    ...properties.map(([property, value]) => `fdt set ${path} ${property} ${value}`.trimEnd()),
    ...modules.flatMap((one) => {
      const node = `${path}/module@${one.address.toString(16)}`;
      return [
        ...moduleNode(path, one),
        ...(one.kind === "kernel" && line !== "" ? [`fdt set ${node} bootargs ${quoted(line)}`] : []),
      ];
    }),
  ];
}

/** One word of U-Boot's shell, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}

/** Xen's own arguments: its console is where the device tree's stdout-path leads. */
export function xenArguments(xen: {
  readonly dom0: { readonly memory: number; readonly vcpus?: number };
  readonly arguments: readonly string[];
}): string {
  const { memory, vcpus } = xen.dom0;
  return [
    "console=dtuart",
    `dom0_mem=${memory / 1024 ** 2}M`,
    ...(vcpus === undefined ? [] : [`dom0_max_vcpus=${vcpus}`]),
    ...xen.arguments,
  ].join(" ");
}
