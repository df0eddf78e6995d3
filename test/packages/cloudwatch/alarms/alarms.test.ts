import { describe, expect, test } from "vitest";
import type { AlarmState, MetricAlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import type { AlarmsSnapshot } from "@wrist-agent/cloudwatch/alarms/alarms";
import type { MetricDataQuery } from "@wrist-agent/cloudwatch/metric";
import { MetricStore } from "@wrist-agent/cloudwatch/metrics/metric-store";
import { readSeriesFrom } from "@wrist-agent/cloudwatch/math/read-series";
import { alarm, Scenario, START_MS } from "./scenario.ts";

const cases: readonly {
  readonly name: string;
  readonly change: Partial<MetricAlarmDefinition>;
  readonly values: string;
  readonly minutes: number;
  readonly expected: readonly string[];
}[] = [
  {
    name: "one breaching minute raises a 1-of-1 alarm, the next good one clears it",
    change: {},
    values: "0x4 5 0x3",
    minutes: 8,
    expected: ["1m OK", "6m ALARM", "7m OK"],
  },
  {
    name: "three of five breaching points raise the alarm",
    change: { evaluationPeriods: 5, datapointsToAlarm: 3, threshold: 5 },
    values: "0x4 5 5 _ 5 0x6",
    minutes: 14,
    expected: ["1m OK", "9m ALARM", "12m OK"],
  },
  {
    name: "a lone breaching point in a sparse metric alarms after M periods with missing",
    change: { evaluationPeriods: 3 },
    values: "_x3 5 _x20",
    minutes: 20,
    expected: ["7m ALARM", "11m INSUFFICIENT_DATA"],
  },
  {
    name: "notBreaching clears the alarm as soon as the point has left the range",
    change: { treatMissingData: "notBreaching" },
    values: "_x3 5 _x20",
    minutes: 20,
    expected: ["1m OK", "5m ALARM", "11m OK"],
  },
  {
    name: "ignore keeps ALARM on silence and returns to OK on a good point",
    change: { treatMissingData: "ignore" },
    values: "5 _x30 0",
    minutes: 34,
    expected: ["1m ALARM", "33m OK"],
  },
  {
    name: "breaching alarms once fewer than N-M+1 good points remain",
    change: { evaluationPeriods: 2, treatMissingData: "breaching" },
    values: "0 0 _x20",
    minutes: 20,
    expected: ["1m OK", "8m ALARM"],
  },
  {
    name: "a five-minute window slides by a minute",
    change: { periodSeconds: 300, threshold: 3 },
    values: "1 1 1 0x10",
    minutes: 12,
    expected: ["1m OK", "3m ALARM", "6m OK"],
  },
];

describe("metric alarms over time", () => {
  test.each(cases)("$name", ({ change, values, minutes, expected }) => {
    expect(new Scenario().put(alarm(change)).feed(values).run(minutes)).toEqual(expected);
  });

  test.each(cases)("reading ahead changes nothing: $name", ({ change, values, minutes, expected }) => {
    const scenario = new Scenario({ revision: () => 0 }).put(alarm(change)).feed(values);
    expect(scenario.run(minutes)).toEqual(expected);
  });

  test("data that arrive while the source's revision moves are seen at once", () => {
    let revision = 0;
    const scenario = new Scenario({ revision: () => revision }).put(alarm());
    scenario.feed("0x9");
    expect(scenario.run(5)).toEqual(["1m OK"]);
    scenario.feed("_x4 7");
    revision += 1;
    expect(scenario.run(8)).toEqual(["6m ALARM", "7m OK"]);
  });

  test("a ten-second alarm is judged every ten seconds", () => {
    const scenario = new Scenario().put(alarm({ periodSeconds: 10, evaluationPeriods: 2 }));
    scenario.feed("0 0 5 5 0", { intervalMs: 10_000 });
    expect(scenario.run(1, 10_000)).toEqual(["10s OK", "40s ALARM", "50s OK"]);
  });
});

test.each([
  [24, ["1m ALARM"]],
  [25, []],
])(
  "an alarm that looks back %i hours is judged every minute up to a day, else every hour",
  (hours, transitions) => {
    const rule = { periodSeconds: 3600, evaluationPeriods: hours, datapointsToAlarm: 1 };
    const scenario = new Scenario().put(alarm({ ...rule, treatMissingData: "notBreaching" }));
    scenario.feed("5");
    expect(scenario.run(3).filter((each) => each.includes("ALARM"))).toEqual(transitions);
  },
);

describe("an alarm that cannot be evaluated", () => {
  const broken = { alarmName: "broken", metricName: "Broken" };

  /** The store's data, but reading `Broken` fails on data of the minutes 3 and 4. */
  function breaking(evaluation: Partial<MetricAlarmDefinition> = {}): Scenario {
    const store = new MetricStore();
    const readSeries = readSeriesFrom(store);
    const scenario: Scenario = new Scenario({
      readSeries: (queries, grid) => {
        const minute = (scenario.nowMs - START_MS) / 60_000;
        const isBroken = queries.some((query) => query.metricStat?.metric.metricName === "Broken");
        if (isBroken && (minute === 3 || minute === 4)) throw new Error("no such distribution");
        return readSeries(queries, grid);
      },
    });
    for (const metricName of ["Errors", "Broken"]) {
      const values = Array.from({ length: 30 }, () => 5);
      const metric = { namespace: "Test", metricName, dimensions: {} };
      store.putSeries({ ...metric, startMs: START_MS, intervalMs: 60_000, values });
    }
    return scenario.put(alarm({ ...broken, ...evaluation }), alarm({ treatMissingData: "ignore" }));
  }

  test("keeps its state and reason, says EVALUATION_ERROR, and stops no other", () => {
    const scenario = breaking({ threshold: 1 });
    scenario.run(2);
    const before = scenario.status("broken");
    scenario.alarms.setState("errors", { state: "OK", reason: "" }, scenario.nowMs);
    expect(scenario.run(3)).toEqual(["3m ALARM"]);
    expect(scenario.status("broken")).toEqual({ ...before, evaluationState: "EVALUATION_ERROR" });
    expect(scenario.alarms.failures()).toEqual([
      { alarmName: "broken", error: expect.objectContaining({ message: "no such distribution" }) as Error },
    ]);
  });

  test("is evaluated again at its next turn", () => {
    const scenario = breaking();
    scenario.run(4);
    expect(scenario.alarms.failures()).toHaveLength(1);
    expect(scenario.run(5)).toEqual([]);
    expect(scenario.alarms.failures()).toEqual([]);
    expect(scenario.status("broken").evaluationState).toBeUndefined();
  });

  test("catches up when the error came with the first evaluation of a clock period", () => {
    const scenario = breaking({ evaluationWindow: { wallClock: {} } });
    expect(scenario.run(2)).toContain("broken 1m ALARM");
    scenario.alarms.setState("broken", { state: "OK", reason: "" }, scenario.nowMs);
    expect(scenario.run(6)).toEqual(["broken 5m ALARM"]);
  });

  test("comes back from a snapshot with its mark, which its next evaluation takes away", () => {
    const before = breaking();
    before.run(3);
    const after = new Scenario();
    after.alarms.restore(JSON.parse(JSON.stringify(before.alarms.snapshot())) as AlarmsSnapshot);
    expect(after.status("broken").evaluationState).toBe("EVALUATION_ERROR");
    after.nowMs = before.nowMs;
    after.run(4);
    expect(after.status("broken").evaluationState).toBeUndefined();
  });
});

describe("an action that ran", () => {
  const action = { actionArn: "arn:aws:sns:us-east-1:1:ops", publishedMessage: "{}" };

  test.each([
    { record: action, summary: "Successfully executed", actionState: "Succeeded", error: null },
    {
      record: { ...action, error: "no such topic" },
      summary: "Failed to execute",
      actionState: "Failed",
      error: "no such topic",
    },
  ])("is written into the alarm's history: $actionState", ({ record, summary, actionState, error }) => {
    const scenario = new Scenario().put(alarm());
    scenario.alarms.recordAction("errors", record, START_MS + 1000);
    const item = scenario.alarms.history("errors").at(-1);
    expect(item).toMatchObject({
      historyItemType: "Action",
      timestampMs: START_MS + 1000,
      historySummary: `${summary} action arn:aws:sns:us-east-1:1:ops`,
    });
    expect(JSON.parse(item?.historyData ?? "")).toEqual({
      actionState,
      stateUpdateTimestamp: START_MS,
      notificationResource: action.actionArn,
      publishedMessage: "{}",
      error,
      muteWindowEndTimestamp: null,
    });
  });

  test("of an alarm that is gone leaves no trace", () => {
    const { alarms } = new Scenario();
    alarms.recordAction("gone", action, START_MS);
    expect(alarms.history()).toEqual([]);
  });
});

describe("missing points of DynamoDB", () => {
  const stat = (id: string, namespace: string): MetricDataQuery => ({
    id,
    returnData: id === "m1",
    metricStat: {
      metric: { namespace, metricName: "Throttles", dimensions: {} },
      periodSeconds: 60,
      stat: "Sum",
    },
  });
  const { alarmName, evaluationPeriods, threshold, comparisonOperator } = alarm();
  const math = { alarmName, evaluationPeriods, threshold: threshold ?? 0, comparisonOperator };

  // With `ignore` an alarm keeps its OK; with `missing` it does not know.
  test.each<readonly [string, MetricAlarmDefinition, AlarmState]>([
    ["are ignored", alarm({ namespace: "AWS/DynamoDB" }), "OK"],
    [
      "are treated as told",
      alarm({ namespace: "AWS/DynamoDB", treatMissingData: "missing" }),
      "INSUFFICIENT_DATA",
    ],
    [
      "are ignored when every metric is DynamoDB's",
      { ...math, metrics: [stat("m1", "AWS/DynamoDB"), stat("m2", "AWS/DynamoDB")] },
      "OK",
    ],
    [
      "are missing when one metric is not, hidden or not",
      { ...math, metrics: [stat("m1", "AWS/DynamoDB"), stat("m2", "AWS/Lambda")] },
      "INSUFFICIENT_DATA",
    ],
    ["are missing elsewhere", alarm(), "INSUFFICIENT_DATA"],
  ])("%s", (_name, definition, state) => {
    const scenario = new Scenario().put(definition);
    scenario.alarms.setInitialState("errors", "OK");
    scenario.run(1);
    expect(scenario.status().state).toBe(state);
  });
});

describe("setting a state by hand", () => {
  test("runs the actions of the new state and lasts until the next evaluation", () => {
    const actions = { alarmActions: ["arn:aws:sns:us-east-1:1:ops"] };
    const scenario = new Scenario().put(alarm(actions)).feed("0x9");
    scenario.run(2);
    const drill = { state: "ALARM", reason: "drill" } as const;
    const [change] = scenario.alarms.setState("errors", drill, START_MS + 121_000);
    expect(change?.actions).toEqual(["arn:aws:sns:us-east-1:1:ops"]);
    expect(scenario.status().stateReason).toBe("drill");
    expect(scenario.run(3)).toEqual(["3m OK"]);
  });

  test("to the state it has is no change", () => {
    const scenario = new Scenario().put(alarm()).feed("0x9");
    scenario.run(1);
    expect(scenario.alarms.setState("errors", { state: "OK", reason: "drill" }, scenario.nowMs)).toEqual([]);
    expect(scenario.status().stateReason).not.toBe("drill");
  });

  test("of an unknown alarm is ResourceNotFound with an empty message", () => {
    const { alarms } = new Scenario();
    expect(() => alarms.setState("nope", { state: "OK", reason: "" }, 0)).toThrow(
      expect.objectContaining({ code: "ResourceNotFound", httpStatus: 404, message: "" }),
    );
  });

  test("to a state that does not exist is refused in CloudWatch's words", () => {
    const { alarms } = new Scenario().put(alarm());
    expect(() => alarms.setState("errors", { state: "INVALID" as "OK", reason: "" }, 0)).toThrow(
      "1 validation error detected: Value 'INVALID' at 'stateValue' failed to satisfy constraint: Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]",
    );
  });
});

describe("putting alarms", () => {
  test("a new alarm has insufficient data until it is evaluated", () => {
    expect(new Scenario().put(alarm()).status()).toMatchObject({
      state: "INSUFFICIENT_DATA",
      stateReason: "Unchecked: Initial alarm creation",
    });
  });

  test("an unchanged put leaves no trace, whatever the order of members", () => {
    const scenario = new Scenario().put(alarm());
    const members = Object.entries(alarm()).reverse();
    scenario.put(Object.fromEntries(members) as unknown as MetricAlarmDefinition);
    expect(scenario.alarms.history()).toHaveLength(1);
  });

  test("an update keeps the state and is remembered with what changed", () => {
    const scenario = new Scenario().put(alarm()).feed("5x9");
    scenario.run(1);
    scenario.put(alarm({ threshold: 100 }));
    expect(scenario.status().state).toBe("ALARM");
    const update = scenario.alarms.history("errors").at(-1);
    expect(update?.historySummary).toBe('Alarm "errors" updated');
    expect(JSON.parse(update?.historyData ?? "")).toMatchObject({
      type: "Update",
      updatedAlarm: { threshold: 100 },
      originalUpdatedFields: { threshold: 1 },
    });
    expect(scenario.run(2)).toEqual(["2m OK"]);
  });

  test("actions run only on change, and not while they are disabled", () => {
    const actions = { alarmActions: ["arn:aws:sns:us-east-1:1:ops"] };
    const scenario = new Scenario().put(alarm(actions)).feed("5 0 5 0 5");
    scenario.alarms.disableActions(["errors"], scenario.nowMs);
    const first = scenario.alarms.evaluate(START_MS + 60_000);
    expect(first.map((change) => change.actions)).toEqual([[]]);
    expect(scenario.alarms.evaluate(START_MS + 60_000)).toEqual([]);
    scenario.alarms.enableActions(["errors"], START_MS + 60_000);
    scenario.alarms.evaluate(START_MS + 120_000);
    const again = scenario.alarms.evaluate(START_MS + 180_000);
    expect(again.map((change) => change.actions)).toEqual([actions.alarmActions]);
  });

  test("deleting forgets the alarm but not its history", () => {
    const scenario = new Scenario().put(alarm());
    scenario.alarms.delete(["errors", "never there"], scenario.nowMs);
    expect(scenario.alarms.describe()).toEqual([]);
    expect(scenario.alarms.history("errors").map((item) => item.historySummary)).toEqual([
      'Alarm "errors" created',
      'Alarm "errors" deleted',
    ]);
  });

  test("history is forgotten after thirty days", () => {
    const scenario = new Scenario().put(alarm());
    scenario.alarms.setState("errors", { state: "OK", reason: "" }, START_MS + 30 * 86_400_000 + 1);
    expect(scenario.alarms.history().map((item) => item.historyItemType)).toEqual(["StateUpdate"]);
  });
});

describe("a restart", () => {
  test("brings back states and history as plain JSON", () => {
    const before = new Scenario().put(alarm({ warmUp: { minutes: 10 } })).feed("5x30");
    before.run(3);
    const after = new Scenario();
    after.alarms.restore(JSON.parse(JSON.stringify(before.alarms.snapshot())) as AlarmsSnapshot);
    expect(after.alarms.describe()).toEqual(before.alarms.describe());
    expect(after.alarms.history()).toEqual(before.alarms.history());
    after.put(alarm({ warmUp: { minutes: 10 } }));
    expect(after.alarms.history()).toHaveLength(before.alarms.history().length);
  });

  test("keeps a definition that was put before the snapshot came back", () => {
    const before = new Scenario().put(alarm()).feed("5x9");
    before.run(2);
    const after = new Scenario().put(alarm({ threshold: 99 }));
    after.alarms.restore(before.alarms.snapshot());
    expect(after.alarms.describe()).toMatchObject([
      { definition: { threshold: 99 }, status: { state: "ALARM" } },
    ]);
  });
});
