import type { ProofStage } from "../recipe/spec.js";
import type { Assertion } from "./check.js";
import type { BootFailure } from "./failure.js";

/** What an emulated boot came to. `proven-to-kernel`: the emulator carries no further than the kernel's start. */
export type Verdict = "proven" | "proven-to-kernel" | "failed" | "not-emulated";

/** The record of an emulated boot; it travels with the image. */
export interface Proof {
  readonly recipe: string;
  readonly board: string;
  readonly verdict: Verdict;
  /** The verdict in one sentence. */
  readonly summary: string;
  /** Absent when nothing emulates the board. */
  readonly machine?: {
    readonly name: string;
    /** Bytes. */
    readonly memory: number;
    /** QEMU's command line as it was run in the container. */
    readonly command: readonly string[];
  };
  readonly card?: {
    /** Bytes of the image and of the card it was put on. */
    readonly image: number;
    readonly size: number;
    /** What the booted copy differed in from the image; the image itself is never written to. */
    readonly changed: string;
  };
  /** How the proof got to be root. */
  readonly access?: "first-boot dialog" | "password of the proof's own";
  readonly host: { readonly load: number };
  readonly stages: readonly { readonly stage: ProofStage; readonly seconds: number }[];
  readonly failure?: BootFailure;
  readonly checks: readonly Assertion[];
  /** The board went down when told to: `clean`, or what happened instead. Absent when it was not asked to. */
  readonly powerOff?: string;
  readonly versions: { readonly [part: string]: string };
}
