import { describe, expect, test } from "vitest";
import type { Answer, Question } from "../../../bin/cli/agent-client.ts";
import { isSelfCheckHealthy, selfCheck } from "../../../bin/commands/self-check.ts";
import { MODES } from "../../../lambda/contract/request.ts";
import type { RequestRow } from "../../../local/server/wire.ts";

const answer = (over: Partial<Answer>): Answer => ({
  status: 200,
  milliseconds: 12,
  requestId: "id-1",
  raw: "{}",
  fields: { title: "Bike" },
  ...over,
});

const recorded = (line: RequestRow["line"]): RequestRow => ({
  requestId: "id-1",
  sequence: 1,
  timeMs: 0,
  method: "POST",
  path: "/",
  status: 200,
  latencyMs: 11,
  coldStart: false,
  line,
});

const good = recorded({ InputTokens: 270, OutputTokens: 80, CostUsd: 0.0007 });

describe("the self-check", () => {
  test("asks once in every mode and reads tokens and cost back from the telemetry", async () => {
    const asked: Question[] = [];
    const rows = await selfCheck({
      ask: (question) => {
        asked.push(question);
        return Promise.resolve(answer({}));
      },
      requests: () => [good],
    });
    expect(asked.map(({ mode }) => mode)).toEqual([...MODES]);
    expect(rows[0]).toEqual({
      mode: "note",
      status: 200,
      milliseconds: 12,
      title: "Bike",
      inputTokens: 270,
      outputTokens: 80,
      costUsd: 0.0007,
    });
    expect(isSelfCheckHealthy(rows)).toBe(true);
  });

  test("finds the request by the id on its line when the URL knows another", async () => {
    const other = { ...recorded({ requestId: "id-1", CostUsd: 1 }), requestId: "url-id" };
    const rows = await selfCheck({ ask: () => Promise.resolve(answer({})), requests: () => [other] });
    expect(rows[0]?.costUsd).toBe(1);
  });

  test("is not healthy when an answer left no trace in the telemetry", async () => {
    const rows = await selfCheck({ ask: () => Promise.resolve(answer({})), requests: () => [] });
    expect(isSelfCheckHealthy(rows)).toBe(false);
  });

  test("shows the words of a refused request instead of a title", async () => {
    const refused = answer({ status: 429, fields: { error: "busy, try again" } });
    const rows = await selfCheck({ ask: () => Promise.resolve(refused), requests: () => [good] });
    expect(rows[0]).toMatchObject({ status: 429, title: "busy, try again" });
    expect(isSelfCheckHealthy(rows)).toBe(false);
  });

  test("goes on with the other modes when one gets no answer", async () => {
    const rows = await selfCheck({
      ask: ({ mode }) => (mode === "event" ? Promise.reject(new Error("gone")) : Promise.resolve(answer({}))),
      requests: () => [good],
    });
    expect(rows.map(({ status }) => status)).toEqual([200, 200, 0, 200, 200]);
    expect(rows[2]?.title).toBe("gone");
  });
});
