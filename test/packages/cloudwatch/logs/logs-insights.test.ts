import { describe, expect, it } from "vitest";
import type { QueryableEvent } from "@wrist-agent/cloudwatch/logs/log-row";
import { runLogsInsights } from "@wrist-agent/cloudwatch/logs/logs-insights";
import { LogsQueryError } from "@wrist-agent/cloudwatch/logs/query-reader";

const startMs = Date.UTC(2026, 10, 1, 12);
const MINUTE = 60_000;

const lines: readonly (string | object)[] = [
  {
    outcome: "served",
    mode: "note",
    Latency: 100,
    CostUsd: 0.00012,
    user: { name: "ann", tags: ["a", "b"] },
  },
  { outcome: "throttled", mode: "event", Latency: 900, reason: "model said slow down", "a.b": 1 },
  { outcome: "served", mode: "event", Latency: 300, requestId: "r-3", ok: true, none: null },
  "START RequestId: 0f6e3c1a-1111-2222-3333-444455556666 Version: $LATEST",
  "REPORT RequestId: 0f6e3c1a-1111-2222-3333-444455556666\tDuration: 12.50 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 74 MB\tInit Duration: 166.62 ms",
  '2026-11-01T12:05:00.000Z\t0f6e3c1a-1111-2222-3333-444455556666\tINFO\t{"outcome":"refused","Latency":5}',
  "plain text: user=bob took 42 ms",
  "{ broken",
];

const events: readonly QueryableEvent[] = lines.map((line, index) => ({
  timestampMs: startMs + index * MINUTE,
  message: typeof line === "string" ? line : JSON.stringify(line),
  logStreamName: "stream",
  logGroupName: index === 7 ? "/other" : "/agent",
}));

function run(query: string) {
  return runLogsInsights(query, { events, startMs, endMs: startMs + 60 * MINUTE });
}

/** The rows as lists of texts, in the order of the fields. */
function rows(query: string): readonly (readonly string[])[] {
  const { fields, rows: found } = run(query);
  return found.map((row) => fields.map((field) => row[field] ?? ""));
}

