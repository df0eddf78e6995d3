import type { ConverseStreamCommandInput } from "@aws-sdk/client-bedrock-runtime";
import { ACTIONS } from "../../contract/reply.ts";
import type { Question } from "./model.ts";
import { thinkingBudget } from "./thinking-budget.ts";

const TEMPERATURE = 0.1;

/** A sentence's reply is short; adaptive thinking on top of it needs room, or it would eat the reply's. */
const ADAPTIVE_ROOM = 2_048;

/** The Converse call for a question, in what its model accepts. */
export function converseInput(question: Question): ConverseStreamCommandInput {
  const { model } = question;
  const thinking = thinkingOf(question);
  const maxTokens = Math.min(question.maxTokens + thinking.tokens, model.row.outputTokensMost);
  const takesTemperature = model.row.acceptsTemperature && thinking.fields === undefined;
  return {
    modelId: model.calledAs ?? model.profileId,
    messages: [{ role: "user", content: [{ text: question.user }] }],
    inferenceConfig: { maxTokens, ...(takesTemperature ? { temperature: TEMPERATURE } : {}) },
    ...(question.system === undefined ? {} : { system: [{ text: question.system }] }),
    ...(thinking.fields === undefined ? {} : { additionalModelRequestFields: thinking.fields }),
    ...(question.form === "reply" && model.row.structuredOutput ? { outputConfig: REPLY_FORM } : {}),
  };
}

interface Thinking {
  /** Tokens on top of the visible answer's. */
  readonly tokens: number;
  readonly fields?: { readonly thinking: Record<string, string | number> };
}

function thinkingOf(question: Question): Thinking {
  const { model } = question;
  const wanted = question.thinkingTokens;
  switch (model.row.thinking) {
    case "none":
      return { tokens: 0 };
    case "adaptive":
      return question.form === "free"
        ? { tokens: 0 }
        : {
            tokens: Math.max(wanted, ADAPTIVE_ROOM),
            fields: { thinking: { type: "adaptive" } },
          };
    case "budget": {
      const room = { wanted, maxTokens: question.maxTokens, budgetMs: Number.POSITIVE_INFINITY };
      const budget = thinkingBudget(model.row, room);
      if (budget === 0) return { tokens: 0 };
      return { tokens: budget, fields: { thinking: { type: "enabled", budget_tokens: budget } } };
    }
  }
}

const NULLABLE_TEXT = { type: ["string", "null"] };

const REPLY_PROPERTIES = {
  markdown: { type: "string" },
  action: { type: "string", enum: ACTIONS },
  title: { type: "string" },
  dueISO: NULLABLE_TEXT,
  startISO: NULLABLE_TEXT,
  endISO: NULLABLE_TEXT,
  location: NULLABLE_TEXT,
  url: NULLABLE_TEXT,
  notes: NULLABLE_TEXT,
  tags: { type: "array", items: { type: "string" } },
};

/** Structured output: https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html */
const REPLY_FORM: NonNullable<ConverseStreamCommandInput["outputConfig"]> = {
  textFormat: {
    type: "json_schema",
    structure: {
      jsonSchema: {
        name: "reply",
        schema: JSON.stringify({
          type: "object",
          properties: REPLY_PROPERTIES,
          required: Object.keys(REPLY_PROPERTIES),
          additionalProperties: false,
        }),
      },
    },
  },
};
