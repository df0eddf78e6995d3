import { describe, expect, test } from "vitest";
import {
  filterRequests,
  isSynthetic,
  lastHour,
  requestKey,
  requestPhases,
  requestResult,
  roleReader,
  roleValues,
} from "../../../../local/web/requests/request-facts.ts";
import { relatedMails, requestCurl, unraisedText } from "../../../../local/web/requests/request-detail.ts";
import type { RequestColumn, RequestRow } from "../../../../local/server/wire.ts";
import type { Mail } from "../../../../local/server/wire.ts";
import type { Filter } from "../../../../local/web/state/route.ts";

const COLUMNS: readonly RequestColumn[] = [
  { field: "mode", label: "mode", role: "mode" },
  { field: "outcome", label: "outcome", role: "outcome" },
  { field: "client", label: "client", role: "client" },
  { field: "probe", label: "probe", role: "synthetic", isHidden: true },
  { field: "verification", label: "verification", role: "synthetic", isHidden: true },
  { field: "ModelLatency", label: "model", role: "modelMs", isHidden: true },
  { field: "TimeToFirstToken", label: "first token", role: "firstTokenMs", isHidden: true },
  { field: "Latency", label: "handler", role: "handlerMs", isHidden: true },
];
const read = roleReader(COLUMNS);

function row(sequence: number, line: RequestRow["line"] = {}, over: Partial<RequestRow> = {}): RequestRow {
  const base = { requestId: `id-${sequence}`, sequence, timeMs: sequence * 1000, method: "POST", path: "/" };
  return { ...base, status: 200, latencyMs: 100, coldStart: false, line, ...over };
}

const requests = [
  row(1, { mode: "note", outcome: "ok", client: "shortcut" }),
  row(2, { mode: "event", outcome: "throttled", client: "curl" }, { status: 429 }),
  row(3, { mode: "note", outcome: "ok", probe: 1 }),
  row(4, { outcome: "unauthorized", verification: 1 }, { status: 401 }),
  row(5, {}, { requestId: null, status: 413, path: "/upload" }),
];

describe("the list of requests", () => {
  test.each<[Filter, number[]]>([
    [{}, [1, 2, 5]],
    [{ probe: "shown" }, [1, 2, 3, 4, 5]],
    [{ outcome: "ok" }, [1]],
    [{ outcome: "ok", probe: "shown" }, [1, 3]],
    [{ mode: "event" }, [2]],
    [{ client: "curl" }, [2]],
    [{ q: "POST throttled" }, [2]],
    [{ q: "UPLOAD" }, [5]],
    [{ q: "429" }, [2]],
    [{ q: "nothing" }, []],
    [{ from: "2000", to: "5000" }, [2]],
  ])("%j leaves %j", (filter, sequences) => {
    expect(filterRequests(requests, filter, read).map(({ sequence }) => sequence)).toEqual(sequences);
  });

  test("offers the values that there are, the most frequent first", () => {
    expect(roleValues(requests, "mode", read)).toEqual(["note", "event"]);
    expect(roleValues(requests, "client", read)).toEqual(["curl", "shortcut"]);
  });

  test("knows what nobody dictated, and what stands for a request that never had an id", () => {
    expect(requests.map((request) => isSynthetic(request, read))).toEqual([false, false, true, true, false]);
    expect(isSynthetic(row(6, {}, { status: 502, isSynthetic: true }), read)).toBe(true);
    expect(requests.map(requestKey)).toEqual(["id-1", "id-2", "id-3", "id-4", "request-5"]);
  });

  test.each([
    [200, "good"],
    [401, "refused"],
    [429, "failed"],
    [504, "failed"],
  ])("status %i is %s", (status, result) => expect(requestResult({ status })).toBe(result));
});

