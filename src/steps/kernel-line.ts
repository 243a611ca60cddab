import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { Refused, refuse } from "../diagnostic/failure.js";
import { kernelArguments } from "../disk/boot-config.js";
import { placeLayout } from "../disk/layout.js";
import { nfsRootArguments } from "../disk/nfs-root.js";
import { kernelMapsRoot, rootArguments, rootPlace } from "../disk/root-device.js";
import { systemConsole } from "../recipe/console.js";
import { ignitionArguments } from "../recipe/ignition-arguments.js";
import type { Spec } from "../recipe/spec.js";

/**
 * The most characters of a command line. Linux keeps 1024 with the NUL at their end and cuts off the rest without a word
 * (arch/arm/include/uapi/asm/setup.h, COMMAND_LINE_SIZE); U-Boot skips a boot entry that is longer ("bootarg overflow", boot/pxe_utils.c
 * with CONFIG_SYS_CBSIZE of common/Kconfig).
 */
const LONGEST = 1023;

/** The kernel's whole command line. Throws Refused when it cannot be known before the image is laid out, or is too long. */
export function kernelLine(spec: Spec): string {
  const line = kernelArguments(systemConsole(spec), wayToRoot(spec), [
    ...ignitionArguments(spec),
    ...spec.boot.arguments,
  ]);
  const found = tooLong(spec, line);
  if (found) throw new Refused([found]);
  return line;
}

/** What is wrong with the kernel's command line. */
export function checkKernelLine(spec: Spec): readonly Diagnostic[] {
  try {
    kernelLine(spec);
    return [];
  } catch (error) {
    if (error instanceof Refused) return error.diagnostics;
    throw error;
  }
}

function tooLong(spec: Spec, line: string): Diagnostic | undefined {
  if (line.length <= LONGEST) return undefined;
  const own = spec.boot.arguments.join(" ").length;
  const message = `the kernel's command line has ${line.length} characters, ${own} of them from boot.arguments, and the kernel takes ${LONGEST}: what is behind them is lost`;
  const volume = kernelMapsRoot(spec)
    ? "shorten the names of volume group and root volume, which it carries, let an initramfs find the root volume (`boot: { initramfs: minimal }`), or "
    : "";
  const [at] = spec.boot.places ?? [];
  return {
    severity: "error",
    code: "command-line-too-long",
    message,
    help: `${volume}leave arguments out: the line is too long by ${line.length - LONGEST}`,
    ...(at === undefined ? {} : { at }),
  };
}

/** The kernel is told where a root volume lies, and that before anything is built. */
function wayToRoot(spec: Spec): readonly string[] {
  if (spec.netboot) return nfsRootArguments(spec.netboot, spec.provision.network, spec.provision.hostname);
  const place = rootPlace(spec.image);
  const sizes = place.partition.content === "lvm" ? place.partition.volumes.map(({ size }) => size) : [];
  const unknown = [...spec.image.partitions.map(({ size }) => size), ...sizes].some((size) => "content" in size);
  const kernelAlone = place.volume !== undefined && kernelMapsRoot(spec);
  if (kernelAlone && unknown) {
    throw refuse(
      "root-volume-unknown",
      `the kernel sets up root volume "${place.group}/${place.volume}" itself and must be told where it lies, which \`size: content\` leaves open`,
      "give partitions and volumes of this image a size, hundredths or the rest, or let an initramfs find it",
    );
  }
  const { layout, diagnostics } = placeLayout(spec.image, spec.board.spl, {});
  // Sizes that follow from contents may still come right; the image's own step looks again.
  if (!layout && kernelAlone) throw new Refused(diagnostics);
  return rootArguments(spec, layout ?? NO_LAYOUT);
}

const NO_LAYOUT = { table: "mbr", size: 0, extents: [], partitions: [], gptEntries: 0 } as const;
