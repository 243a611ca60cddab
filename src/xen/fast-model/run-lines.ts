import type { Model } from "../../board/model.js";

/** What a person types to start an image: file names as they lie in the output folder. */
export interface RunFiles {
  /** The image that has it all. */
  readonly image: string;
  /** The one that takes kernel, initramfs and arguments from the model's command line. */
  readonly semihosting: string;
  readonly kernel: string;
  readonly initramfs?: string;
  readonly deviceTree: string;
  /** A disk with dom0's root filesystem. */
  readonly disk?: string;
  /** The kernel's arguments. */
  readonly arguments: string;
}

/** How the images are started, on ARM's models and on the twin, as a text for people. */
export function runLines(model: Model, files: RunFiles): string {
  const named = [
    `--kernel ${files.kernel}`,
    `--dtb ${files.deviceTree}`,
    ...(files.initramfs === undefined ? [] : [`--initrd ${files.initramfs}`]),
    `-- ${files.arguments}`,
  ].join(" ");
  const programs = model.programs.map(({ program, cpu, disk }) => {
    const drive = files.disk === undefined ? "" : ` -C ${disk}=${files.disk}`;
    return [
      `${program}${drive} -a ${files.image}`,
      `${program}${drive} -a ${files.semihosting} -C ${cpu}.semihosting-cmd_line="${named}"`,
    ].join("\n");
  });
  const disk = files.disk === undefined ? undefined : { file: files.disk, format: "raw" };
  const twin = (image: string, more: readonly string[]) => shell([...twinArgv(model, image, disk), ...more]);
  const semihosting = ["target=native", `arg=${files.semihosting}`, ...named.split(" ").map((word) => `arg=${word}`)];
  return [
    `# ${model.title}: either image, the second with files that may change`,
    ...programs,
    "",
    "# its twin",
    twin(files.image, []),
    twin(files.semihosting, ["-semihosting-config", `enable=on,${semihosting.join(",")}`]),
    "",
  ].join("\n");
}

/** The twin's command for an image, and for a disk where there is one, which is never written to. */
export function twinArgv(
  { twin, dram }: Model,
  image: string,
  disk?: { readonly file: string; readonly format: string },
): readonly string[] {
  return [
    "qemu-system-arm",
    "-M",
    twin.machine,
    "-cpu",
    twin.cpu,
    "-m",
    `${dram.size / 1024 ** 2}M`,
    "-nographic",
    "-no-reboot",
    "-audio",
    "none",
    "-kernel",
    image,
    ...(disk === undefined
      ? []
      : [
          "-drive",
          `if=none,id=disk,format=${disk.format},file=${disk.file}`,
          "-device",
          "virtio-blk-device,drive=disk",
          "-snapshot",
          "-nic",
          "user",
        ]),
  ];
}

function shell(argv: readonly string[]): string {
  return argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}
