import type { Assertion } from "./check.js";
import { STAGES } from "./failure.js";
import type { Proof } from "./proof.js";

/**
 * A proof as JUnit XML (the Jenkins schema that CI systems read): a test case for each stage and each check;
 * a stage that was not reached is the failure, those behind it are skipped.
 */
export function junitXml(proof: Proof, serial: string): string {
  const cases = [...stageCases(proof), ...proof.checks.map((check) => checkCase(proof, check))];
  const count = (part: string): number => cases.filter((one) => one.includes(`<${part} `)).length;
  const last = Math.max(0, ...proof.stages.map((one) => one.seconds));
  const checks = proof.checks.reduce((sum, check) => sum + (check.seconds ?? 0), 0);
  const counts = `tests="${cases.length}" failures="${count("failure")}" errors="0" skipped="${count("skipped")}"`;
  const name = attribute(`boot proof of ${proof.recipe}`);
  return [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<testsuites ${counts} time="${(last + checks).toFixed(1)}">`,
    `  <testsuite name=${name} hostname=${attribute(proof.board)} ${counts} time="${(last + checks).toFixed(1)}">`,
    "    <properties>",
    ...properties(proof).map(([key, value]) => `      <property name=${attribute(key)} value=${attribute(value)}/>`),
    "    </properties>",
    ...cases,
    `    <system-out>${text(serial)}</system-out>`,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function properties(proof: Proof): readonly (readonly [string, string])[] {
  return [
    ["verdict", proof.verdict],
    ["summary", proof.summary],
    ...(proof.machine ? [["command", proof.machine.command.join(" ")] as const] : []),
    ...Object.entries(proof.versions)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([part, version]) => [`version.${part}`, version] as const),
  ];
}

function stageCases(proof: Proof): readonly string[] {
  const reached = new Map(proof.stages.map((one) => [one.stage, one.seconds]));
  const furthest = Math.max(-1, ...proof.stages.map((one) => STAGES.indexOf(one.stage)));
  let before = 0;
  // A check that failed stands for itself; what went wrong before or between checks needs a case of its own.
  const between = proof.failure?.stage === "checks" && !proof.checks.some((check) => check.verdict === "failed");
  return STAGES.filter((stage) => stage !== "checks" || between).map((stage) => {
    const at = reached.get(stage);
    const head = `    <testcase classname=${attribute(`${proof.recipe}.stage`)} name=${attribute(stage)}`;
    if (at !== undefined && stage !== "checks") {
      const line = `${head} time="${(at - before).toFixed(1)}"/>`;
      before = at;
      return line;
    }
    if (STAGES.indexOf(stage) < furthest) return skipped(head, "passed without a line that shows it");
    if (proof.failure?.stage === stage) {
      const { name, message, line, remedy } = proof.failure;
      return failed(head, name, message, [...(line === undefined ? [] : [line]), remedy]);
    }
    return skipped(head, proof.verdict === "failed" ? "not reached" : proof.summary);
  });
}

function checkCase(proof: Proof, check: Assertion): string {
  const head = `    <testcase classname=${attribute(`${proof.recipe}.check`)} name=${attribute(check.name)} time="${(check.seconds ?? 0).toFixed(1)}"`;
  const reason = check.reason ?? "";
  if (check.verdict === "skipped") return skipped(head, reason);
  if (check.verdict === "failed") return failed(head, "check", reason, [`$ ${check.command}`, check.output ?? ""]);
  return `${head}/>`;
}

function skipped(head: string, reason: string): string {
  return `${head}>\n      <skipped message=${attribute(reason)}/>\n    </testcase>`;
}

function failed(head: string, type: string, message: string, lines: readonly string[]): string {
  const body = text(lines.join("\n"));
  return `${head}>\n      <failure type=${attribute(type)} message=${attribute(message)}>${body}</failure>\n    </testcase>`;
}

/** What XML 1.0 may not carry at all (section 2.2): control characters, lone surrogates. */
const FORBIDDEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function text(value: string): string {
  return value.replace(FORBIDDEN, "\ufffd").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function attribute(value: string): string {
  const plain = text(value).replaceAll('"', "&quot;").replaceAll("\n", "&#10;").replaceAll("\t", "&#9;");
  return `"${plain}"`;
}
