/** Last parts of the names of the parameters that the agent reads while it runs. */
export const RUNTIME_PARAMETERS = {
  /** Inference profile that answers, one of those that the stack allows. */
  modelId: "model-id",
  /** Seconds that the model may take for an answer. */
  timeout: "timeout",
  /** State of the spend breaker, a JSON object. */
  breaker: "breaker",
} as const;

/** Parameters that an operator sets; the breaker's is written by its function. */
export const OPERATOR_PARAMETERS = [RUNTIME_PARAMETERS.modelId, RUNTIME_PARAMETERS.timeout] as const;

/** One of {@link OPERATOR_PARAMETERS}. */
export type OperatorParameter = (typeof OPERATOR_PARAMETERS)[number];

/** Bounds of the parameter `timeout`; Lambda's own timeout bounds it further. */
export const TIMEOUT_SECONDS = { min: 1, max: 900 } as const;

/** The seconds in a `timeout` parameter; `undefined` when it holds no whole number within its bounds. */
export function parseTimeoutSeconds(text: string): number | undefined {
  const seconds = Number(text);
  const { min: least, max: most } = TIMEOUT_SECONDS;
  return /^\d+$/.test(text) && seconds >= least && seconds <= most ? seconds : undefined;
}

/**
 * Why a value can never be what a parameter is for; `undefined` when it may be. Which models are allowed only
 * the agent knows.
 */
export function parameterProblem(parameter: OperatorParameter, text: string): string | undefined {
  const { min: least, max: most } = TIMEOUT_SECONDS;
  if (parameter === "timeout")
    return parseTimeoutSeconds(text) === undefined
      ? `expected a whole number from ${least} to ${most}`
      : undefined;
  return /^([a-z-]+\.[a-z0-9-]+\..+|arn:[^:]+:bedrock:\S+)$/.test(text) && !/\s/.test(text)
    ? undefined
    : "expected an inference profile, such as us.anthropic.claude-haiku-4-5-20251001-v1:0";
}
