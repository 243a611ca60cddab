import type { Question } from "../question.js";
import { board } from "./board.js";
import { hostname, locale, login, password, sshKeys, timezone, user } from "./first-boot.js";
import { branch, kernel, kernelFile } from "./kernel.js";
import { layout, size, volumes } from "./layout.js";
import { name, outputs } from "./outputs.js";
import { packages, purpose, set } from "./system.js";
import { dom0Memory, guests } from "./xen.js";

/** Every question in the order it is asked. */
export const QUESTIONS: readonly Question[] = [
  board,
  purpose,
  set,
  packages,
  kernel,
  branch,
  kernelFile,
  size,
  dom0Memory,
  guests,
  layout,
  volumes,
  hostname,
  login,
  user,
  password,
  sshKeys,
  timezone,
  locale,
  outputs,
  name,
];
