import type { AlarmState, MetricAlarmDefinition, TreatMissingData } from "@wrist-agent/cloudwatch/alarm";
import { Alarms } from "@wrist-agent/cloudwatch/alarms/alarms";
import type { AlarmSource } from "@wrist-agent/cloudwatch/alarms/alarm-points";
import { readSeriesFrom, steadyTimeFrom } from "@wrist-agent/cloudwatch/math/read-series";
import { MetricStore } from "@wrist-agent/cloudwatch/metrics/metric-store";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  cadenceMs,
  naiveHolds,
  type NaiveMetric,
  type NaiveRule,
  naiveState,
  ruleText,
} from "./naive-alarms.ts";
import { alarm, START_MS } from "./scenario.ts";

const NAMES = ["one", "two"] as const;
type Name = (typeof NAMES)[number];
const STATES = ["OK", "ALARM", "INSUFFICIENT_DATA"] as const;

const METRIC_ALARM = fc
  .record({
    periodSeconds: fc.constantFrom(10, 20, 30, 60, 180, 300),
    evaluationPeriods: fc.integer({ min: 1, max: 5 }),
    toAlarm: fc.option(fc.integer({ min: 1, max: 5 })),
    treatMissingData: fc.constantFrom<TreatMissingData>("missing", "ignore", "breaching", "notBreaching"),
    statistic: fc.constantFrom("Sum", "Average", "Minimum", "Maximum", "SampleCount", "p50", "p50 ignored"),
    comparisonOperator: fc.constantFrom(
      "GreaterThanThreshold",
      "GreaterThanOrEqualToThreshold",
      "LessThanThreshold",
      "LessThanOrEqualToThreshold",
    ),
    threshold: fc.integer({ min: 0, max: 3 }),
    isFine: fc.boolean(),
  })
  .map(({ isFine, ...given }) => ({ isFine, definition: definitionOf(given) }));

interface Given {
  readonly toAlarm: number | null;
  readonly statistic: string;
  readonly evaluationPeriods: number;
}

function definitionOf({ toAlarm, statistic, ...given }: Given): Omit<MetricAlarmDefinition, "alarmName"> {
  const { alarmName: _name, statistic: _sum, ...plain } = alarm();
  const read = statistic.startsWith("p50")
    ? {
        extendedStatistic: "p50",
        evaluateLowSampleCountPercentile: statistic === "p50" ? "evaluate" : "ignore",
      }
    : { statistic };
  const least = toAlarm === null ? {} : { datapointsToAlarm: Math.min(toAlarm, given.evaluationPeriods) };
  return { ...plain, ...given, ...least, ...read } as Omit<MetricAlarmDefinition, "alarmName">;
}

const RULE: fc.Arbitrary<NaiveRule> = fc.letrec<{ rule: NaiveRule }>((tie) => ({
  rule: fc.oneof(
    { maxDepth: 2 },
    fc.record({
      kind: fc.constant("state"),
      state: fc.constantFrom(...STATES),
      name: fc.constantFrom(...NAMES),
    }),
    fc.record({ kind: fc.constant("not"), rule: tie("rule") }),
    fc.record({ kind: fc.constantFrom("AND", "OR"), rules: fc.tuple(tie("rule"), tie("rule")) }),
  ),
})).rule;

const NAMED = fc.constantFrom(...NAMES);
const STEPS = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant("wait"), seconds: fc.oneof(fc.nat(40), fc.nat(1500)) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant("arrive"),
        name: NAMED,
        value: fc.nat(4),
        count: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 30 })),
        lateSeconds: fc.oneof(fc.nat(30), fc.nat(600)),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("set"), name: NAMED, state: fc.constantFrom(...STATES) }),
    },
  ),
  { minLength: 3, maxLength: 30 },
);

const CASES = fc.record({
  one: METRIC_ALARM,
  two: METRIC_ALARM,
  rule: RULE,
  telling: fc.constantFrom("nothing", "revision", "since when", "how long"),
  steps: STEPS,
});

type Case = typeof CASES extends fc.Arbitrary<infer Value> ? Value : never;

/**
 * The engine with two metric alarms and a composite on them, beside what the guide says of the same samples.
 */
class Pair {
  readonly found: string[] = [];
  readonly expected: string[] = [];
  readonly #given: Case;
  readonly #alarms: Alarms;
  readonly #store = new MetricStore();
  readonly #arrivedMs: number[] = [];
  readonly #metrics: Readonly<Record<Name, NaiveMetric>>;
  readonly #states: Record<string, AlarmState>;
  readonly #turns: Record<string, number> = {};
  #nowMs = START_MS;

