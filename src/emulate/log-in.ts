import type { Budget } from "./budget.js";
import type { SerialConsole } from "./console.js";

/** The board did not let root in. */
export class NotLetIn extends Error {
  constructor(message: string) {
    super(message);
    this.name = "NotLetIn";
  }
}

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
  const login = /(?:^|\n)(?:\S+ )?login: /;
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
  await console.type("root\n");
  // A root without a password is let in at once.
  const next = await console.until(
    () => (console.take(/Password: /i) && "password") || (console.take(/[#$] $/) && "in") || undefined,
    budget,
  );
  if (next === "in") return { dialog: asked === "dialog" };
  await console.type(`${password}\n`);
  const said = await console.until(
    () =>
      (console.take(/Login incorrect|Authentication failure/) && "refused") ||
      (console.take(/[#$] $/) && "in") ||
      undefined,
    budget,
  );
  if (said === "refused") throw new NotLetIn("the board refused root's password");
  return { dialog: asked === "dialog" };
}

async function answer(console: SerialConsole, prompt: RegExp, text: string, budget: Budget): Promise<void> {
  await console.until(() => console.take(prompt), budget);
  await console.type(`${text}\n`);
}
