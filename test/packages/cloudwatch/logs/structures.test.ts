import { describe, expect, test } from "vitest";
import { runLogsInsights } from "@wrist-agent/cloudwatch/logs/logs-insights";

const AT = Date.UTC(2026, 10, 23, 12);

/** The rows of a query over some lines, newest first, as texts. */
function rows(
  query: string,
  ...lines: readonly (string | object)[]
): readonly (readonly (string | undefined)[])[] {
  const events = lines.map((line, n) => ({
    timestampMs: AT - n * 1000,
    message: typeof line === "string" ? line : JSON.stringify(line),
    logGroupName: "group",
    logStreamName: "stream",
  }));
  const table = runLogsInsights(query, { events, startMs: AT - 60_000, endMs: AT + 1 });
  return table.rows.map((row) => table.fields.map((field) => row[field]));
}

const EVENTS = {
  user: "ann",
  events: [
    { name: "exception", n: 1 },
    { name: "user action", n: 2 },
  ],
};

describe("jsonParse", () => {
  test.each<[string, readonly (string | undefined)[]]>([
    ["j.user", ["ann"]],
    ["j.events[1].name", ["user action"]],
    ["j.events.0.n", ["1"]],
    ["j.events[7].n", [undefined]],
    ["j.none.deeper", [undefined]],
    ["j.events", ['[{"name":"exception","n":1},{"name":"user action","n":2}]']],
    ["jsonStringify(j.events[0])", ['{"name":"exception","n":1}']],
  ])("gives %s", (field, expected) => {
    expect(rows(`fields jsonParse(@message) as j | display ${field}`, EVENTS)).toEqual([expected]);
  });

  test("gives nothing of a text that is no JSON, and a plain value of one that is", () => {
    const query = "fields jsonParse(@message) as j | display ispresent(j), j";
    expect(rows(query, "no JSON", "7")).toEqual([
      ["false", undefined],
      ["true", "7"],
    ]);
  });
});

describe("unnest", () => {
  test("makes a row of each item, with all other fields", () => {
    const query =
      "fields jsonParse(@message) as j | unnest j.events into event | display event.name, j.user | sort event.name";
    expect(rows(query, EVENTS)).toEqual([
      ["exception", "ann"],
      ["user action", "ann"],
    ]);
  });

  test("takes whatever is no list for a list of one, and leaves no row of an empty list", () => {
    const query = "fields jsonParse(@message) as j | unnest j.of into item | display item, item.a";
    expect(rows(query, { of: [] }, { of: "text" }, { of: { a: 1 } }, { none: 1 })).toEqual([
      ["text", undefined],
      ['{"a":1}', "1"],
      [undefined, undefined],
    ]);
  });

  test("goes before an aggregation, as in AWS's example", () => {
    const query =
      "fields jsonParse(@message) as j | unnest j.accounts into account | stats sum(account.spans) as n by account.id | sort n desc";
    const line = {
      accounts: [
        { id: "a", spans: 2 },
        { id: "b", spans: 9 },
        { id: "a", spans: 3 },
      ],
    };
    expect(rows(query, line)).toEqual([
      ["b", "9"],
      ["a", "5"],
    ]);
  });

  test.each([
    ["unnest", "expected a field, found the end"],
    ["unnest j.events", 'expected "into", found the end'],
    ["unnest j.events into", "expected a name after into, found the end"],
  ])("%s is refused", (query, message) => {
    expect(() => rows(query, EVENTS)).toThrow(message);
  });
});

describe("filterIndex", () => {
  test.each<[string, number]>([
    ['filterIndex ip = "10.0.0.1"', 1],
    ['filterIndex ip in ["10.0.0.1", "10.0.0.2"]', 2],
    ['filterIndex ip IN ["10.0.0.9"]', 0],
  ])("%s keeps %i rows", (query, count) => {
    expect(rows(`${query} | fields ip`, { ip: "10.0.0.1" }, { ip: "10.0.0.2" }, { other: 1 })).toHaveLength(
      count,
    );
  });

  test.each(["filterIndex ip like /a/", "filterIndex strlen(ip) = 3", "filterIndex ip > 3"])(
    "%s is refused",
    (query) => {
      expect(() => rows(query, {})).toThrow("filterIndex compares one field by = or in [ … ]");
    },
  );
});

describe("functions of addresses and addresses' texts", () => {
  test.each<[string, string | undefined]>([
    ['isValidIp("10.0.0.1")', "true"],
    ['isValidIp("10.0.0.256")', "false"],
    ['isValidIpV4("::1")', "false"],
    ['isValidIpV6("::1")', "true"],
    ['isIpInSubnet("10.0.0.7", "10.0.0.0/24")', "true"],
    ['isIpv4InSubnet("10.0.1.7", "10.0.0.0/24")', "false"],
    ['isIpv6InSubnet("2001:db8::1", "2001:db8::/32")', "true"],
    ['isIpv6InSubnet("10.0.0.7", "10.0.0.0/24")', "false"],
    ['isIpInSubnet("10.0.0.7", "10.0.0.0")', "false"],
    ['urlEncode("a b&c")', "a%20b%26c"],
    ['urlDecode("a%20b%26c")', "a b&c"],
    ['urlDecode("50%")', "50%"],
    ["isValidIp(none)", undefined],
  ])("%s", (call, expected) => {
    expect(rows(`display ${call} as x`, "line")).toEqual([[expected]]);
  });
});

test("a comparison counts as 1 and 0 where a number is wanted", () => {
  const lines = [
    { action: "BLOCK", ok: true },
    { action: "ALLOW", ok: false },
    { action: "BLOCK", ok: true },
  ];
  expect(rows('stats sum(action = "BLOCK") as blocked, sum(ok) as good', ...lines)).toEqual([["2", "2"]]);
  const errors = "fields ispresent(error) as failed | filter failed != 0 | display error";
  expect(rows(errors, { error: "x" }, { fine: 1 })).toEqual([["x"]]);
  expect(rows("filter ok = 1 | fields ok", ...lines)).toHaveLength(2);
  expect(rows('filter ok = "true" | fields ok', ...lines)).toHaveLength(2);
});

test("a group of parse may be named as a field is", () => {
  const query = String.raw`parse @message /took (?<@duration_ms>\d+) ms, (?<plain>\w+)/ | display @duration_ms + 1, plain`;
  expect(rows(query, "took 41 ms, fine")).toEqual([["42", "fine"]]);
});

test("sortsFirst and sortsLast are the ends of the order", () => {
  expect(rows("stats sortsFirst(n) as a, sortsLast(n) as b", { n: 10 }, { n: 9 }, { n: 100 })).toEqual([
    ["9", "100"],
  ]);
});
