import { z } from "zod";
import { text } from "./text.js";

/** `fast-model:` — images of the same Xen and dom0 for a model of ARM's. */
export const FastModel = z.strictObject({
  model: text().describe("Name of a file in `boards/models/`, such as vexpress-a15."),
});
