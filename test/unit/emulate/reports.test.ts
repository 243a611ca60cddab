import { describe, expect, test } from "vitest";
import { z } from "zod";
import { junitXml } from "../../../src/emulate/junit.js";
import type { Proof } from "../../../src/emulate/proof.js";
import { proofJson } from "../../../src/emulate/proof-json.js";
import { serialLog } from "../../../src/emulate/serial-log.js";
import { proofLines } from "../../../src/report/proof.js";

const proof: Proof = {
  recipe: "cubieboard",
  board: "cubieboard",
  verdict: "failed",
  summary: 'the boot failed on the way to checks: a check failed: a<b ("x" & y)',
  machine: { name: "cubieboard", memory: 2 ** 30, command: ["qemu-system-arm", "-M", "cubieboard"] },
  card: { image: 2 ** 31, size: 2 ** 31, changed: "nothing" },
  access: "first-boot dialog",
  host: { load: 0.123456 },
  stages: [
    { stage: "spl", seconds: 0.21 },
    { stage: "u-boot", seconds: 1.34 },
    { stage: "kernel", seconds: 16.04 },
    { stage: "login", seconds: 60.06 },
    { stage: "checks", seconds: 66 },
  ],
  failure: { name: "checks-failed", stage: "checks", message: "a check failed", remedy: "look" },
  checks: [
    { name: "memory size", command: "cat /proc/meminfo", verdict: "passed", exitCode: 0, seconds: 1.26, output: "x" },
    {
      name: 'a<b ("x" & y)',
      command: "test 1 -lt 0 && echo ]]>",
      verdict: "failed",
      exitCode: 1,
      seconds: 0.5,
      output: "bell \u0007 and \ud800 and zwölf 🙂",
      reason: "exit code 1",
    },
    {
      name: "no failed units",
      command: "systemctl",
      verdict: "skipped",
      exitCode: 77,
      seconds: 0.1,
      output: "",
      reason: "init is not systemd",
    },
  ],
  powerOff: "clean, in 3 s",
  versions: { qemu: "10.0.13", kernel: "6.12.107", "u-boot": "2025.01" },
};

/** What the file promises to whoever reads it. */
const ProofFile = z.strictObject({
  format: z.literal("boardsmith boot proof 1"),
  recipe: z.string(),
  board: z.string(),
  verdict: z.enum(["proven", "proven-to-kernel", "failed", "not-emulated"]),
  summary: z.string(),
  failure: z
    .strictObject({
      name: z.string(),
      stage: z.string(),
      message: z.string(),
      line: z.string().optional(),
      remedy: z.string(),
    })
    .optional(),
  stages: z.array(z.strictObject({ stage: z.string(), seconds: z.number() })),
  checks: z.array(
    z.strictObject({
      name: z.string(),
      verdict: z.enum(["passed", "failed", "skipped"]),
      reason: z.string().optional(),
      command: z.string(),
      exitCode: z.int().optional(),
      seconds: z.number().optional(),
      output: z.string().optional(),
    }),
  ),
  access: z.string().optional(),
  powerOff: z.string().optional(),
  machine: z.strictObject({ name: z.string(), memory: z.int(), command: z.array(z.string()) }).optional(),
  card: z.strictObject({ image: z.int(), size: z.int(), changed: z.string() }).optional(),
  host: z.strictObject({ load: z.number() }),
  versions: z.record(z.string(), z.string()),
});

const notEmulated: Proof = {
  recipe: "x",
  board: "y",
  verdict: "not-emulated",
  summary: "no emulator boots a y",
  host: { load: 0 },
  stages: [],
  checks: [],
  versions: {},
};

describe("the proof's JSON", () => {
  test.each([proof, notEmulated])("holds to its schema: $verdict", (one) => {
    ProofFile.parse(JSON.parse(proofJson(one)));
  });

  test("does not depend on the order in which the proof was put together", () => {
    const turned = Object.fromEntries(Object.entries(proof).reverse()) as unknown as Proof;
    const versions = Object.fromEntries(Object.entries(proof.versions).reverse());
    expect(proofJson({ ...turned, versions })).toBe(proofJson(proof));
    expect(proofJson(proof).endsWith("}\n")).toBe(true);
    expect(JSON.parse(proofJson(proof)).stages[0]).toEqual({ stage: "spl", seconds: 0.2 });
  });
});

