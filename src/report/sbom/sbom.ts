import { uuidFor } from "../../disk/identity.js";
import type { LocalFile, Spec } from "../../recipe/spec.js";
import { canonical, type Json, sha256 } from "../../util/canonical.js";
import { type BuildFacts, usedTools } from "../build-facts.js";
import { type Component, sha256Hash } from "./component.js";
import { packageComponents } from "./packages.js";
import { sourceOf } from "./source.js";
import { toolComponents } from "./tools.js";

/**
 * The software bill of materials of an image, CycloneDX 1.6 as JSON (https://cyclonedx.org/docs/1.6/json/).
 * The same build gives the same bytes: its time is the recipe's epoch, its serial number comes from what it says.
 * Ends with a newline.
 */
export function sbom(facts: BuildFacts): string {
  const { spec, pins, inventory, version } = facts;
  const components = [...compiled(facts), ...packageComponents(inventory, pins.packages)];
  const body = {
    version: 1,
    metadata: {
      timestamp: new Date(spec.epoch * 1000).toISOString(),
      tools: { components: [...toolComponents(version, usedTools(facts)), ...crossCompiler(facts)] },
      component: image(facts),
    },
    components,
    dependencies: [{ ref: "image", dependsOn: components.map((one) => one["bom-ref"]) }],
  };
  const serial = uuidFor(spec, `sbom ${sha256(canonical(JSON.parse(JSON.stringify(body)) as Json))}`);
  const head = { bomFormat: "CycloneDX", specVersion: "1.6", serialNumber: `urn:uuid:${serial}` };
  return `${JSON.stringify({ $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", ...head, ...body }, null, 2)}\n`;
}

function image({ spec, inventory, imageSha256 }: BuildFacts): Component {
  return {
    type: "firmware",
    "bom-ref": "image",
    name: spec.name,
    description: spec.description,
    ...(imageSha256 === undefined ? {} : { hashes: [sha256Hash(imageSha256)] }),
    properties: [
      { name: "boardsmith:board", value: spec.board.name },
      ...(inventory?.os
        ? [{ name: "boardsmith:os", value: `${inventory.os.name} ${inventory.os.version ?? ""}`.trim() } as const]
        : []),
    ],
  };
}

/** A cross compiler of the recipe's own; the distribution's is in a tool image. */
function crossCompiler({ spec, pins }: BuildFacts): readonly Component[] {
  const { toolchain } = spec;
  if (toolchain.kind !== "source") return [];
  const from = sourceOf(toolchain.source, spec.sources[toolchain.source], pins.sources[toolchain.source], undefined);
  return [{ type: "application", name: toolchain.source, ...from }];
}

/** Kernels, Xen, boot loader and, where it is compiled, the userland. */
function compiled({ spec, pins, release, xenRelease, ubootVersion }: BuildFacts): readonly Component[] {
  const { kernel, xen, guestKernel, uboot, rootfs } = spec;
  const from = (source: string, version: string | undefined) =>
    sourceOf(source, spec.sources[source], pins.sources[source], version);
  return [
    {
      type: "operating-system",
      "bom-ref": "kernel",
      name: "linux",
      ...(release === undefined ? {} : { version: release }),
      ...kernelOrigin(kernel, (source) => from(source, release)),
    },
    ...(guestKernel
      ? [
          {
            type: "operating-system",
            "bom-ref": "guest-kernel",
            name: "linux",
            description: "the kernel of guests",
            ...kernelOrigin(guestKernel, (source) => from(source, undefined)),
          } as const,
        ]
      : []),
    ...(xen
      ? [
          {
            type: "operating-system",
            "bom-ref": "xen",
            name: "xen",
            ...(xenRelease === undefined ? {} : { version: xenRelease }),
            ...kernelOrigin(xen.from, (source) => from(source, xenRelease)),
          } as const,
        ]
      : []),
    {
      type: "firmware",
      "bom-ref": "u-boot",
      name: "u-boot",
      ...(ubootVersion === undefined ? {} : { version: ubootVersion }),
      ...from(uboot.source, ubootVersion),
      ...changes(uboot.patches, uboot.fragments),
    },
    ...(rootfs.kind === "distro" || rootfs.kind === "rpm"
      ? []
      : [
          {
            type: rootfs.kind === "busybox" ? "application" : "file",
            "bom-ref": "rootfs",
            name: rootfs.source,
            ...from(rootfs.source, undefined),
          } as const,
        ]),
  ];
}

/** A kernel's or Xen's source and what was changed in it, or the sources of one that others built; a package's is that package. */
function kernelOrigin(
  kernel: Spec["kernel"] | NonNullable<Spec["xen"]>["from"],
  from: (source: string) => Partial<Component>,
): Partial<Component> {
  if (kernel.kind === "source") return { ...from(kernel.source), ...changes(kernel.patches, kernel.fragments) };
  const [first] = kernel.kind === "prebuilt" ? kernel.sources : [];
  return first === undefined ? {} : from(first);
}

function changes(
  patches: readonly LocalFile[],
  fragments: readonly { readonly name: string; readonly text: string }[],
): Pick<Component, "pedigree" | "properties"> {
  const properties = [
    ...patches.map(({ shown, sha256 }) => ({ name: "boardsmith:patch", value: `${shown} sha256:${sha256}` }) as const),
    ...fragments.map(
      ({ name, text }) => ({ name: "boardsmith:fragment", value: `${name} sha256:${sha256(text)}` }) as const,
    ),
  ];
  return {
    ...(patches.length === 0
      ? {}
      : {
          pedigree: { patches: patches.map(({ shown }) => ({ type: "unofficial", diff: { url: encodeURI(shown) } })) },
        }),
    ...(properties.length === 0 ? {} : { properties }),
  };
}
