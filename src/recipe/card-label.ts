/** What the partition is labelled that a card's own settings are written to; see docs/provisioning.md. */
export const CARD_LABEL = "BOARDSMITH";
