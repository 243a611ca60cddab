/** What is kept between runs in `state/wizard` of the store: answers of a wizard that was left. */
export const DRAFT_FILE = "draft.yaml";
/** The first question's choices, see glance.ts. */
export const GLANCE_FILE = "boards.json";
