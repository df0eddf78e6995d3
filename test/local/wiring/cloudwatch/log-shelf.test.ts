import { describe, expect, test } from "vitest";
import { LogShelf } from "../../../../local/wiring/cloudwatch/log-shelf.ts";

const event = (timestampMs: number, message = `line ${timestampMs}`) => ({
  ...{ logGroupName: "/aws/lambda/tiny", logStreamName: "s", timestampMs, message },
});
const everything = { query: "fields @message | sort @timestamp asc", startMs: 0, endMs: 1e9 };
const lines = (shelf: LogShelf) => shelf.query(everything).rows.map((row) => row["@message"]);

describe("the log lines that widgets query", () => {
  test("are those of the range", () => {
    const shelf = new LogShelf();
    for (const timestampMs of [1000, 2000, 3000]) shelf.put(event(timestampMs));
    expect(lines(shelf)).toEqual(["line 1000", "line 2000", "line 3000"]);
    expect(shelf.query({ ...everything, startMs: 2000, endMs: 3000 }).rows).toHaveLength(1);
    expect(shelf.missing(0)).toBeUndefined();
  });

  test("are at most so many, the latest, and what is missing is said", () => {
    const shelf = new LogShelf({ events: 10, characters: 1e6 });
    for (let n = 1; n <= 11; n += 1) shelf.put(event(n * 1000));
    expect(lines(shelf)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11].map((n) => `line ${n * 1000}`));
    expect(shelf.missing(0)).toMatch(/after 1970-01-01T00:00:02\.000Z only: .* latest 10 lines/);
    expect(shelf.missing(2001)).toBeUndefined();
  });

  test("are at most so many characters, the newest line whatever its length", () => {
    const shelf = new LogShelf({ events: 100, characters: 100 });
    for (let n = 1; n <= 3; n += 1) shelf.put(event(n, String(n).repeat(40)));
    expect(lines(shelf)).toEqual(["2".repeat(40), "3".repeat(40)]);
    shelf.put(event(4, "4".repeat(500)));
    expect(lines(shelf)).toEqual(["4".repeat(500)]);
  });
});
