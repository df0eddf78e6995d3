import { AwsError } from "../aws-error.ts";
import type { ConverseCall } from "./converse-model.ts";
import type { Input } from "../service.ts";

/** Without `maxTokens` a model may write as much as it can; this is the window that the local runtime gives it. */
const MAX_TOKENS_DEFAULT = 4096;

const PROFILE = /^(us|eu|apac|jp|au|ca|us-gov|global)\.|^arn:/;
const APPLICATION_PROFILE = /^arn:[^:]+:bedrock:[^:]+:\d+:application-inference-profile\//;

/** The model or profile that an application inference profile was copied from; `undefined` when there is none such. */
export type CopiedFrom = (profileArn: string) => string | undefined;

/** The profile that answers: the id of a system's own profile, whatever ARN or copy was named. */
export function answeringModel(modelId: string, copiedFrom: CopiedFrom): string {
  const source = APPLICATION_PROFILE.test(modelId) ? copiedFrom(modelId) : modelId;
  if (source === undefined) throw invalid("The provided model identifier is invalid.");
  return (
    /^arn:[^:]+:bedrock:[^:]*:\d*:(?:inference-profile|foundation-model)\/(.+)$/.exec(source)?.[1] ?? source
  );
}

/** The call that a Converse body asks for, or the ValidationException that Bedrock answers. */
export function converseCall(modelId: string, input: Input): ConverseCall {
  if (!PROFILE.test(modelId))
    throw invalid(
      `Invocation of model ID ${modelId} with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.`,
    );
  const user = lastUserText(input.messages);
  const config = record(input.inferenceConfig);
  const maxTokens = config.maxTokens ?? MAX_TOKENS_DEFAULT;
  if (!isPositiveInteger(maxTokens))
    throw invalid("The value at inferenceConfig.maxTokens must be at least 1.");
  const thinkingTokens = thinkingBudget(input, maxTokens);
  return {
    modelId,
    system: blockTexts(input.system),
    user,
    maxTokens,
    ...(thinkingTokens !== undefined && { thinkingTokens }),
  };
}

function invalid(message: string): AwsError {
  return new AwsError("ValidationException", message);
}

function lastUserText(messages: unknown): string {
  if (!Array.isArray(messages) || messages.length === 0)
    throw invalid(
      "A conversation must start with a user message. Try again with a conversation that starts with a user message.",
    );
  const turns = messages.map(record);
  if (turns[0]?.role !== "user")
    throw invalid(
      "A conversation must start with a user message. Try again with a conversation that starts with a user message.",
    );
  const text = blockTexts(turns.findLast(({ role }) => role === "user")?.content);
  if (text.trim() === "")
    throw invalid(
      "The text field in the ContentBlock object is blank. Add text to the text field, and try again.",
    );
  return text;
}

/** @see https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html */
function thinkingBudget(input: Input, maxTokens: number): number | undefined {
  const thinking = record(record(input.additionalModelRequestFields).thinking);
  if (thinking.type === "adaptive") return Math.floor(maxTokens / 2);
  if (thinking.type !== "enabled") return undefined;
  const budget = thinking.budget_tokens;
  if (!isPositiveInteger(budget) || budget < 1024)
    throw invalid(
      "The model returned the following errors: thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
    );
  if (budget >= maxTokens)
    throw invalid(
      "The model returned the following errors: `max_tokens` must be greater than `thinking.budget_tokens`.",
    );
  const { temperature = 1 } = record(input.inferenceConfig);
  if (temperature !== 1)
    throw invalid(
      "The model returned the following errors: `temperature` may only be set to 1 when thinking is enabled.",
    );
  return budget;
}

function blockTexts(blocks: unknown): string {
  if (!Array.isArray(blocks)) return "";
  return blocks
    .map((block) => record(block).text)
    .filter((text) => typeof text === "string")
    .join("\n");
}

function record(value: unknown): Input {
  return typeof value === "object" && value !== null ? (value as Input) : {};
}

function isPositiveInteger(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1;
}
