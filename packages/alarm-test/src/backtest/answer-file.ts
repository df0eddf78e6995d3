import { appendFile, readFile, rename, rm, writeFile } from "node:fs/promises";
import { parseJson } from "@wrist-agent/cloudwatch/json";
import type { AnswerCache, QueryPoints } from "./fetch-metrics.ts";
import type { RecordedMetrics } from "./recorded-metrics.ts";

interface Answer {
  readonly key: string;
  readonly points: readonly QueryPoints[];
}

/** The first line: what was asked for, and until when. */
interface Head {
  readonly asked: string;
  readonly toMs: number;
}

/** Answers in a file beside the one that is to be saved, one a line: a break loses at most the last one. */
export class AnswerFile implements AnswerCache {
  readonly #file: string;
  readonly #answers: Map<string, readonly QueryPoints[]>;
  /** The range of the run that was broken off, so that this one asks for the same. */
  readonly toMs: number | undefined;

  private constructor(file: string, answers: Map<string, readonly QueryPoints[]>, toMs: number | undefined) {
    this.#file = file;
    this.#answers = answers;
    this.toMs = toMs;
  }

  /** Opens the answers of a broken run; there are none the first time. A torn last line is left out. */
  static async open(saved: string, range: string): Promise<AnswerFile> {
    const file = `${saved}.part`;
    const text = await readFile(file, "utf8").catch(() => "");
    const [head = "", ...lines] = text.split("\n");
    const { asked, toMs } = (parseJson(head) ?? {}) as Partial<Head>;
    if (asked !== range) return new AnswerFile(file, new Map(), undefined);
    const answers = lines.flatMap((line) => (parseJson(line) as Answer | undefined) ?? []);
    return new AnswerFile(file, new Map(answers.map(({ key, points }) => [key, points])), toMs);
  }

  /** Begins the file when there is no broken run to go on with. */
  async begin(range: string, toMs: number): Promise<void> {
    if (this.toMs === undefined)
      await writeFile(this.#file, `${JSON.stringify({ asked: range, toMs })}\n`, { mode: 0o600 });
  }

  get(key: string): readonly QueryPoints[] | undefined {
    return this.#answers.get(key);
  }

  async add(key: string, points: readonly QueryPoints[]): Promise<void> {
    this.#answers.set(key, points);
    await appendFile(this.#file, `${JSON.stringify({ key, points })}\n`);
  }

  /** Writes the whole, at once or not at all, and forgets the answers. */
  async finish(saved: string, metrics: RecordedMetrics): Promise<void> {
    await saveMetrics(saved, metrics);
    await rm(this.#file, { force: true });
  }
}

/** Writes recorded metrics at once or not at all. */
export async function saveMetrics(file: string, metrics: RecordedMetrics): Promise<void> {
  await writeFile(`${file}.new`, JSON.stringify(metrics), { mode: 0o600 });
  await rename(`${file}.new`, file);
}
