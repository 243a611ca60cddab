import type { CardEvent } from "../card/card.js";
import type { CardRecord } from "../record.js";

/** Who watches cards being written. Views follow, they never drive. */
export interface FlashView {
  event(
    drive: string,
    event:
      | CardEvent
      | { readonly type: "probe"; readonly phase: string; readonly done: number; readonly total: number },
  ): void;
  finished(record: CardRecord): void;
  close(): void;
}
