import { ARGUMENTS_FILE, argumentsFile, SERVED_SCRIPT } from "../disk/boot-config.js";
import { scriptImage } from "../disk/uimage.js";
import type { BootFilesArgs } from "../steps/boot-files.js";
import type { SmallFile } from "./small-tar.js";

/** What is loaded besides the boot configuration. */
export interface BootPayloadFiles {
  readonly kernel: SmallFile;
  readonly fdt: SmallFile;
  readonly initramfs?: SmallFile;
}

/** Without the kernel's arguments where the booted system may change them: they are in a file of their own then. */
export function changeable<T extends { readonly arguments: string }>(
  args: Pick<BootFilesArgs, "changing">,
  script: T,
): Omit<T, "arguments"> & { readonly arguments?: string } {
  if (!args.changing) return script;
  const { arguments: _, ...rest } = script;
  return rest;
}

/** The script U-Boot runs, its source for people, and the kernel's arguments where they may change. */
export function scriptFiles(
  text: string,
  args: Pick<BootFilesArgs, "title" | "epoch" | "changing" | "arguments" | "served">,
): readonly SmallFile[] {
  return [
    { name: args.served ? SERVED_SCRIPT : "boot.scr", bytes: scriptImage(text, args.title, args.epoch) },
    { name: "boot.cmd", bytes: Buffer.from(text) },
    ...(args.changing ? [{ name: ARGUMENTS_FILE, bytes: Buffer.from(argumentsFile(args.arguments)) }] : []),
  ];
}
