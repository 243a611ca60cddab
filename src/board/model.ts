/** Facts of a fast model and of its twin, the QEMU machine that stands in for it. Addresses and sizes in bytes. */
export interface Model {
  readonly name: string;
  readonly title: string;
  readonly core: string;
  /** CPUs that start Xen: the models of 2012 run it with one. */
  readonly cpus: number;
  readonly dram: { readonly base: number; readonly size: number };
  readonly gic: { readonly distributor: number; readonly cpuInterface: number };
  /** A PL011. */
  readonly uart: number;
  /** The register in which other CPUs find where to go on. */
  readonly sysFlags: number;
  /** Frequency of the generic timer where nobody set it, Hz. */
  readonly timer: number;
  readonly deviceTree: {
    /** Linux' own, below arch/arm/boot/dts. */
    readonly from: string;
    /** Alias of the UART in it. */
    readonly console: string;
    /** Nodes that are left out: what the model lacks, or what Xen cannot give to dom0. */
    readonly without: readonly string[];
    /** Virtio transports that are added, each with its shared peripheral interrupt. */
    readonly virtio: readonly { readonly address: number; readonly interrupt: number }[];
  };
  /** Kernel modules that the model's disk needs before it can be read. */
  readonly diskModules: readonly string[];
  /** ARM's programs that are this model, and how their options call its first CPU and its disk. */
  readonly programs: readonly { readonly program: string; readonly cpu: string; readonly disk: string }[];
  readonly twin: { readonly machine: string; readonly cpu: string };
  /** Where each fact was read. */
  readonly origin: readonly string[];
}
