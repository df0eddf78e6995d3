import { describe, expect, test } from "vitest";
import { LogStore } from "../../../local/monitoring/log-store.ts";

const event = (timestampMs: number, message = `line ${timestampMs}`) => ({
  logGroupName: "/aws/lambda/tiny",
  logStreamName: "s",
  timestampMs,
  message,
});
const everything = { query: "fields @message | sort @timestamp asc", startMs: 0, endMs: 1e9 };
const lines = (store: LogStore) => store.query(everything).rows.map((row) => row["@message"]);

describe("the log lines that widgets query", () => {
  test("are those of the range", () => {
    const store = new LogStore();
    for (const timestampMs of [1000, 2000, 3000]) store.put(event(timestampMs));
    expect(lines(store)).toEqual(["line 1000", "line 2000", "line 3000"]);
    expect(store.query({ ...everything, startMs: 2000, endMs: 3000 }).rows).toHaveLength(1);
    expect(store.missingNotice(0)).toBeUndefined();
  });

  test("are at most so many, the latest, and what is missing is said", () => {
    const store = new LogStore({ events: 10 });
    for (let n = 1; n <= 11; n += 1) store.put(event(n * 1000));
    expect(lines(store)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11].map((n) => `line ${n * 1000}`));
    expect(store.missingNotice(0)).toMatch(/after 1970-01-01T00:00:02\.000Z only: .* latest 10 lines/);
    expect(store.missingNotice(2001)).toBeUndefined();
  });

  test("a query that never ends is stopped, and the next one is answered", () => {
    const store = new LogStore({ queryMs: 50 });
    store.put(event(1000, "a".repeat(60)));
    const endless = { ...everything, query: "filter @message like /^(a|a)*b$/" };
    expect(() => store.query(endless)).toThrow("log query: it took longer than 0.05 s and was stopped");
    expect(lines(store)).toEqual(["a".repeat(60)]);
  });

  test("are at most so many characters, the newest line whatever its length", () => {
    const store = new LogStore({ events: 100, characters: 100 });
    for (let n = 1; n <= 3; n += 1) store.put(event(n, String(n).repeat(40)));
    expect(lines(store)).toEqual(["2".repeat(40), "3".repeat(40)]);
    store.put(event(4, "4".repeat(500)));
    expect(lines(store)).toEqual(["4".repeat(500)]);
  });
});
