import { describe, expect, test } from "vitest";
import { readRequestBody } from "../../../lambda/agent/request-body.ts";

const RECEIVED_MS = Date.parse("2026-11-23T17:00:00Z");

const read = (body: unknown): ReturnType<typeof readRequestBody> =>
  readRequestBody(Buffer.from(typeof body === "string" ? body : JSON.stringify(body)), {
    textCharacters: 10,
    nowMs: RECEIVED_MS,
    timeZone: "America/Los_Angeles",
  });

const VALID = "(valid: note, reminder, event, research, deepthink)";

describe("a body that breaks a rule", () => {
  test.each<[unknown, string]>([
    ["{", "Invalid JSON payload"],
    ["", "Invalid JSON payload"],
    ["[]", "Invalid JSON payload"],
    ["null", "text field is required"],
    [{ text: "  " }, "text field is required"],
    [{ text: 5 }, "text must be a string, not a value of type number"],
    [{ text: "x".repeat(11) }, "text has 11 characters; at most 10 are accepted, so shorten it"],
    [{ text: "x", mode: "todo", maxTokens: 9_999 }, `invalid mode: todo ${VALID}`],
    [{ text: "x", mode: 7 }, `invalid mode: a value of type number ${VALID}`],
    [{ text: "x", mode: ["note"] }, `invalid mode: an array ${VALID}`],
    [{ text: "x", mode: "m".repeat(41) }, `invalid mode: ${"m".repeat(40)} ${VALID}`],
    [{ text: "x", thinkingTokens: -1 }, "thinkingTokens must be between 0 and 65536"],
    [{ text: "x", thinkingTokens: 65_537 }, "thinkingTokens must be between 0 and 65536"],
    [{ text: "x", maxTokens: 4_097 }, "maxTokens cannot exceed 4096"],
    [{ text: "x", maxTokens: 800.5 }, "maxTokens must be a whole number"],
    ['{"text":"x","maxTokens":1e400}', "maxTokens must be a whole number"],
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

describe("blanks around a value, and empty values", () => {
  test.each([
    [{ text: "x", now: "" }, {}],
    [{ text: "x", timeZone: " " }, {}],
    [{ text: "x", timeZone: null, now: null, mode: null, maxTokens: null, thinkingTokens: null }, {}],
    [{ text: "x", timeZone: "Europe/Berlin " }, { timeZone: "Europe/Berlin" }],
    [{ text: "x", maxTokens: "900\n" }, { maxTokens: 900 }],
    [{ text: "x", thinkingTokens: " 2000 " }, { thinkingTokens: 2_000 }],
    [{ text: "x", mode: " event\n" }, { mode: "event" }],
    [{ text: "x", mode: " ", maxTokens: "", thinkingTokens: " " }, {}],
    [{ text: "x", now: " 2026-11-23T09:00:00-08:00\n" }, { nowMs: RECEIVED_MS }],
  ])("%j", (body, more) => {
    const request = { text: "x", mode: "note", maxTokens: 800, thinkingTokens: 0, ...more };
    expect(read(body)).toStrictEqual({ request, isModeTolerated: false, isNowIgnored: false });
  });
});

describe("now", () => {
  test.each([
    ["2026-11-23T09:00:00-08:00", RECEIVED_MS],
    ["2026-11-23T17:00:00Z", RECEIVED_MS],
    // Without an offset it is meant on the clock of the zone.
    ["2026-11-23T09:00:00", RECEIVED_MS],
    ["2026-11-21T17:00:00Z", RECEIVED_MS - 2 * 86_400_000],
    ["2026-11-25T17:00:00Z", RECEIVED_MS + 2 * 86_400_000],
  ])("%s is believed", (now, nowMs) => {
    expect(read({ text: "x", now })).toMatchObject({ request: { nowMs }, isNowIgnored: false });
  });

  test.each([
    "tomorrow",
    "2026-02-31T09:00:00-08:00",
    "2026-11-23",
    "2569-11-23T09:00:00+07:00",
    "0008-11-23T09:00:00+09:00",
    "2026-11-21T16:59:59Z",
    "2026-11-25T17:00:01Z",
    "2026-11-23T25:00:00Z",
    5,
    {},
  ])("%j gives way to the time of receipt", (now) => {
    const reading = read({ text: "x", now });
    expect(reading).toMatchObject({ isNowIgnored: true });
    expect(reading).not.toHaveProperty("request.nowMs");
  });
});
