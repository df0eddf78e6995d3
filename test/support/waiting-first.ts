import { BaseSequencer, type TestSpecification } from "vitest/node";
import { seededRandom } from "../../local/random.ts";

/**
 * Files whose tests wait for time limits of deployed code, half a minute of them: begun last, each would be
 * all that still runs.
 */
export const WAITING: readonly string[] = [
  "flow/probe-story",
  "docs/error-table",
  "bin/commands/drill",
  "flow/backup",
  "flow/alarm-incidents",
  "flow/start-process",
];

/** Any order by the run's seed, with what waits before all else: in no order may one file need another. */
export default class WaitingFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const random = seededRandom(this.ctx.config.sequence.seed);
    const ranked = files.map((file) => ({ file, rank: isWaiting(file) ? -1 : random() }));
    return Promise.resolve(ranked.toSorted((a, b) => a.rank - b.rank).map(({ file }) => file));
  }
}

function isWaiting({ moduleId }: TestSpecification): boolean {
  return WAITING.some((name) => moduleId.endsWith(`/test/${name}.test.ts`));
}
