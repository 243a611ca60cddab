import { availableParallelism } from "node:os";
import { basename } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The main job begins first, so that the others run beside it; those that take what it made come last. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const order = ["build.test.ts", "", "opensuse.test.ts", "cards.test.ts"];
    const rank = ({ moduleId }: TestSpecification) => {
      const at = order.indexOf(basename(moduleId));
      return at < 0 ? order.indexOf("") : at;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          testTimeout: 20_000,
          // All of the cores: vitest leaves one to whoever watches.
          maxWorkers: availableParallelism(),
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: "test/rig/main-job.setup.ts",
          testTimeout: 60 * 60_000,
          hookTimeout: 60 * 60_000,
          // An emulated boot keeps one core busy: two files at a time, but no more, or boots run out of time.
          maxWorkers: Math.min(2, availableParallelism()),
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
