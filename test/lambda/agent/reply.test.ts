import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OBJECT_PLACES, readReply, type SearchableText } from "../../../lambda/agent/reply.ts";
import { MODES } from "../../../lambda/contract/request.ts";
import { SOUND_REPLY } from "../../support/agent-under-test.ts";

const SPOKEN = { mode: "event", text: "lunch", timeZone: "Europe/Berlin" } as const;
const EVENT = {
  ...SOUND_REPLY,
  action: "event",
  dueISO: null,
  startISO: "2026-11-24T12:30:00+01:00",
  endISO: "2026-11-24T13:30:00+01:00",
};

function readFields(fields: object, stopReason = "end_turn"): ReturnType<typeof readReply> {
  return readReply({ text: JSON.stringify(fields), stopReason }, SPOKEN);
}

describe("times that a Shortcut cannot use", () => {
  test("sound ones pass as they are", () => {
    expect(readFields(EVENT)).toEqual({ reply: EVENT });
    expect(readFields({ ...EVENT, endISO: EVENT.startISO })).not.toHaveProperty("repair");
    expect(readFields({ ...EVENT, startISO: "2026-11-24T11:30Z" })).not.toHaveProperty("repair");
  });

  test.each<[string, object, object, string]>([
    ["words", { dueISO: "tomorrow at 9" }, { dueISO: null }, "times"],
    ["the word null", { dueISO: "null" }, { dueISO: null }, "schema"],
    ["a day without a time", { dueISO: "2026-11-24" }, { dueISO: null }, "times"],
    ["31 February", { dueISO: "2026-02-31T09:00:00Z" }, { dueISO: null }, "times"],
    [
      "a time without an offset",
      { dueISO: "2026-11-24T09:00:00" },
      { dueISO: "2026-11-24T09:00:00+01:00" },
      "times",
    ],
    ["the same in summer", { dueISO: "2026-07-24T09:00" }, { dueISO: "2026-07-24T09:00:00+02:00" }, "times"],
    ["an hour that summer time skips", { dueISO: "2026-03-29T02:30:00" }, { dueISO: null }, "times"],
    ["an end before the start", { endISO: "2026-11-24T11:00:00+01:00" }, { endISO: null }, "times"],
    ["an end on another clock, before", { endISO: "2026-11-24T11:29:59Z" }, { endISO: null }, "times"],
    ["an event without a start", { startISO: null }, { startISO: null, endISO: null }, "times"],
    [
      "an event without any time",
      { startISO: null, endISO: null },
      { startISO: null, endISO: null },
      "no_start",
    ],
    ["a start in words", { startISO: "noon" }, { startISO: null, endISO: null }, "times"],
  ])("%s", (...[, change, expected, repair]) => {
    expect(readFields({ ...EVENT, ...change })).toEqual({ reply: { ...EVENT, ...expected }, repair });
  });

  test("a reminder without a time is sound", () => {
    const reminder = { ...SOUND_REPLY, dueISO: null };
    expect(readFields(reminder)).toEqual({ reply: reminder });
  });

  test.each(["location", "url", "notes"])("%s that is the word null is null", (name) => {
    expect(readFields({ ...EVENT, [name]: " Null " })).toEqual({
      reply: { ...EVENT, [name]: null },
      repair: "schema",
    });
  });
});

describe("how the model stopped", () => {
  test.each([
    ["refusal", "refused"],
    ["content_filtered", "content_filtered"],
    ["guardrail_intervened", "content_filtered"],
  ])("%s is told, though the object is whole, and though it is cut or prose", (stopReason, repair) => {
    expect(readFields(EVENT, stopReason)).toEqual({ reply: EVENT, repair });
    const cut = JSON.stringify(EVENT).slice(0, 60);
    for (const text of [cut, "I cannot", ""])
      expect(readReply({ text, stopReason }, SPOKEN)).toMatchObject({ repair });
  });

  test.each([
    ["max_tokens", "I was about to", "truncated"],
    ["model_context_window_exceeded", "I was about to", "truncated"],
    ["max_tokens", '{"markdown":"Lunch wi', "truncated"],
    ["end_turn", "Here is your note", "not_json"],
    ["end_turn", " ", "empty"],
  ])("%s of %j is %s", (stopReason, text, repair) => {
    expect(readReply({ text, stopReason }, SPOKEN).repair).toBe(repair);
  });
});

describe("the title of prose", () => {
  test.each([
    ["Buy milk\nand bread", "Buy milk"],
    ["\n\n  ## Groceries  \nmilk", "Groceries"],
    ["# One mark", "One mark"],
    ["{", "lunch"],
    ["t".repeat(50), "t".repeat(50)],
    ["t".repeat(51), `${"t".repeat(47)}...`],
    ["🦊".repeat(51), `${"🦊".repeat(47)}...`],
  ])("%j is %j", (text, title) => {
    expect(readReply({ text, stopReason: "end_turn" }, SPOKEN).reply.title).toBe(title);
  });
});

test("what was spoken gives no title where it is code, too: the mode does", () => {
  const reply = readReply(
    { text: "{", stopReason: "end_turn" },
    { ...SPOKEN, text: "[x]", mode: "event" },
  ).reply;
  expect(reply.title).toBe("Wrist Agent Event");
});

describe("where the object stands", () => {
  test.each([
    ["fence", "```json\n#\n```"],
    ["fence", "```\n#\n```"],
    ["fence", "\n```JSON  \n\n#```\n"],
    ["fence", "```json\n#"],
    ["brace_span", "Here: # Enjoy."],
    ["brace_span", "``` # ```"],
  ])("%s: %j", (repair, form) => {
    const text = form.replace("#", JSON.stringify(EVENT));
    expect(readReply({ text, stopReason: "end_turn" }, SPOKEN)).toEqual({ reply: EVENT, repair });
  });
});

/** A text that counts the characters which searching and cutting it look at. */
class CountedText implements SearchableText {
  readonly #text: string;
  looked = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get length(): number {
    return this.#text.length;
  }

  indexOf(search: string, from = 0): number {
    const at = this.#text.indexOf(search, from);
    this.looked += (at < 0 ? this.length : at) - from + search.length;
    return at;
  }

  lastIndexOf(search: string): number {
    const at = this.#text.lastIndexOf(search);
    this.looked += this.length - Math.max(0, at);
    return at;
  }

  slice(begin: number, end = this.length): string {
    this.looked += Math.max(0, end - begin);
    return this.#text.slice(begin, end);
  }
}

describe("reading costs a step or two for each character, whatever the model writes", () => {
  const pieces = ["```json\n", "\n", "```", "{", "}", '{"a":', "[", ",", '"', "\\", " ", "x"];

  test("searching for the object looks at no character more than a few times", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...pieces), { maxLength: 60 }),
        fc.nat({ max: 9 }),
        (parts, doublings) => {
          const text = new CountedText(parts.join("").repeat(2 ** doublings));
          for (const [, place] of OBJECT_PLACES) place(text);
          expect(text.looked).toBeLessThanOrEqual(10 * text.length + 40);
        },
      ),
      { numRuns: 300 },
    );
  });

  test.each([
    "```json" + "\n".repeat(400_000),
    "{".repeat(400_000),
    "```".repeat(130_000),
    '{"a":['.repeat(60_000),
  ])("a megabyte of %.12s is read all the same", (text) => {
    for (const mode of MODES)
      expect(readReply({ text, stopReason: "max_tokens" }, { ...SPOKEN, mode }).reply.markdown).not.toBe("");
  });
});
