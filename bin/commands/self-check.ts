import { REQUEST_LINE, METRICS } from "../../lambda/contract/metrics.ts";
import type { Mode } from "../../lambda/contract/request.ts";
import type { RequestRow } from "../../local/server/wire.ts";
import { answerErrorText, type Answer, type Question } from "../cli/agent-client.ts";
import { errorMessage } from "../cli/failure.ts";

/** One dictated sentence per mode, as people speak to a watch. */
export const SELF_CHECK_QUESTIONS: Readonly<Record<Mode, Question>> = {
  note: {
    text: "bike shop says the rear hub is fine but the chain is worn, forty five dollars, ready thursday",
    maxTokens: 400,
  },
  reminder: { text: "water the fern wednesday at seven in the evening", maxTokens: 400 },
  event: {
    text: "lunch with priya at the noodle place on fifth, tuesday twelve thirty for an hour",
    maxTokens: 400,
  },
  research: { text: "how do heat pumps cope below freezing", maxTokens: 1200 },
  deepthink: {
    text: "should i lease or repair the old van if i drive six thousand miles a year",
    maxTokens: 2000,
  },
};

/** What one request of the self-check showed. */
export interface CheckRow {
  readonly mode: string;
  /** 0 when there was no answer at all. */
  readonly status: number;
  readonly milliseconds: number;
  readonly title: string;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly costUsd: number | undefined;
}

/** The system as the self-check sees it: from outside, through its URL and its own record of the request. */
export interface CheckedSystem {
  readonly ask: (question: Question) => Promise<Answer>;
  readonly requests: () => readonly RequestRow[];
}

/** Modes whose answers are long: they are asked side by side. */
const SLOW_MODES: ReadonlySet<string> = new Set<Mode>(["research", "deepthink"]);

/**
 * Sends one request per mode through the Function URL, the slow ones together, and reads back what was
 * recorded.
 */
export async function selfCheck(system: CheckedSystem): Promise<readonly CheckRow[]> {
  const questions = Object.entries(SELF_CHECK_QUESTIONS).map(([mode, sentence]) => ({ ...sentence, mode }));
  const rows: CheckRow[] = [];
  for (const question of questions.filter(({ mode }) => !SLOW_MODES.has(mode)))
    rows.push(await checkMode(system, question));
  const slow = questions.filter(({ mode }) => SLOW_MODES.has(mode));
  return [...rows, ...(await Promise.all(slow.map((question) => checkMode(system, question))))];
}

/** True when every mode got a 200 and its request was seen again in the telemetry. */
export function isSelfCheckHealthy(rows: readonly CheckRow[]): boolean {
  return rows.every((row) => row.status === 200 && row.costUsd !== undefined);
}

async function checkMode(system: CheckedSystem, question: Question): Promise<CheckRow> {
  const mode = question.mode ?? "";
  try {
    const answer = await system.ask(question);
    const line = telemetryLine(system.requests(), answer.requestId);
    const title = answer.fields.title;
    return {
      mode,
      status: answer.status,
      milliseconds: answer.milliseconds,
      title: answer.status === 200 && typeof title === "string" ? title : answerErrorText(answer),
      inputTokens: numberField(line, METRICS.InputTokens.name),
      outputTokens: numberField(line, METRICS.OutputTokens.name),
      costUsd: numberField(line, METRICS.CostUsd.name),
    };
  } catch (error) {
    const nothing = { inputTokens: undefined, outputTokens: undefined, costUsd: undefined };
    return { mode, status: 0, milliseconds: 0, title: errorMessage(error), ...nothing };
  }
}

type Line = RequestRow["line"];

function telemetryLine(requests: readonly RequestRow[], requestId: string | undefined): Line {
  const row = requests.find(
    ({ requestId: id, line }) =>
      requestId !== undefined && (id === requestId || line[REQUEST_LINE.requestId] === requestId),
  );
  return row?.line ?? {};
}

function numberField(line: Line, name: string): number | undefined {
  const value = line[name];
  return typeof value === "number" ? value : undefined;
}
