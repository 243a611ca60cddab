import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { expect, test } from "vitest";
import { sbom } from "../../../src/report/sbom/sbom.js";
import { smallBuild } from "../../rig/records.js";

const require = createRequire(import.meta.url);

/** CycloneDX's own schema of version 1.6. */
function violations(bom: string): unknown {
  const library = dirname(require.resolve("@cyclonedx/cyclonedx-library/package.json"));
  const schema = (name: string) =>
    JSON.parse(readFileSync(join(library, "res/schema", `${name}.SNAPSHOT.schema.json`), "utf8")) as object;
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  // Every URI reference in ASCII is an IRI reference, and ours are ASCII.
  ajv.addFormat("iri-reference", /^[!-~]*$/).addFormat("idn-email", /@/);
  ajv.addSchema(schema("spdx"), "http://cyclonedx.org/schema/spdx.SNAPSHOT.schema.json");
  ajv.addSchema(schema("jsf-0.82"), "http://cyclonedx.org/schema/jsf-0.82.SNAPSHOT.schema.json");
  const validate = ajv.compile(schema("bom-1.6"));
  return validate(JSON.parse(bom)) ? [] : validate.errors;
}

test("a small card's, whole", async () => {
  await expect(sbom(smallBuild())).toMatchFileSnapshot("card.cdx.txt");
});

test("is valid by CycloneDX's own schema, also when little is known, and that schema judges", () => {
  const { inventory: _i, release: _r, ubootVersion: _u, imageSha256: _s, proof: _p, ...little } = smallBuild();
  for (const facts of [smallBuild(), { ...little, results: new Map(), pins: { sources: {} } }]) {
    expect(violations(sbom(facts))).toEqual([]);
  }
  const licence = sbom(smallBuild()).replace('"id": "GPL-3.0-or-later"', '"id": "GPL-3+"');
  expect(violations(licence)).not.toEqual([]);
});

test("names a cross compiler of the recipe's own among the tools", () => {
  const { spec, ...rest } = smallBuild();
  const toolchain = { kind: "source", source: "rootfs", prefix: "arm-", libc: "musl" } as const;
  const bom = sbom({ ...rest, spec: { ...spec, toolchain } });
  expect(
    (JSON.parse(bom) as { metadata: { tools: { components: object[] } } }).metadata.tools.components.at(-1),
  ).toEqual({
    type: "application",
    name: "rootfs",
    purl: `pkg:generic/rootfs?checksum=sha256:${"c".repeat(64)}&download_url=https:%2F%2Fexample.org%2Froot.tar.xz`,
    externalReferences: [
      {
        type: "source-distribution",
        url: "https://example.org/root.tar.xz",
        hashes: [{ alg: "SHA-256", content: "c".repeat(64) }],
      },
    ],
  });
  expect(violations(bom)).toEqual([]);
});

test("lists Xen and the kernel of its guests", () => {
  const facts = smallBuild();
  const { kernel } = facts.spec;
  if (kernel.kind !== "source") throw new Error("the card's kernel is compiled");
  const spec = {
    ...facts.spec,
    xen: {
      from: { kind: "package", package: "xen-hypervisor-4.17-armhf" },
      arguments: [],
      dom0: { memory: 2 ** 28 },
    },
    guestKernel: { ...kernel, role: "domU" },
  } as const;
  const bom = sbom({ ...facts, spec, xenRelease: "4.17" });
  const { components } = JSON.parse(bom) as { components: { "bom-ref": string; name: string; version?: string }[] };
  expect(components).toContainEqual({ type: "operating-system", "bom-ref": "xen", name: "xen", version: "4.17" });
  expect(components.find((one) => one["bom-ref"] === "guest-kernel")).toMatchObject({ name: "linux" });
  expect(violations(bom)).toEqual([]);
});

test("follows from the build alone, and has a serial number of its own for other contents", () => {
  expect(sbom(smallBuild("2027-05-05T00:00:00.000Z", 99))).toBe(sbom(smallBuild()));
  const serial = (text: string) => (JSON.parse(text) as { serialNumber: string }).serialNumber;
  expect(serial(sbom({ ...smallBuild(), release: "6.13" }))).not.toBe(serial(sbom(smallBuild())));
});

test("has neither secrets nor places of this machine", () => {
  expect(sbom(smallBuild())).not.toMatch(/\$6\$|\/home\//);
});