describe("a log query", () => {
  it("shows time and message of everything, newest first, unless it says otherwise", () => {
    const { fields, rows: found } = run("filter ispresent(reason)");
    expect(fields).toEqual(["@timestamp", "@message"]);
    expect(found).toEqual([{ "@timestamp": "2026-11-01 12:01:00.000", "@message": events[1]?.message }]);
    expect(run("limit 2").rows[0]?.["@message"]).toBe("{ broken");
  });

  it("takes the newest rows that a filter left, and leaves lines of one moment in the order in which they came", () => {
    expect(rows("filter ispresent(mode) | limit 2 | fields outcome, mode")).toEqual([
      ["served", "event"],
      ["throttled", "event"],
    ]);
    const late = events.map((event) => ({ ...event, timestampMs: startMs }));
    const search = { events: late, startMs, endMs: startMs + MINUTE };
    const modes = runLogsInsights("filter ispresent(mode) | fields Latency | limit 2", search).rows;
    expect(modes).toEqual([{ Latency: "100" }, { Latency: "900" }]);
  });

  it("shows a field under another name beside its own", () => {
    expect(rows("filter Latency = 900 | fields Latency, mode as Latency2, `a.b` as Latency")).toEqual([
      ["1", "event"],
    ]);
    expect(rows("filter Latency = 900 | fields mode as outcome, outcome")).toEqual([["event"]]);
  });

  it("looks only at its range and at its sources", () => {
    const query = "SOURCE '/other' | fields @log, @logStream";
    expect(rows(query)).toEqual([["/other", "stream"]]);
    expect(rows("SOURCE '/other' | SOURCE \"/agent\" | fields @log")).toHaveLength(8);
    expect(
      runLogsInsights("fields @log", { events, startMs: startMs + MINUTE, endMs: startMs + 3 * MINUTE }).rows,
    ).toHaveLength(2);
  });

  it.each([
    ["fields user.name, user.tags.1 | filter user.name = 'ann'", [["ann", "b"]]],
    ["fields `a.b` as x | filter ispresent(x)", [["1"]]],
    ["fields user | filter ispresent(user)", [['{"name":"ann","tags":["a","b"]}']]],
    ["fields ok, none | filter ok = 'true'", [["true", ""]]],
    ["fields @requestId | filter requestId = 'r-3'", [["r-3"]]],
    [
      "fields @type, @requestId, @duration, @billedDuration, @initDuration, @memorySize/1000/1000, @maxMemoryUsed | filter @type = 'REPORT'",
      [["REPORT", "0f6e3c1a-1111-2222-3333-444455556666", "12.5", "13", "166.62", "128", "74000000"]],
    ],
    [
      "fields @requestId, outcome | filter outcome = 'refused'",
      [["0f6e3c1a-1111-2222-3333-444455556666", "refused"]],
    ],
    ["fields @duration, @unknown, missing | limit 1", [["", "", ""]]],
  ])("discovers fields: %s", (query, expected) => {
    expect(rows(query)).toEqual(expected);
  });

  it.each([
    ["Latency = 100", ["100"]],
    ["Latency == '100'", ["100"]],
    ["Latency != 100 and ispresent(Latency)", ["5", "300", "900"]],
    ["Latency < 300", ["5", "100"]],
    ["Latency <= 300 && Latency > 5", ["300", "100"]],
    ["Latency >= 900 or Latency = 5", ["5", "900"]],
    ["Latency >= 900 || outcome = 'nothing'", ["900"]],
    ["not (Latency >= 300) and ispresent(Latency)", ["5", "100"]],
    ["outcome like 'serv'", ["300", "100"]],
    ["outcome like /^SERV/", []],
    ["outcome like /(?i)^SERV/", ["300", "100"]],
    ["outcome =~ /led$/", ["900"]],
    ["outcome like /(nothing|(?i)^SERV)/", ["300", "100"]],
    ["!ispresent(reason) and !(Latency < 300) and ispresent(Latency)", ["300"]],
    ["outcome not like /ed$/ and ispresent(outcome)", []],
    ['mode in ["note", "reminder"]', ["100"]],
    ["mode not in ['event'] and ispresent(mode)", ["100"]],
    ["Latency in [5, 900]", ["5", "900"]],
    ["Latency % 200 = 100 and -Latency < -100", ["300", "900"]],
    ["(Latency + 20) * 2 - 10 = 230 and Latency ^ 2 = 10000", ["100"]],
    ["mode < 'f' and Latency / 3 = 100", ["300"]],
    ["Latency # a comment\n = 5", ["5"]],
  ])("filters by %s", (condition, expected) => {
    expect(rows(`fields Latency | filter ${condition}`).flat()).toEqual(expected);
  });

  it.each([
    ["abs(-2)", "2"],
    ["ceil(1.2) + floor(1.8)", "3"],
    ["sqrt(9) + log(1)", "3"],
    ["greatest(1, 3, 2)", "3"],
    ["least(2, 1, 3)", "1"],
    ["coalesce(missing, 'x')", "x"],
    ["isempty(missing)", "true"],
    ["isblank('  ')", "true"],
    ["strlen('four')", "4"],
    ["concat(toupper('a'), tolower('B'), trim(' c '), ltrim(' d'), rtrim('e '))", "Abcde"],
    ["strcontains('abc', 'b')", "1"],
    ["replace('aXbX', 'X', '-')", "a-b-"],
    ["substr('abcdef', 2, 3)", "cde"],
    ["substr('abcdef', 4)", "ef"],
    ["toString(5)", "5"],
    ["bin(5m)", "2026-11-01 12:05:00.000"],
    ["bin(1d)", "2026-11-01 00:00:00.000"],
    ["bin(5min)", "2026-11-01 12:05:00.000"],
    ["bin(@timestamp, 2 hours)", "2026-11-01 12:00:00.000"],
    ["bin(30secs)", "2026-11-01 12:07:00.000"],
    ["bin(1w)", "2026-10-29 00:00:00.000"],
    ["bin(1mo)", "2026-11-01 00:00:00.000"],
    ["bin(1quarter)", "2026-10-01 00:00:00.000"],
    ["bin(1yr)", "2026-01-01 00:00:00.000"],
    ["dateceil(@timestamp, 1 month)", "2026-12-01 00:00:00.000"],
    ["concat('', 2mo)", "2mo"],
    ["datefloor(@timestamp, 1h)", "2026-11-01 12:00:00.000"],
    ["dateceil(@timestamp, 1h)", "2026-11-01 13:00:00.000"],
    ["toMillis(fromMillis(5))", "5"],
    ["1/0", ""],
    ["abs('text')", ""],
    ['"a \\"quoted\\" text"', 'a "quoted" text'],
  ])("computes %s", (expression, expected) => {
    expect(rows(`fields ${expression} as x | display x | limit 1`)).toEqual([[expected]]);
  });

  it.each([
    [
      "stats count(*) as requests by mode | sort requests desc, mode",
      [
        ["", "5"],
        ["event", "2"],
        ["note", "1"],
      ],
    ],
    [
      "filter ispresent(outcome) | stats count(*), sum(Latency), avg(Latency) by bin(1h)",
      [["2026-11-01 12:00:00.000", "4", "1305", "326.25"]],
    ],
    [
      "stats min(Latency), max(Latency), pct(Latency, 50), median(Latency), count_distinct(outcome), count(mode)",
      [["5", "900", "100", "100", "3", "3"]],
    ],
    ["stats earliest(Latency), latest(Latency), stddev(Latency)", [["100", "5", "347.9471045"]]],
    ["stats sum(CostUsd) / count(CostUsd) as usd", [["0.00012"]]],
    ["stats max(Latency) as most, most / count(Latency) as share, share * 2", [["900", "225", "450"]]],
    [
      "stats count(*) as n, n + 1 as more by mode | sort by n desc | limit 1 | display more, outcome",
      [["6", ""]],
    ],
    ["stats count(*) as n by mode | filter n > 1 | stats sum(n) as total", [["7"]]],
    ["stats count(*) as n group by mode | filter n > 1 | stats sum(n) as total", [["7"]]],
    ["filter outcome = 'nothing' | stats count(*)", []],
  ])("aggregates: %s", (query, expected) => {
    expect(rows(query)).toEqual(expected);
  });

  it("looks at the groups that a source describes", () => {
    expect(rows("SOURCE logGroups(namePrefix: ['/ot', '/none']) | fields @log")).toEqual([["/other"]]);
    expect(rows("SOURCE logGroups() | fields @log")).toHaveLength(8);
    expect(rows("SOURCE logGroups(class: 'INFREQUENT_ACCESS', namePrefix: '/a')")).toEqual([]);
    const accountId = "111122223333";
    const inAccount = (query: string): readonly object[] =>
      runLogsInsights(query, { events, startMs, endMs: startMs + MINUTE, accountId }).rows;
    expect(inAccount("fields @log")).toEqual([{ "@log": `${accountId}:/agent` }]);
    expect(inAccount(`SOURCE logGroups(accountIdentifiers: ["${accountId}"])`)).toHaveLength(1);
    expect(inAccount("SOURCE logGroups(accountIdentifiers: ['444455556666'])")).toHaveLength(0);
  });

  it.each([
    ['INFO took {"ms": 5, "text": "a } b"} and {"ms": 6}', "5"],
    ['{broken} {"ms": {"ms": 1}, "x": [{}]}', '{"ms":1}'],
    ['{"ms": 7', ""],
    ["{{{{{{{{{{{{{{{{{{{{{{{{{{", ""],
  ])("discovers the first JSON in %s", (message, expected) => {
    const event = { timestampMs: startMs, message, logStreamName: "s", logGroupName: "g" };
    const { rows: found } = runLogsInsights("fields ms", { events: [event], startMs, endMs: startMs + 1 });
    expect(found[0]?.ms ?? "").toBe(expected);
  });

  it("names unnamed columns by their text, those of the groups first", () => {
    expect(run("stats count(*), avg( Latency ) by bin(5m), mode").fields).toEqual([
      "bin(5m)",
      "mode",
      "count(*)",
      "avg( Latency )",
    ]);
  });

  it("sorts up, down and by several keys", () => {
    const query = (order: string) =>
      rows(`fields Latency | filter ispresent(Latency) | sort ${order}`).flat();
    expect(query("Latency")).toEqual(["5", "100", "300", "900"]);
    expect(query("Latency asc")).toEqual(["5", "100", "300", "900"]);
    expect(query("outcome desc, Latency desc")).toEqual(["900", "300", "100", "5"]);
  });

  it("parses with asterisks and with named groups", () => {
    expect(
      rows("parse @message 'user=* took * ms' as who, time | filter ispresent(who) | display who, time"),
    ).toEqual([["bob", "42"]]);
    expect(rows("parse 'user=*' as rest | filter ispresent(rest) | display rest")).toEqual([
      ["bob took 42 ms"],
    ]);
    expect(
      rows("parse @message /took (?<time>\\d+) ms/ | filter time > 0 | display time * 2 as twice"),
    ).toEqual([["84"]]);
  });

  it("keeps the newest of each value with dedup", () => {
    expect(rows("filter ispresent(mode) | fields mode, Latency | dedup mode")).toEqual([
      ["event", "300"],
      ["note", "100"],
    ]);
  });

  it("adds fields to those before, and display replaces them", () => {
    expect(run("fields mode | fields Latency").fields).toEqual(["mode", "Latency"]);
    expect(run("fields mode, Latency | display mode").fields).toEqual(["mode"]);
  });
});