  constructor(given: Case) {
    this.#given = given;
    this.#metrics = {
      one: { samples: [], isFine: given.one.isFine },
      two: { samples: [], isFine: given.two.isFine },
    };
    this.#alarms = new Alarms({
      accountId: "123456789012",
      region: "us-east-1",
      ...this.#source(given.telling),
    });
    for (const name of NAMES) this.#alarms.put(this.#definition(name), this.#nowMs);
    this.#alarms.put({ alarmName: "both", alarmRule: ruleText(given.rule) }, this.#nowMs);
    this.#states = { one: "INSUFFICIENT_DATA", two: "INSUFFICIENT_DATA" };
    this.#states.both = naiveHolds(given.rule, this.#states) ? "ALARM" : "OK";
  }

  #definition(name: Name): MetricAlarmDefinition {
    return { ...this.#given[name].definition, alarmName: name, metricName: name };
  }

  #source(telling: Case["telling"]): AlarmSource {
    const sinceWhen = telling === "since when" || telling === "how long";
    return {
      readSeries: readSeriesFrom(this.#store),
      ...(telling !== "nothing" && { revision: () => this.#arrivedMs.length }),
      ...(sinceWhen && {
        changedFromMs: (_queries, since) =>
          Math.min(Infinity, ...this.#arrivedMs.slice(Number.isNaN(since) ? 0 : since)),
      }),
      ...(telling === "how long" && { steadyForMs: steadyTimeFrom(this.#store) }),
    };
  }

  take(step: Case["steps"][number]): void {
    if (step.kind === "wait") this.#wait(step.seconds);
    else if (step.kind === "set") this.#set(step);
    else this.#arrive(step);
  }

  #wait(seconds: number): void {
    const untilMs = this.#nowMs + seconds * 1000;
    while (this.#nowMs < untilMs) {
      // Looks are not in step with the clock, as a real evaluator's are not.
      this.#nowMs = Math.min(untilMs, this.#nowMs + 7000);
      this.found.push(...this.#alarms.evaluate(this.#nowMs).map(({ current }) => this.#text(current)));
      this.#evaluate();
    }
  }

  #arrive({ name, value, count, lateSeconds }: Extract<Case["steps"][number], { kind: "arrive" }>): void {
    const { samples, isFine } = this.#metrics[name];
    const atMs = this.#nowMs - lateSeconds * 1000;
    samples.push({ atMs, value, count });
    const metric = { namespace: "Test", metricName: name, dimensions: {} };
    const data = { values: [value], counts: [count], storageResolution: isFine ? 1 : 60 } as const;
    this.#store.put({ ...metric, timestampMs: atMs, ...data });
    this.#arrivedMs.push(atMs);
  }

  #set({ name, state }: Extract<Case["steps"][number], { kind: "set" }>): void {
    const changes = this.#alarms.setState(name, { state, reason: "by hand" }, this.#nowMs);
    this.found.push(...changes.map(({ current }) => this.#text(current)));
    if (this.#change(name, state)) this.#settle();
  }

  #evaluate(): void {
    let changed = false;
    for (const name of NAMES) {
      const definition = this.#definition(name);
      const turn = Math.floor(this.#nowMs / cadenceMs(definition));
      if (turn === this.#turns[name]) continue;
      this.#turns[name] = turn;
      const state = naiveState(definition, this.#metrics[name], this.#nowMs);
      if (state !== undefined && this.#change(name, state)) changed = true;
    }
    if (changed) this.#settle();
  }

  #settle(): void {
    this.#change("both", naiveHolds(this.#given.rule, this.#states) ? "ALARM" : "OK");
  }

  #change(alarmName: string, state: AlarmState): boolean {
    if (this.#states[alarmName] === state) return false;
    this.#states[alarmName] = state;
    this.expected.push(this.#text({ alarmName, state, stateTransitionedMs: this.#nowMs }));
    return true;
  }

  #text({
    alarmName,
    state,
    stateTransitionedMs,
  }: {
    alarmName: string;
    state: AlarmState;
    stateTransitionedMs: number;
  }) {
    return `${(stateTransitionedMs - START_MS) / 1000}s ${alarmName} ${state}`;
  }
}

test("alarms change when the guide says, whatever arrives, however late, and whatever the source tells of it", () => {
  fc.assert(
    fc.property(CASES, (given) => {
      const pair = new Pair(given);
      for (const step of given.steps) pair.take(step);
      expect(pair.found).toEqual(pair.expected);
    }),
    { numRuns: 200 },
  );
});
