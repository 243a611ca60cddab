const LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** An LVM2 id, 32 letters and digits, made of at least 32 bytes of a digest. */
export function lvmId(digest: Uint8Array): string {
  return Array.from(digest.subarray(0, 32), (byte) => LETTERS[byte % LETTERS.length]).join("");
}

/** An id as lvm2 prints it and as its metadata has it: groups of 6-4-4-4-4-4-6. */
export function dashed(id: string): string {
  return id.replace(/^(.{6})(.{4})(.{4})(.{4})(.{4})(.{4})(.{6})$/, "$1-$2-$3-$4-$5-$6-$7");
}
