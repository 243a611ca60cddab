import type { SerialConsole } from "./console.js";

/** What systemd-firstboot waits for on the console (systemd, src/firstboot/firstboot.c); each waits for its answer before the next. */
const KEY = /Press any key to proceed/;
const PASSWORD = /root password(?: again| \(empty to skip\))?:/;
const QUESTION = /\(empty to skip[^)\n]*\): ?$/;

/** What to type when the board's first-boot wizard asks something: root's password, and nothing else is set. */
export function wizardAnswer(
  console: Pick<SerialConsole, "take">,
  password: string,
): { readonly types: string; readonly isPassword: boolean } | undefined {
  if (console.take(KEY)) return { types: "\n", isPassword: false };
  if (console.take(PASSWORD)) return { types: `${password}\n`, isPassword: true };
  return console.take(QUESTION) ? { types: "\n", isPassword: false } : undefined;
}