test("JUnit: a case for each stage and check, failures with command and output, nothing that XML forbids", () => {
  const xml = junitXml(proof, "[    0.000] <boot> & \u001b[0m ]]>\n");
  expect(xml).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="8" failures="1" errors="0" skipped="2" time="67.9">
  <testsuite name="boot proof of cubieboard" hostname="cubieboard" tests="8" failures="1" errors="0" skipped="2" time="67.9">
    <properties>
      <property name="verdict" value="failed"/>
      <property name="summary" value="the boot failed on the way to checks: a check failed: a&lt;b (&quot;x&quot; &amp; y)"/>
      <property name="command" value="qemu-system-arm -M cubieboard"/>
      <property name="version.kernel" value="6.12.107"/>
      <property name="version.qemu" value="10.0.13"/>
      <property name="version.u-boot" value="2025.01"/>
    </properties>
    <testcase classname="cubieboard.stage" name="spl" time="0.2"/>
    <testcase classname="cubieboard.stage" name="u-boot" time="1.1"/>
    <testcase classname="cubieboard.stage" name="kernel" time="14.7"/>
    <testcase classname="cubieboard.stage" name="init">
      <skipped message="passed without a line that shows it"/>
    </testcase>
    <testcase classname="cubieboard.stage" name="login" time="44.0"/>
    <testcase classname="cubieboard.check" name="memory size" time="1.3"/>
    <testcase classname="cubieboard.check" name="a&lt;b (&quot;x&quot; &amp; y)" time="0.5">
      <failure type="check" message="exit code 1">$ test 1 -lt 0 &amp;&amp; echo ]]&gt;
bell \ufffd and \ufffd and zwölf 🙂</failure>
    </testcase>
    <testcase classname="cubieboard.check" name="no failed units" time="0.1">
      <skipped message="init is not systemd"/>
    </testcase>
    <system-out>[    0.000] &lt;boot&gt; &amp; \ufffd[0m ]]&gt;
</system-out>
  </testsuite>
</testsuites>
`);
});

test("JUnit: the stage a boot did not reach is the failure, those behind it are skipped", () => {
  const failure = { name: "no-root", stage: "init", message: "no root", line: "VFS: …", remedy: "mend it" } as const;
  const { access: _, powerOff: __, ...rest } = proof;
  const xml = junitXml({ ...rest, failure, stages: proof.stages.slice(0, 3), checks: [] }, "");
  expect(xml).toContain(`<testsuites tests="5" failures="1" errors="0" skipped="1"`);
  expect(xml).toContain(`name="init">\n      <failure type="no-root" message="no root">VFS: …\nmend it</failure>`);
  expect(xml).toContain(`name="login">\n      <skipped message="not reached"/>`);
});

test("JUnit: what goes wrong between checks is a failure too", () => {
  const failure = { name: "check-hangs", stage: "checks", message: "it hangs", remedy: "wait" } as const;
  const xml = junitXml({ ...proof, failure, checks: proof.checks.slice(0, 1) }, "");
  expect(xml).toContain(`<testsuites tests="7" failures="1" errors="0" skipped="1"`);
  expect(xml).toContain(`name="checks">\n      <failure type="check-hangs" message="it hangs">wait</failure>`);
});

test("for people", () => {
  expect(proofLines(proof)).toEqual([
    "stages: spl 0.2 s, u-boot 1.3 s, kernel 16.0 s, login 60.1 s, checks 66.0 s",
    "  ✓ memory size",
    '  ✗ a<b ("x" & y): exit code 1',
    "  - no failed units: init is not systemd",
    "power-off: clean, in 3 s",
    `failed: ${proof.summary}`,
    "  look",
  ]);
  expect(proofLines(notEmulated)).toEqual(["not emulated: no emulator boots a y"]);
});

test("the serial log has each line's time", () => {
  const lines = [
    { seconds: 0.2104, text: "U-Boot SPL 2025.01" },
    { seconds: 12345.6, text: "" },
  ];
  expect(serialLog(lines)).toBe("[    0.210] U-Boot SPL 2025.01\n[12345.600] \n");
});
