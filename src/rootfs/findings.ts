import type { Diagnostic } from "../diagnostic/diagnostic.js";

/** What provisioning found: lines worth reading, and mistakes, all of them rather than the first. */
export interface Findings {
  /** One line for the log. */
  note(line: string): void;
  /** Something the recipe asks for cannot be had. */
  mistake(code: string, message: string, help?: string): void;
}

/** Findings kept in order. */
export class FindingsList implements Findings {
  readonly notes: string[] = [];
  readonly mistakes: Diagnostic[] = [];

  note(line: string): void {
    this.notes.push(line);
  }

  mistake(code: string, message: string, help?: string): void {
    this.mistakes.push({ severity: "error", code, message, ...(help ? { help } : {}) });
  }
}
