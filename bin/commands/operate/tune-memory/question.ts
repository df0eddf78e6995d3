import { AGENT_ENVIRONMENT } from "../../../../lambda/contract/environment.ts";
import { MODEL_ROWS } from "../../../../lambda/contract/model-row.ts";
import { verificationEvent } from "../../../../lambda/contract/verification-event.ts";
import { Failure } from "../../failure.ts";
import type { FunctionState } from "./tuned-function.ts";

/** A note of a usual length: nearly half of all requests are notes. */
const QUESTION = {
  text: "the rear hub is fine but the chain is worn, forty five dollars, ready on thursday",
  mode: "note",
  maxTokens: 400,
} as const;

/** Tokens of the prompt, rounded up. */
const INPUT_TOKENS = 700;

/** A question that no metric counts, as the agent takes it. */
export function questionEvent(token: string, nowMs: number): object {
  return verificationEvent(token, { ...QUESTION, now: new Date(nowMs).toISOString(), timeZone: "UTC" });
}

/** What so many questions cost at most, in words. */
export function mostCost({ environment }: Pick<FunctionState, "environment">, questions: number): string {
  const modelId = environment[AGENT_ENVIRONMENT.modelId] ?? "";
  const [, row] = Object.entries(MODEL_ROWS).find(([id]) => modelId.endsWith(id)) ?? [];
  if (row === undefined) return `whose price for ${modelId === "" ? "the model" : modelId} is not known here`;
  const { input, output } = row.usdPerMillion;
  const perQuestion = ((INPUT_TOKENS * input + QUESTION.maxTokens * output) * row.geographicFactor) / 1e6;
  return `at most ${(questions * perQuestion).toFixed(2)} USD`;
}

/** Name of the parameter that holds the token of a function that is this project's agent. */
export function tokenParameterOf(tuned: string, { environment }: Pick<FunctionState, "environment">): string {
  const name = environment[AGENT_ENVIRONMENT.tokenParameterName];
  if (name !== undefined) return name;
  throw new Failure(
    `${tuned} has no variable ${AGENT_ENVIRONMENT.tokenParameterName}: it is not this project's agent, whose questions alone can be asked`,
  );
}
