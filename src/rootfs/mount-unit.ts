/** Name of the unit that mounts something on an absolute folder, `/srv/my-data` → `srv-my\x2ddata.mount`; systemd.unit(5), "String Escaping". */
export function mountUnit(folder: string): string {
  const escaped = folder
    .replace(/^\/+|\/+$/g, "")
    .split(/\/+/)
    .map((part) => part.replace(/[^A-Za-z0-9:_.]/g, hex))
    .join("-");
  return `${escaped.replace(/^\./, hex) || "-"}.mount`;
}

const hex = (char: string): string =>
  [...Buffer.from(char)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
