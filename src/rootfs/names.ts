/**
 * A file name of a tar as text. Linux names are bytes: those that are no UTF-8 become lone low surrogates
 * (0xDC80 + byte), as Python's surrogateescape does, so that two odd names never fall together.
 */
export function nameOf(bytes: Uint8Array): string {
  const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = raw.toString("utf8");
  if (!text.includes("\ufffd") || Buffer.from(text).equals(raw)) return text;
  return [...raw].map((byte) => String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte)).join("");
}

/** The bytes of a name that came from `nameOf`. */
export function bytesOf(name: string): Buffer {
  if (!/[\udc80-\udcff]/.test(name) || !hasLoneSurrogate(name)) return Buffer.from(name);
  return Buffer.concat(
    [...name].map((char) => {
      const code = char.charCodeAt(0);
      return char.length === 1 && code >= 0xdc80 && code <= 0xdcff ? Buffer.from([code - 0xdc00]) : Buffer.from(char);
    }),
  );
}

function hasLoneSurrogate(name: string): boolean {
  return [...name].some((char) => char.length === 1 && char >= "\udc80" && char <= "\udcff");
}

/** A path as this room knows it: below the root, without `./`, `/` at either end, and without `.` and empty parts. */
export function normalise(path: string): string {
  return path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
}
