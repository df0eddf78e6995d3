import { describe, expect, test } from "vitest";
import { readRequestBody } from "../../../lambda/agent/request-body.ts";

const read = (body: unknown): ReturnType<typeof readRequestBody> =>
  readRequestBody(Buffer.from(typeof body === "string" ? body : JSON.stringify(body)), {
    textCharacters: 10,
  });

describe("a body that breaks a rule", () => {
  test.each<[unknown, string]>([
    ["{", "Invalid JSON payload"],
    ["", "Invalid JSON payload"],
    ["[]", "Invalid JSON payload"],
    ["null", "text field is required"],
    [{ text: "  " }, "text field is required"],
    [{ text: 5 }, "text must be a string, not a value of type number"],
    [{ text: "x".repeat(11) }, "text has 11 characters; at most 10 are accepted, so shorten it"],
    [
      { text: "x", mode: "todo", maxTokens: 9_999 },
      "invalid mode: todo (valid: note, reminder, event, research, deepthink)",
    ],
    [{ text: "x", thinkingTokens: -1 }, "thinkingTokens must be between 0 and 65536"],
    [{ text: "x", thinkingTokens: 65_537 }, "thinkingTokens must be between 0 and 65536"],
    [{ text: "x", maxTokens: 4_097 }, "maxTokens cannot exceed 4096"],
    [{ text: "x", maxTokens: 800.5 }, "maxTokens must be a whole number"],
    ['{"text":"x","maxTokens":1e400}', "maxTokens must be a whole number"],
    [
      { text: "x", now: "tomorrow" },
      "now must be ISO 8601 with an offset, such as 2026-11-23T09:00:00-08:00",
    ],
    [{ text: "x", timeZone: "Mars/Olympus" }, "timeZone must be an IANA zone, such as America/Los_Angeles"],
  ])("%j", (body, error) => {
    expect(read(body)).toMatchObject({ error });
  });
});

describe("a body that is accepted", () => {
  test.each([
    [{ text: "x" }, { text: "x", mode: "note", maxTokens: 800, thinkingTokens: 0 }],
    [
      { Text: " x ", MODE: "event", maxtokens: "400" },
      { text: " x ", mode: "event", maxTokens: 400 },
    ],
    [{ text: "x", maxTokens: 0 }, { maxTokens: 800 }],
    [{ text: "x", maxTokens: -5 }, { maxTokens: 800 }],
    [
      { text: "x", maxTokens: 4_096, thinkingTokens: 65_536 },
      { maxTokens: 4_096, thinkingTokens: 65_536 },
    ],
    [{ text: "x", mode: "🧠 Deep Think" }, { mode: "deepthink" }],
    [{ text: "a\ud800b" }, { text: "a\ufffdb" }],
    [{ text: "🦊".repeat(10) }, { text: "🦊".repeat(10) }],
  ])("%j", (body, request) => {
    expect(read(body)).toMatchObject({ request });
  });
});
