import { expect, test } from "vitest";
import { z } from "zod";
import { provenance } from "../../../src/report/provenance.js";
import type { Result } from "../../../src/store/store.js";
import { smallBuild } from "../../rig/records.js";

/** in-toto's ResourceDescriptor, https://github.com/in-toto/attestation/blob/main/spec/v1/resource_descriptor.md */
const Resource = z.strictObject({
  name: z.string().optional(),
  uri: z.string().optional(),
  digest: z.record(z.string(), z.string().regex(/^[0-9a-f]+$/)),
  annotations: z.record(z.string(), z.unknown()).optional(),
});
const absolute = z.string().regex(/^[a-z][a-z0-9+.-]*:/);
/** Statement v1 and provenance v1, as https://slsa.dev/spec/v1.0/provenance lays them down. */
const Statement = z.strictObject({
  _type: z.literal("https://in-toto.io/Statement/v1"),
  subject: z.array(Resource.extend({ name: z.string() })).min(1),
  predicateType: z.literal("https://slsa.dev/provenance/v1"),
  predicate: z.strictObject({
    buildDefinition: z.strictObject({
      buildType: absolute,
      externalParameters: z.record(z.string(), z.unknown()),
      internalParameters: z.record(z.string(), z.unknown()),
      resolvedDependencies: z.array(Resource),
    }),
    runDetails: z.strictObject({
      builder: z.strictObject({
        id: absolute,
        version: z.record(z.string(), z.string()),
        builderDependencies: z.array(Resource),
      }),
      metadata: z
        .strictObject({ invocationId: z.string(), startedOn: z.iso.datetime(), finishedOn: z.iso.datetime() })
        .optional(),
    }),
  }),
});

test("a small card's, whole", async () => {
  await expect(provenance(smallBuild())).toMatchFileSnapshot("card.provenance.txt");
});

test("is a statement as in-toto and SLSA lay it down, and names everything that went in", () => {
  const { subject, predicate } = Statement.parse(JSON.parse(provenance(smallBuild())));
  expect(subject).toEqual([{ name: "card.img", digest: { sha256: "f".repeat(64) } }]);
  expect(predicate.buildDefinition.resolvedDependencies.map(({ name }) => name)).toEqual([
    "linux: pool/main/l/linux/linux_6.12.107.orig.tar.xz",
    "u-boot",
    "rootfs",
    "pool/main/g/gcc-14/libstdc++6_14.2.0-19_armhf.deb",
    "../overlay",
    "files/one.patch",
  ]);
});

test("differs between runs in its metadata alone", () => {
  const parse = (text: string) => Statement.parse(JSON.parse(text));
  const one = parse(provenance(smallBuild()));
  const two = parse(provenance(smallBuild("2027-05-05T00:00:09.000Z", 9)));
  expect(two.predicate.runDetails.metadata).toMatchObject({ startedOn: "2027-05-05T00:00:00.000Z" });
  const without = ({ predicate, ...rest }: typeof one) => ({
    ...rest,
    predicate: { ...predicate, runDetails: { ...predicate.runDetails, metadata: undefined } },
  });
  expect(without(two)).toEqual(without(one));
});

test("its times are those of the steps that the image is made from", () => {
  const facts = smallBuild();
  const late: Result = { key: "l", step: "lint", facts: {}, outputs: {}, seconds: 1, at: "2030-01-01T00:00:00.000Z" };
  const results = new Map([...facts.results, ["lint", late]]);
  const [image] = facts.plan.steps;
  if (!image) throw new Error("no image step");
  const lint = { ...image, step: { ...image.step, id: "lint" }, needs: ["image"] };
  const plan = { ...facts.plan, steps: [image, lint] };
  expect(provenance({ ...facts, results, plan })).toBe(provenance(facts));
});

test("has neither secrets nor places of this machine", () => {
  expect(provenance(smallBuild())).not.toMatch(/\$6\$|\/home\//);
});
