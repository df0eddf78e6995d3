import { expect, test } from "vitest";
import type { AgentResult } from "../../lambda/agent/function-url.ts";
import { STAGES } from "../../lib/config/stage.ts";
import { configOf } from "../support/config-of.ts";
import { actionDiagram, stepMarkdown } from "../../bin/commands/shortcut.ts";
import { SHORTCUT_ACTIONS, SHORTCUT_SETUP } from "../../bin/commands/shortcut-steps.ts";
import { type AgentUnderTest, agentUnderTest, NOW_MS, TOKEN } from "../support/agent-under-test.ts";
import { expectDocument, type Row, tableText } from "../support/written-document.ts";

const QUESTION = { text: "water the fern" };

/** An agent whose model refuses with that name and sentence. */
function refusing(name: string, message = "no"): AgentUnderTest {
  return agentUnderTest({
    ask: () =>
      Promise.reject(Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 } })),
  });
}

const tomorrow = new Date(NOW_MS + 86_400_000).toISOString();
const yesterday = new Date(NOW_MS - 86_400_000).toISOString();

/** What a person at the watch can bring about or meet, asked of the agent itself. */
const ASKED: readonly (readonly [what: string, ask: () => Promise<AgentResult>, then: string])[] = [
  [
    "the token is wrong or missing",
    () => agentUnderTest().post(QUESTION, { "x-client-token": "another" }),
    "`npm run cli -- shortcut` shows the right one",
  ],
  [
    "the token was replaced, and its grace time is over",
    () =>
      agentUnderTest({
        token: () => ({
          value: JSON.stringify({
            current: TOKEN,
            previous: "the-old-one",
            previousValidUntil: yesterday,
            createdAt: yesterday,
          }),
        }),
      }).post(QUESTION, { "x-client-token": "the-old-one" }),
    "[token.md](token.md)",
  ],
  ["nothing was dictated", () => agentUnderTest().post({ text: " " }), "speak again"],
  ["the text is too long", () => agentUnderTest().post({ text: "a".repeat(8_001) }), "say less"],
  [
    "the field `mode` is none of the list",
    () => agentUnderTest().post({ ...QUESTION, mode: "poem" }),
    "step 2 of the actions",
  ],
  [
    "the field `maxTokens` is too large",
    () => agentUnderTest().post({ ...QUESTION, maxTokens: 5_000 }),
    "step 5 of the actions",
  ],
  ["Request Body is not JSON", () => agentUnderTest().post("text=water"), "step 5 of the actions"],
  [
    "the day's money is spent",
    () =>
      agentUnderTest({
        environment: { SPEND_BREAKER: "true", CONFIG_PARAM_PREFIX: "/wrist-agent/test/config/" },
        parameters: () => ({
          breaker: JSON.stringify({ openUntil: tomorrow, by: "alarm", since: yesterday }),
        }),
      }).post(QUESTION),
    "[spend-breaker.md](spend-breaker.md)",
  ],
  ["Bedrock throttles", () => refusing("ThrottlingException").post(QUESTION), "again in a few seconds"],
  [
    "a quota of Bedrock is used up",
    () => refusing("ServiceQuotaExceededException").post(QUESTION),
    "ask AWS for more",
  ],
  [
    "the day's tokens of Bedrock are used up",
    () =>
      refusing("ThrottlingException", "Too many tokens per day, please wait before trying again.").post(
        QUESTION,
      ),
    "wait, or ask AWS for more",
  ],
  [
    "the model refuses the text",
    () => refusing("ValidationException", "Input is too long for requested model.").post(QUESTION),
    "say less, or something else",
  ],
  [
    "the model is too slow",
    () => refusing("ModelTimeoutException").post(QUESTION),
    "a shorter request; [performance.md](performance.md)",
  ],
  ["Bedrock fails", () => refusing("InternalServerException").post(QUESTION), "again in a minute"],
  [
    "SSM does not answer",
    () => agentUnderTest({ token: () => ({ fault: "token_unavailable" }) }).post(QUESTION),
    "again in a minute",
  ],
  [
    "the deployment is wrong: access, model, token",
    () => refusing("AccessDeniedException").post(QUESTION),
    "`npm run cli -- verify` says what",
  ],
];

async function failureRow([what, ask, then]: (typeof ASKED)[number]): Promise<Row> {
  const { statusCode, body = "" } = await ask();
  const { error } = JSON.parse(body) as { readonly error?: unknown };
  expect(error, what).toBeTypeOf("string");
  return [what, String(statusCode), String(error), then];
}

const partsText = SHORTCUT_SETUP.map((part) => `### ${part.title}\n\n${stepMarkdown(part)}`).join("\n\n");

test("docs/shortcut.md has the steps that the command prints, and what the agent answers to each failure", async () => {
  const failures = await Promise.all(ASKED.map(failureRow));
  await expectDocument("docs/shortcut.md", {
    steps: partsText,
    diagram: ["```text", actionDiagram(SHORTCUT_ACTIONS), "```"].join("\n"),
    failures: tableText([["What happened", "Status", "The watch shows", "Then"], ...failures]),
    timeouts: tableText([
      ["Stage", "The agent answers within"],
      ...STAGES.map((stage) => [stage, `${configOf({ stage }).timeoutSeconds} s`]),
    ]),
  });
});