describe("a log query that cannot be run", () => {
  it.each([
    ["pattern @message", "the command pattern is not run here: use fields"],
    ["toString @message", "the command toString is not run here"],
    ["fields constructor(1)", "the function constructor is not run here"],
    ["", "expected a command: fields"],
    ["fields", "expected a field, a function, a number or a text, found the end"],
    ["fields a b", 'expected "|" or the end, found "b"'],
    ["filter (a = 1", 'expected ")", found the end'],
    ["filter a in 5", 'expected "[", found "5"'],
    ["filter a like b", "expected a text in quotes or a /regular expression/"],
    ["filter a like /(/", "/(/ is not a regular expression"],
    ["filter count(*) > 1", "count is only understood by stats"],
    ["parse a b", "expected a text in quotes or a /regular expression/"],
    ["parse 'a * b' as x, y", "parse has 1 asterisks and 2 names"],
    ["limit many", "expected a whole number of rows"],
    ["limit 10001", "limit is at most 10000, not 10001"],
    ["stats count(*) as", "expected a name after as, found the end"],
    ["fields bin()", "bin takes one period"],
    ["fields bin(@timestamp, 1m, 2)", "bin takes one period"],
    ["fields bin(1parsec)", 'expected ")"'],
    ["SOURCE x", "expected the name of a log group in quotes"],
    ["SOURCE logGroups(name: 'x')", "logGroups has namePrefix"],
    ["SOURCE logGroups(namePrefix: 'x' 'y')", 'expected "," or ")"'],
    ["fields ~a", 'character 8: unexpected "~"'],
    ["filter a = 'open", 'unexpected "\'"'],
  ])("%s", (query, message) => {
    expect(() => run(query)).toThrow(LogsQueryError);
    expect(() => run(query)).toThrow(message);
  });
});

it("a line is parsed once, however many queries look at it, in an account too", () => {
  let reads = 0;
  const event = {
    timestampMs: 5,
    logStreamName: "s",
    logGroupName: "/agent",
    get message() {
      reads += 1;
      return '{"outcome":"ok"}';
    },
  };
  const search = { events: [event], startMs: 0, endMs: 10, accountId: "111122223333" };
  for (const query of ["fields outcome, @log", "stats count(*) by outcome", 'filter outcome = "ok"'])
    expect(runLogsInsights(query, search).rows).toHaveLength(1);
  expect(reads).toBe(1);
});
