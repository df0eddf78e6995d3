import { zonedIso } from "@wrist-agent/cloudwatch/zoned-time";
import { describe, expect, test } from "vitest";
import { findDictatedTime, offsetOf, spokenTimesInDigits } from "../../../local/model/dictated-time.ts";
import { DISCLAIMER, STAND_IN_TAG, writtenReply } from "../../../local/model/written-reply.ts";

// Monday morning, as in the examples of the HTTP contract.
const NOW = Date.parse("2026-11-23T09:00:00-08:00");
const ZONE = "America/Los_Angeles";
const reply = (mode: string, said: string) => writtenReply(said, { mode, nowMs: NOW, timeZone: ZONE });

describe("the stand-in's reply", () => {
  test("to a dictated note lists what was said", () => {
    const note = reply(
      "note",
      "bike shop says the rear hub is fine but the chain is worn, forty five dollars, ready thursday",
    );
    expect(note).toMatchObject({
      action: "note",
      dueISO: null,
      startISO: null,
      endISO: null,
      location: null,
    });
    expect(note.markdown).toContain("- Forty five dollars\n- Ready thursday");
  });

  test("to a dictated reminder has its due time", () => {
    expect(reply("reminder", "water the fern wednesday at seven in the evening")).toMatchObject({
      action: "reminder",
      title: "Water the fern",
      dueISO: "2026-11-25T19:00:00-08:00",
      startISO: null,
    });
  });

  test("to a dictated event has its times and place", () => {
    expect(
      reply("event", "lunch with priya at the noodle place on fifth, tuesday twelve thirty for an hour"),
    ).toMatchObject({
      action: "event",
      title: "Lunch with priya",
      startISO: "2026-11-24T12:30:00-08:00",
      endISO: "2026-11-24T13:30:00-08:00",
      location: "Noodle place on fifth",
      dueISO: null,
    });
  });

  test.each([
    ["research", "how do heat pumps cope below freezing"],
    ["deepthink", "should i lease or repair the old van if i drive six thousand miles a year"],
  ])("to %s is a longer note", (mode, said) => {
    const long = reply(mode, said);
    expect(long).toMatchObject({ action: "note", dueISO: null });
    expect(long.markdown.length).toBeGreaterThan(800);
    expect(long.markdown).toContain(said);
  });

  test.each(["note", "reminder", "event", "research", "deepthink"])("in mode %s says what it is", (mode) => {
    const any = reply(mode, "dentist friday at two");
    expect(any.markdown).toContain(DISCLAIMER);
    expect(any.tags).toEqual([mode, STAND_IN_TAG]);
    expect(Object.keys(any).sort()).toEqual(
      [
        "markdown",
        "action",
        "title",
        "dueISO",
        "startISO",
        "endISO",
        "location",
        "url",
        "notes",
        "tags",
      ].sort(),
    );
  });

  test("leaves times open when the prompt does not say what time it is", () => {
    const lines = { mode: "reminder", nowMs: undefined, timeZone: undefined };
    expect(writtenReply("call mum tomorrow", lines)).toMatchObject({
      dueISO: null,
      title: "Call mum tomorrow",
    });
  });
});

describe("times in dictated sentences", () => {
  test.each([
    ["dentist friday at two", "2026-11-27T14:00:00-08:00"],
    ["dentist friday two", "2026-11-27T14:00:00-08:00"],
    ["call mum tomorrow at eight in the morning", "2026-11-24T08:00:00-08:00"],
    ["call mum tomorrow", "2026-11-24T09:00:00-08:00"],
    ["stand up in two hours", "2026-11-23T11:00:00-08:00"],
    ["stretch in twenty five minutes", "2026-11-23T09:25:00-08:00"],
    ["tea tomorrow at half past four", "2026-11-24T16:30:00-08:00"],
    ["tea tomorrow at quarter to five", "2026-11-24T16:45:00-08:00"],
    ["taxes on the third of december at eight am", "2026-12-03T08:00:00-08:00"],
    ["party tonight at nine at night", "2026-11-23T21:00:00-08:00"],
    ["swim on july 4 at 10 am", "2027-07-04T10:00:00-07:00"],
    ["lunch saturday at noon", "2026-11-28T12:00:00-08:00"],
  ])("%s is %s", (said, expected) => {
    const { startMs } = findDictatedTime(said, { nowMs: NOW, timeZone: ZONE });
    expect(startMs === undefined ? undefined : zonedIso(startMs, offsetOf(ZONE))).toBe(expected);
  });

  test.each(["buy forty five red bricks", "the van is old"])("%s has none", (said) => {
    expect(findDictatedTime(said, { nowMs: NOW, timeZone: ZONE }).startMs).toBeUndefined();
  });

  test.each([
    ["meet friday at two for half an hour", 30],
    ["meet friday at two for ninety minutes", 90],
    ["meet friday at two for twenty minutes", 20],
    ["meet friday from 2 pm to 4 pm", 120],
    ["meet friday at two", undefined],
  ])("%s lasts %s minutes", (said, minutes) => {
    const { startMs = 0, endMs } = findDictatedTime(said, { nowMs: NOW, timeZone: ZONE });
    expect(endMs === undefined ? undefined : (endMs - startMs) / 60_000).toBe(minutes);
  });

  test.each([
    ["twenty five", "25"],
    ["Wednesday at seven in the evening", "Wednesday at 7 pm"],
    ["quarter past nine", "9:15"],
    ["quarter to one", "12:45"],
    ["six o'clock", "6:00"],
  ])("%s is written %s", (said, written) => {
    expect(spokenTimesInDigits(said)).toBe(written);
  });

  test("a time that summer time skips is meant an hour later", () => {
    const night = { nowMs: Date.parse("2026-03-08T00:10:00-08:00"), timeZone: ZONE };
    const { startMs = Number.NaN } = findDictatedTime("feed the cat today at 2:30 am", night);
    expect(zonedIso(startMs, offsetOf(ZONE))).toBe("2026-03-08T03:30:00-07:00");
  });

  test("half-hour zones have their offset", () => {
    const { startMs = Number.NaN } = findDictatedTime("call home at 6 pm", {
      nowMs: NOW,
      timeZone: "Asia/Kolkata",
    });
    expect(zonedIso(startMs, offsetOf("Asia/Kolkata"))).toBe("2026-11-24T18:00:00+05:30");
  });
});
