import type { Budget } from "./budget.js";
import type { SerialConsole } from "./console.js";

/** The board did not let root in. */
export class NotLetIn extends Error {
  constructor(message: string) {
    super(message);
    this.name = "NotLetIn";
  }
}

/** How often a login may time out. */
const ATTEMPTS = 3;

/** What the board says when it asks for a first password; the images' own first-boot script says exactly this. */
export const DIALOG = {
  opens: /boardsmith: set a password for root on this board/,
  first: /New password: /,
  again: /Repeat password: /,
  done: /boardsmith: password set/,
} as const;

/**
 * Gets to root's prompt: answers the first-boot dialog when the board holds it, then logs in at `login:`.
 * Tells whether the dialog was held. Throws NotLetIn, or what `console.until` throws.
 */
export async function logIn(
  console: SerialConsole,
  password: string,
  budget: Budget,
): Promise<{ readonly dialog: boolean }> {
  // A line of the kernel's may come between the host's name and the rest.
  const login = /(?:^|\n)(?:\S* )?login: /;
  const asked = await console.until(
    () => (console.take(DIALOG.opens) && "dialog") || (console.take(login) && "login") || undefined,
    budget,
  );
  if (asked === "dialog") {
    await answer(console, DIALOG.first, password, budget);
    await answer(console, DIALOG.again, password, budget);
    const said = await console.until(
      () => (console.take(DIALOG.done) && "done") || (console.take(DIALOG.first) && "again") || undefined,
      budget,
    );
    if (said === "again") throw new NotLetIn("the first-boot dialog did not take a good password and asks again");
    await console.until(() => console.take(login), budget);
  }
  for (let attempt = 1; ; attempt++) {
    const said = await oneLogin(console, password, budget);
    if (said === "in") return { dialog: asked === "dialog" };
    if (said === "refused") throw new NotLetIn("the board refused root's password");
    // login gives up after 60 s of its own clock, which a starved emulator can take; a new prompt comes.
    if (attempt === ATTEMPTS) throw new NotLetIn(`the board's login timed out ${ATTEMPTS} times`);
    await console.until(() => console.take(login), budget);
  }
}

async function oneLogin(console: SerialConsole, password: string, budget: Budget): Promise<"in" | "refused" | "late"> {
  await console.type("root\n");
  // A root without a password is let in at once.
  const next = await console.until(
    () => late(console) || (console.take(/Password: /i) && "password") || (console.take(/[#$] $/) && "in") || undefined,
    budget,
  );
  if (next !== "password") return next;
  await console.type(`${password}\n`);
  return await console.until(
    () =>
      late(console) ||
      (console.take(/Login incorrect|Authentication failure/) && "refused") ||
      (console.take(/[#$] $/) && "in") ||
      undefined,
    budget,
  );
}

/** util-linux's login says so, and busybox's. */
function late(console: SerialConsole): "late" | undefined {
  return console.take(/login: timed out[^\n]*|Login timed out[^\n]*/) ? "late" : undefined;
}

async function answer(console: SerialConsole, prompt: RegExp, text: string, budget: Budget): Promise<void> {
  await console.until(() => console.take(prompt), budget);
  await console.type(`${text}\n`);
}
