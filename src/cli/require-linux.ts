import { refuse } from "../diagnostic/failure.js";

/** Drives are found and written as Linux has them; other systems' are an implementation of Drive away. */
export function requireLinux(): void {
  if (process.platform === "linux") return;
  throw refuse(
    "platform-not-implemented",
    `boardsmith cannot write to drives on ${process.platform} yet, only on Linux`,
    "bmaptool and rpi-imager write boardsmith's images there",
  );
}