describe("where the time of a request went", () => {
  test("before the handler, before the model, to its first token, writing", () => {
    const timed = row(1, { Latency: 90, ModelLatency: 80, TimeToFirstToken: 30 });
    expect(requestPhases(timed, read)).toEqual([
      { name: "before the handler", fromMs: 0, toMs: 10 },
      { name: "token, parameters and parsing", fromMs: 10, toMs: 20 },
      { name: "model, to its first token", fromMs: 20, toMs: 50 },
      { name: "model, writing", fromMs: 50, toMs: 100 },
    ]);
  });

  test("a request that the model never answered is the handler's alone", () => {
    expect(requestPhases(row(1, { Latency: 100 }), read)).toEqual([
      { name: "handler", fromMs: 0, toMs: 100 },
    ]);
    expect(requestPhases(row(1), read)).toEqual([{ name: "handler", fromMs: 0, toMs: 100 }]);
  });

  test("a model that took longer than the whole is not drawn beyond it", () => {
    const odd = row(1, { Latency: 100, ModelLatency: 120, TimeToFirstToken: 130 });
    expect(requestPhases(odd, read)).toEqual([{ name: "model, to its first token", fromMs: 0, toMs: 100 }]);
  });
});

test("the last hour is sixty minutes, what went wrong apart", () => {
  const now = Date.UTC(2026, 10, 22, 18, 30, 30);
  const at = (minutesAgo: number, status = 200): RequestRow =>
    row(1, {}, { timeMs: now - minutesAgo * 60_000, status });
  const minutes = lastHour([at(0), at(0, 504), at(59), at(60)], now);
  expect(minutes).toHaveLength(60);
  expect(minutes.at(-1)).toEqual({ fromMs: Date.UTC(2026, 10, 22, 18, 30), good: 1, bad: 1 });
  expect(minutes[0]).toMatchObject({ good: 1, bad: 0 });
  expect(minutes.reduce((sum, { good, bad }) => sum + good + bad, 0)).toBe(3);
});

test("a request is copied as curl without its token and its text", () => {
  const overview = { tokenCommand: "cat '/data/token'", functionUrl: "http://127.0.0.1:7701/" };
  expect(requestCurl(row(1, { mode: "it's" }), overview, read)).toBe(
    [
      `TOKEN="$(cat '/data/token')"`,
      `curl -sS -X POST 'http://127.0.0.1:7701/' \\`,
      `  -H "X-Client-Token: $TOKEN" -H 'Content-Type: application/json' \\`,
      `  -d '{"text":"…","mode":"it'\\''s"}'`,
    ].join("\n"),
  );
});

describe("the alarms that a request may have taken part in", () => {
  const AT = 1_000_000_000;
  const mail = (id: string, minutes: number, subject: string): Mail => ({
    id,
    timeMs: AT + minutes * 60_000,
    from: "a",
    to: "b",
    subject: `${subject}: "x"`,
    body: "",
    topicArn: "arn:aws:sns:us-west-2:1:page",
    ...(!subject.startsWith("AWS") && { alarmName: "now" }),
  });

  test.each<[string, readonly Mail[], readonly string[]]>([
    ["raised within the minutes after it", [mail("a", 15, "ALARM")], ["a"]],
    ["raised later", [mail("a", 16, "ALARM")], []],
    ["in ALARM when it came", [mail("b", 20, "OK"), mail("a", -90, "ALARM")], ["a"]],
    ["back at OK before it", [mail("b", -1, "OK"), mail("a", -9, "ALARM")], []],
    ["raised again after it", [mail("c", 2, "ALARM"), mail("b", -1, "OK"), mail("a", -9, "ALARM")], ["c"]],
    ["of another kind", [mail("b", 1, "AWS Notification"), mail("a", 1, "OK")], []],
  ])("those %s", (_which, mails, related) => {
    expect(relatedMails({ timeMs: AT }, mails).map(({ id }) => id)).toEqual(related);
  });

  test.each([
    [3, "No alarm was in ALARM then, and none has been raised since."],
    [15, "No alarm was in ALARM then, and none was raised in the 15 minutes after it."],
  ])("none of them is said of the %i minutes that have passed", (minutes, text) => {
    expect(unraisedText({ timeMs: AT }, AT + minutes * 60_000)).toBe(text);
  });
});
