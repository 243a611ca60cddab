/** What a KIWI description says of a system: a recipe's choices in KIWI's own terms. */
export interface KiwiSystem {
  readonly name: string;
  /** One line. */
  readonly description: string;
  /** Profile: one board with one layout. */
  readonly profile: string;
  /** Board and layout, for people. */
  readonly title: string;
  /** As rpm calls it: `armv7hl`. */
  readonly arch: string;
  readonly locale?: string;
  readonly keymap?: string;
  readonly timezone?: string;
  readonly repositories: readonly { readonly name: string; readonly url: string; readonly priority: number }[];
  readonly patterns: readonly string[];
  readonly packages: readonly string[];
  readonly exclude: readonly string[];
  readonly recommends: boolean;
  /** Package of the kernel that KIWI puts on the card. */
  readonly kernel: string;
  /** Kernel arguments but root=, which KIWI adds. */
  readonly kernelLine: string;
  readonly users: readonly {
    readonly name: string;
    readonly passwordHash?: string;
    readonly comment?: string;
    readonly groups: readonly string[];
    readonly shell?: string;
  }[];
  /** MiB of the image and of its boot partition. */
  readonly size: number;
  readonly bootSize: number;
  /** Absent: the root filesystem is on a partition. MiB per volume; undefined takes what is left. */
  readonly group?: {
    readonly name: string;
    readonly volumes: readonly { readonly name: string; readonly mount: string; readonly size?: number }[];
    readonly swap?: number;
  };
}
