import { beforeAll, expect, test } from "vitest";
import { renderDiagnostics } from "../../../src/diagnostic/render.js";
import { replay } from "../../../src/wizard/replay.js";
import type { World } from "../../../src/wizard/world.js";
import { KEY, wizardWorld } from "../../rig/wizard-world.js";

let world: World;
beforeAll(async () => {
  world = await wizardWorld();
});

const refused = (text: string): string => {
  const { answers, diagnostics } = replay("answers.yaml", text, world);
  expect(answers).toBeUndefined();
  return renderDiagnostics(diagnostics, { cwd: "/" });
};

test("an impossible answer has the rule's words, and an unknown one beside it is told, too", () => {
  expect(
    refused("board: cubieboard\npurpose: xen\nvolums: []\n"),
  ).toBe(`answers.yaml:2:10: error: purpose: Xen runs in HYP mode, and cubieboard's cortex-a8 (A10) has no virtualization extensions: it would start and print nothing (take a board with a Cortex-A7 or A15; \`boardsmith boards\` says which have virtualization) [impossible-answer]
  2 | purpose: xen
    |          ^^^
  help: possible: opensuse, debian, busybox

answers.yaml:3:1: error: no question is called "volums" [unknown-answer]
  3 | volums: []
    | ^^^^^^
  help: did you mean "volumes"?

2 errors`);
});

test("a password in clear text is not repeated", () => {
  expect(
    refused("board: cubieboard\npurpose: busybox\npassword-hash: s3cret\n"),
  ).toBe(`answers.yaml:3:16: error: password-hash: this is no crypt(3) hash (make a hash with \`openssl passwd -6\` or \`mkpasswd\`, and give it as \`password-hash:\`) [impossible-answer]
  3 | password-hash: ******
    |                ^^^^^^

1 error`);
});

test("a list where a word belongs", () => {
  expect(
    refused("board: cubieboard\npurpose: busybox\nlogin: console\nset: small\nkernel: [slim]\n"),
  ).toBe(`answers.yaml:5:9: error: "kernel" wants a text, got a list [wrong-type]
  5 | kernel: [slim]
    |         ^^^^^^

1 error`);
});

test("what nobody asks for", () => {
  expect(
    refused("board: cubieboard\npurpose: busybox\nlogin: console\nset: small\n"),
  ).toBe(`answers.yaml:4:1: error: after these answers, nobody asks for "set" [unasked-answer]
  4 | set: small
    | ^^^
  help: leave it out

1 error`);
});

test("what has to be said", () => {
  expect(refused("purpose: busybox\n")).toMatch(
    /^answers\.yaml:1:1: error: "board" has to be answered: Which board is it for\? \[missing-answer\]\n(.*\n)+ {2}help: possible: bananapi-m2-ultra, cubieboard, /,
  );
});

test("presets answer the rest; a list of one needs no brackets; a number is the text it looks like", () => {
  const text = `board: cubieboard\npurpose: debian\npackages: tmux\nhostname: 007\nssh-keys: ${KEY}\n`;
  const { answers } = replay("answers.yaml", text, world);
  expect(answers).toEqual({
    board: "cubieboard",
    purpose: "debian",
    packages: ["tmux"],
    kernel: "slim",
    size: "2GiB",
    layout: "plain",
    hostname: "007",
    login: "user",
    user: "ada",
    "password-hash": "",
    "ssh-keys": [KEY],
    timezone: "Europe/Berlin",
    locale: "C.UTF-8",
    outputs: [],
    name: "my-cubieboard-debian",
  });
});

test("somebody who could not log in is no answer", () => {
  expect(refused("board: cubieboard\npurpose: debian\nssh-keys: []\n")).toContain(
    'error: ssh-keys: "ada" has neither password nor key and cannot log in (give `password-hash:` or `ssh-keys:`) [impossible-answer]',
  );
});
