import { beforeAll, expect, test } from "vitest";
import type { Answers } from "../../../src/wizard/answers.js";
import { edited } from "../../../src/wizard/ask/edited.js";
import { oneBack, resumed } from "../../../src/wizard/dialogue.js";
import { drawCard } from "../../../src/wizard/draw-card.js";
import { examine } from "../../../src/wizard/examine.js";
import { lineDiff } from "../../../src/wizard/line-diff.js";
import type { Question } from "../../../src/wizard/question.js";
import { QUESTIONS } from "../../../src/wizard/questions/all.js";
import { objection, offers, recipeOf } from "../../../src/wizard/walk.js";
import type { World } from "../../../src/wizard/world.js";
import { KEY, wizardWorld } from "../../rig/wizard-world.js";

let world: World;
beforeAll(async () => {
  world = await wizardWorld();
});

function question(id: string): Question {
  const found = QUESTIONS.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no question ${id}`);
  return found;
}

const grey = (id: string, answers: Answers) =>
  Object.fromEntries(
    offers(question(id), answers, world).flatMap(({ value, reason }) =>
      reason === undefined ? [] : [[value, reason]],
    ),
  );

test("what does not go together is grey, with the reason that check gives", () => {
  expect(grey("purpose", { board: "mk802" })).toEqual({
    xen: expect.stringMatching(/^Xen runs in HYP mode, and mk802's cortex-a8 \(A10\) has no virtualization extensions/),
  });
  expect(grey("purpose", { board: "cubietruck" })).toEqual({});
  expect(grey("kernel", { board: "cubieboard", purpose: "busybox" })).toEqual({
    packaged: expect.stringMatching(/^package linux-image-armmp would come from the root filesystem's distribution/),
  });
  expect(grey("kernel", { board: "orangepi-pc", purpose: "debian", packages: [] })).toEqual({
    slim: expect.stringMatching(/^this fragment leaves CONFIG_MACH_SUN8I out/),
  });
  expect(grey("dom0-memory", xen({ board: "cubieboard2" }))).toEqual({
    "1024MiB": expect.stringMatching(/^dom0's 1 GiB and Xen's own 64 MiB are more than the 1 GiB of cubieboard2/),
  });
  const guests = xen({ board: "cubietruck", "dom0-memory": "512MiB", guests: ["web 128MiB 512MiB"] });
  expect(grey("layout", guests)).toEqual({ plain: expect.stringMatching(/^the card has no volume group "xen"/) });
  const debian = {
    board: "cubieboard",
    purpose: "debian",
    packages: [],
    kernel: "slim",
    size: "2GiB",
    layout: "plain",
  };
  expect(grey("login", { ...debian, hostname: "kiosk" })).toEqual({
    jeos: expect.stringMatching(/^firstboot: jeos is openSUSE's, and debian has no package of it/),
  });
});

const xen = (more: Answers): Answers => ({ purpose: "xen", packages: [], kernel: "packaged", size: "4GiB", ...more });

test("what is typed is judged by the same rules", () => {
  const guests = xen({ board: "cubieboard2", "dom0-memory": "512MiB" });
  expect(objection(question("guests"), ["web 128MiB 512MiB"], guests, world)).toBeUndefined();
  expect(objection(question("guests"), ["web 1GiB 512MiB"], guests, world)).toMatch(
    /^"web" has 1 GiB, and there are 448 MiB: the 1 GiB of cubieboard2, less 64 MiB for Xen and 512 MiB for dom0/,
  );
  expect(objection(question("guests"), ["root 64MiB 64MiB"], guests, world)).toMatch(/root/);
  expect(objection(question("guests"), ["web"], guests, world)).toMatch(/^"web" is no guest/);
  expect(
    objection(question("size"), "30MiB", { board: "cubieboard", purpose: "busybox", kernel: "slim" }, world),
  ).toMatch(/^the image has 30 MiB/);
});

test("kernels for an A10 that is not slim keep what the SoC's other recipes tell them", () => {
  const answers = { board: "mk802", purpose: "debian", packages: [], kernel: "packaged" };
  expect(recipeOf(answers, world)).toMatchObject({
    kernel: { package: "linux-image-armmp" },
    boot: { arguments: ["modprobe.blacklist=sun4i_ss"] },
  });
  const a20 = recipeOf({ board: "cubietruck", purpose: "debian" }, world) as { "u-boot": { fragments: string[] } };
  expect(a20["u-boot"].fragments[0]).toMatch(/no-lpae\.config$/);
});

test("a zone and a language bring the packages that hold them", () => {
  const answers: Answers = {
    ...{ board: "cubieboard", purpose: "debian", packages: [], kernel: "slim", size: "2GiB", layout: "plain" },
    ...{ hostname: "kiosk", login: "user", user: "ada", "password-hash": "", "ssh-keys": [KEY] },
    ...{ timezone: "Europe/Berlin", locale: "de_DE.UTF-8" },
  };
  expect(recipeOf(answers, world)).toMatchObject({
    rootfs: { packages: expect.arrayContaining(["tzdata", "locales-all"]) },
    provision: { timezone: "Europe/Berlin", locale: "de_DE.UTF-8", users: [{ name: "ada", groups: ["sudo"] }] },
  });
});

test("back takes the last answer away and remembers it; a draft goes on as far as it is sound", () => {
  const answers = { board: "cubieboard", purpose: "debian" };
  expect(oneBack({ answers, former: {} }, world)).toEqual({ answers: { board: "cubieboard" }, former: answers });
  expect(oneBack({ answers: {}, former: answers }, world)).toEqual({ answers: {}, former: answers });
  const draft = { board: "cubieboard", purpose: "xen", packages: [] };
  expect(resumed(draft, world)).toEqual({ answers: { board: "cubieboard" }, former: draft });
});

test("the card is drawn to scale, every part of it", () => {
  const answers = xen({ board: "cubietruck", "dom0-memory": "512MiB", guests: ["web 128MiB 1GiB"], layout: "lvm" });
  const lines = drawCard(examine(recipeOf({ ...answers, volumes: ["root 1536MiB"] }, world), world).layout);
  expect(lines).toEqual([
    "|b|rrrrrrrrrrrrrrrrrrrrrrrrr|wwwwwwwwwwwwwwwww|........................|",
    "b boot 64 MiB, r root 1.5 GiB, w web 1 GiB, free in xen 1.4 GiB of 4 GiB",
  ]);
});

test("a list's line of a name that is there replaces it, and -NAME takes it away", () => {
  expect(edited(["root 1GiB", "swap 1GiB"], "swap  2GiB")).toEqual(["root 1GiB", "swap 2GiB"]);
  expect(edited(["root 1GiB"], "data rest /srv")).toEqual(["root 1GiB", "data rest /srv"]);
  expect(edited(["root 1GiB", "swap 1GiB"], "-swap")).toEqual(["root 1GiB"]);
});

test("two texts side by side, what is the same left out", () => {
  const before = "a\nb\nc\nd\ne\nf\ng\nh\n";
  expect(lineDiff(before, before.replace("g", "G"))).toEqual(["…", "  d", "  e", "  f", "- g", "+ G", "  h"]);
  expect(lineDiff("a\n", "a\nb\n")).toEqual(["  a", "+ b"]);
  expect(lineDiff(before, before)).toEqual(["…"]);
});
