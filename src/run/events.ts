import type { Diagnostic } from "../diagnostic/diagnostic.js";

/** Everything a view may show, in the order it happened; recorded as NDJSON, so that any view can replay it. Times are ISO. */
export type RunEvent =
  | {
      readonly type: "run-started";
      readonly at: string;
      readonly run: string;
      readonly recipe: string;
      readonly steps: readonly {
        readonly id: string;
        readonly title: string;
        readonly key: string;
        readonly needs: readonly string[];
      }[];
    }
  | { readonly type: "step-reused"; readonly at: string; readonly step: string; readonly key: string }
  /** `why`: what changed since the last result of this step, in the recipe's words; absent on a first build. */
  | {
      readonly type: "step-started";
      readonly at: string;
      readonly step: string;
      readonly key: string;
      readonly why?: string;
    }
  | { readonly type: "step-waiting"; readonly at: string; readonly step: string; readonly for: string }
  | { readonly type: "step-output"; readonly at: string; readonly step: string; readonly line: string }
  | { readonly type: "step-finished"; readonly at: string; readonly step: string; readonly seconds: number }
  | {
      readonly type: "step-failed";
      readonly at: string;
      readonly step: string;
      readonly message: string;
      readonly exitCode?: number;
      readonly lastLines: readonly string[];
      readonly log: string;
      /** Does `boardsmith shell` open a container for this step? Steps inside boardsmith itself have none. */
      readonly shell: boolean;
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly type: "step-cancelled"; readonly at: string; readonly step: string }
  | {
      readonly type: "run-finished";
      readonly at: string;
      readonly outcome: "built" | "failed" | "cancelled" | "engine-lost";
      readonly seconds: number;
      /** Exported files by role (`image`, `bmap`, `manifest`, `proof` …), as paths. */
      readonly outputs: { readonly [role: string]: string };
    };

/** Takes events as they come. A view never answers back. */
export interface View {
  event(event: RunEvent): void;
  /** Called once at the end, before the process prints anything else. */
  close(): Promise<void> | void;
}
