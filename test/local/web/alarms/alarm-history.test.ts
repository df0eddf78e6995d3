import { expect, test } from "vitest";
import { parseHistory } from "../../../../local/web/alarms/alarm-history.ts";

const TOPIC = "arn:aws:sns:us-west-2:123456789012:wrist-agent-page";

test("a history says how long each state lasted, and names topics without their ARN", () => {
  const history = [
    { timeMs: 700, summary: `Failed to execute action ${TOPIC}` },
    { timeMs: 700, summary: "Alarm updated from ALARM to OK" },
    { timeMs: 400, summary: `Successfully executed action ${TOPIC}` },
    { timeMs: 400, summary: "Alarm updated from OK to ALARM" },
    { timeMs: 100, summary: "Alarm updated from INSUFFICIENT_DATA to OK" },
    { timeMs: 0, summary: 'Alarm "a" created' },
  ];
  expect(parseHistory(history)).toEqual([
    { kind: "action", timeMs: 700, done: false, name: "wrist-agent-page" },
    { kind: "change", timeMs: 700, from: "ALARM", to: "OK" },
    { kind: "action", timeMs: 400, done: true, name: "wrist-agent-page" },
    { kind: "change", timeMs: 400, from: "OK", to: "ALARM", lastedMs: 300 },
    { kind: "change", timeMs: 100, from: "INSUFFICIENT_DATA", to: "OK", lastedMs: 300 },
    { kind: "other", timeMs: 0, text: 'Alarm "a" created' },
  ]);
});

test("what is no change of a known state is told in CloudWatch's words", () => {
  const summary = "Alarm updated from OK to MELTING";
  expect(parseHistory([{ timeMs: 0, summary }])).toEqual([{ kind: "other", timeMs: 0, text: summary }]);
});
