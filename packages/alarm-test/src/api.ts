import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import type { AlarmState } from "@wrist-agent/cloudwatch/alarm";
import { alarmNameOf } from "@wrist-agent/cloudwatch/alarm";
import type { MetricIdentity } from "@wrist-agent/cloudwatch/metric";
import { valueFault } from "@wrist-agent/cloudwatch/metrics/datum-limits";
import { alarmMetrics, metricKey, metricText } from "./alarm-metrics.ts";
import {
  DURATION_FORM,
  durationText,
  parseDuration,
  parseSeriesValues,
  type SeriesItem,
  type TestValue,
  VALUE_RANGE,
} from "./alarm-test.ts";
import { type FedSeries, filledStore, unfedMetrics } from "./fed-series.ts";
import { type ListedAlarm, listAlarms } from "./list-alarms.ts";
import { alarmDetails } from "./run-alarm-test.ts";
import { Simulation } from "./simulation.ts";
import type { Template } from "./template.ts";
import { findAlarm, type TemplateAlarm, type TemplateAlarms, type UnusableAlarm } from "./template-alarms.ts";
import { type Deployment, loadTemplateAlarms, resolvedAlarms, stackOf } from "./template-sources.ts";
import { resolveReference } from "./test-references.ts";
import { parseTemplate } from "./yaml-template.ts";

/**
 * A template: its object, whatever has `toJSON()` as the CDK's `Template.fromStack(stack)`, or the path of
 * its file.
 */
export type TemplateInput = string | object;

/** A mistake in what was asked of the package; the message says what to do instead. */
export class AlarmTestUsageError extends Error {
  override readonly name = "AlarmTestUsageError";
}

/** The alarms of one or more templates. */
export interface AlarmsOf {
  readonly alarms: readonly ListedAlarm[];
  /** Alarms that need something that only AWS knows, or that are of an unsupported kind. */
  readonly refused: readonly UnusableAlarm[];
  /** Alarms that CloudFormation would not create. */
  readonly invalid: readonly UnusableAlarm[];
  /** What the simulation runs on. */
  readonly templates: TemplateAlarms;
}

/** Reads the alarms of a template, or of several that refer to each other. */
export function alarmsOf(
  input: TemplateInput | readonly TemplateInput[],
  deployment: Deployment = {},
): AlarmsOf {
  const inputs = Array.isArray(input) ? (input as readonly TemplateInput[]) : [input];
  const sources = inputs.map((each, index) => {
    const name =
      typeof each === "string" ? basename(each).replace(/\..*$/, "") : `Stack${index === 0 ? "" : index + 1}`;
    return stackOf(templateOf(each), name, deployment);
  });
  return listed(resolvedAlarms(sources, deployment));
}

/**
 * Reads the alarms of cloud assemblies (`cdk.out`) and of template files, with whatever is nested in them:
 * all stacks of a stage, of several Regions, with the exports between them resolved.
 */
export async function loadAlarms(
  paths: string | readonly string[],
  deployment: Deployment = {},
): Promise<AlarmsOf> {
  return listed(await loadTemplateAlarms(typeof paths === "string" ? [paths] : paths, deployment));
}

function listed(templates: TemplateAlarms): AlarmsOf {
  const { alarms, refused, invalid } = listAlarms(templates);
  return { alarms, refused, invalid, templates };
}

function templateOf(input: TemplateInput): Template {
  if (typeof input === "string") return parseTemplate(templateText(input), input);
  const value: unknown =
    "toJSON" in input && typeof input.toJSON === "function" ? (input.toJSON as () => unknown)() : input;
  return parseTemplate(JSON.stringify(value), "the template");
}

function templateText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const isFolder = statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
    throw new AlarmTestUsageError(
      isFolder
        ? `${file} is a folder: read a cloud assembly with await loadAlarms(${JSON.stringify(file)})`
        : `cannot read ${file}: give the path of a template, from the working directory`,
      { cause },
    );
  }
}

/** A metric and what it is fed with. */
export interface SeriesInput {
  /** That of the only alarm metric of this name when missing. */
  readonly namespace?: TestValue;
  readonly metric: TestValue;
  /** Those of the only alarm metric of this name when missing. */
  readonly dimensions?: Readonly<Record<string, TestValue>>;
  readonly unit?: string;
  readonly region?: string;
  /** `0x4 5 _ 7*3`: as in a test file; or a list of numbers, `undefined` for no datum. */
  readonly values: string | readonly (number | undefined)[];
}

/** What is simulated. */
export interface SimulationOptions {
  readonly series: readonly SeriesInput[];
  /** Time between two values; `1m` when missing. */
  readonly interval?: string;
  /** Instant of the first values; Monday 2026-01-05T00:00:00Z when missing. */
  readonly start?: string;
  /** How long; as long as the longest series when missing. */
  readonly for?: string;
  /** States before the first evaluation; INSUFFICIENT_DATA when missing. */
  readonly initial?: Readonly<Record<string, AlarmState>>;
  readonly evaluationRange?: number;
}

/** A change of state, or a mail about one. */
export interface ChangeSeen {
  /** Since the start, as `1h30m`. */
  readonly at: string;
  readonly atMs: number;
  readonly state: AlarmState;
}

/** What the alarms made of the series. */
export interface SimulationResult {
  /** Changes of an alarm's state, in order. */
  readonly transitions: (alarm: string) => readonly ChangeSeen[];
  /** Messages about an alarm to SNS topics, in order. */
  readonly mails: (alarm: string) => readonly (ChangeSeen & { readonly subject: string })[];
  /** State after the evaluation at a time such as `9m`; at the end when missing. */
  readonly stateOf: (alarm: string, at?: string) => AlarmState;
  /** Condition, metrics, points and StateReason at the end. */
  readonly explain: (alarm: string) => string;
  /** Metrics of an alarm that no series feeds. */
  readonly unfed: (alarm: string) => readonly string[];
  readonly durationMs: number;
}

const DEFAULT_START = "2026-01-05T00:00:00Z";

/** Replays series minute by minute over the alarms of a template. */
export function simulate(input: AlarmsOf | TemplateInput, options: SimulationOptions): SimulationResult {
  const { templates } = isAlarmsOf(input) ? input : alarmsOf(input);
  return new ApiRun(templates, options).result();
}

function isAlarmsOf(input: AlarmsOf | TemplateInput): input is AlarmsOf {
  return typeof input === "object" && "templates" in input && isJsonObject(input.templates);
}

class ApiRun {
  readonly #templates: TemplateAlarms;
  readonly #series: readonly FedSeries[];
  readonly #simulation: Simulation;
  readonly #startMs: number;
  readonly #durationMs: number;
  readonly #initial: ReadonlyMap<TemplateAlarm, AlarmState>;

  constructor(templates: TemplateAlarms, options: SimulationOptions) {
    this.#templates = templates;
    this.#startMs = instantOf(options.start ?? DEFAULT_START);
    const intervalMs = durationOf(options.interval ?? "1m");
    this.#series = options.series.map((series) => this.#fed(series));
    const longest = Math.max(0, ...this.#series.map(({ items }) => items.length)) * intervalMs;
    this.#durationMs = options.for === undefined ? longest : durationOf(options.for);
    const feed = { series: this.#series, startMs: this.#startMs, intervalMs };
    const initial = Object.entries(options.initial ?? {}).map(([name, state]) => ({
      alarm: this.#found(name),
      state,
    }));
    this.#initial = new Map(initial.map(({ alarm, state }) => [alarm, state]));
    this.#simulation = new Simulation({
      alarms: templates.alarms,
      muteRules: templates.muteRules,
      store: ({ region }) => filledStore(feed, templates.alarms, region),
      startMs: this.#startMs,
      initial,
      ...(options.evaluationRange === undefined ? {} : { evaluationRange: options.evaluationRange }),
    });
  }

  result(): SimulationResult {
    const { stepMs } = this.#simulation;
    for (let atMs = stepMs; atMs <= this.#durationMs; atMs += stepMs) this.#evaluate(this.#startMs + atMs);
    const fedKeys = { series: this.#series };
    return {
      transitions: (name) => this.#seen(this.#simulation.changes, name),
      mails: (name) => this.#seen(this.#simulation.mails, name),
      stateOf: (name, at) => this.#stateOf(name, at),
      explain: (name) => alarmDetails(this.#simulation, this.#named(name), this.#startMs).join("\n"),
      unfed: (name) => unfedMetrics(fedKeys, this.#named(name)),
      durationMs: this.#durationMs,
    };
  }

  #evaluate(nowMs: number): void {
    this.#simulation.evaluate(nowMs);
    const failure = this.#simulation.failure(nowMs);
    if (failure !== undefined)
      throw new AlarmTestUsageError(`${failure.alarmName} cannot be evaluated: ${failure.message}`);
  }

  #seen<Change extends { readonly alarm: TemplateAlarm; readonly atMs: number; readonly state: AlarmState }>(
    changes: readonly Change[],
    name: string,
  ): readonly (Omit<Change, "alarm"> & ChangeSeen)[] {
    const wanted = this.#named(name);
    return changes
      .filter(({ alarm }) => alarm === wanted)
      .map(({ alarm: _alarm, ...change }) => {
        const atMs = change.atMs - this.#startMs;
        return { ...change, atMs, at: durationText(atMs) };
      });
  }

  #stateOf(name: string, at: string | undefined): AlarmState {
    const atMs = at === undefined ? Infinity : durationOf(at);
    const wanted = this.#named(name);
    const before = this.#seen(this.#simulation.changes, name).filter((change) => change.atMs <= atMs);
    return before.at(-1)?.state ?? this.#initial.get(wanted) ?? "INSUFFICIENT_DATA";
  }

  #found(name: string): TemplateAlarm {
    const found = findAlarm(this.#templates, alarmNameOf(name));
    if ("problem" in found) throw new AlarmTestUsageError(found.problem);
    return found.alarm;
  }

  /** An alarm that was created. */
  #named(name: string): TemplateAlarm {
    const alarm = this.#found(name);
    const refused = this.#simulation.invalid.find(
      ({ logicalId, stackName }) => logicalId === alarm.logicalId && stackName === alarm.stackName,
    );
    if (refused !== undefined)
      throw new AlarmTestUsageError(`${name} would not be created: ${refused.reason}`);
    return alarm;
  }

  #fed({ namespace, metric, dimensions, values, unit, region }: SeriesInput): FedSeries {
    const metricName = this.#text(metric);
    const known =
      namespace === undefined || dimensions === undefined
        ? this.#onlyMetric(metricName, namespace)
        : undefined;
    return {
      line: 1,
      metric: {
        namespace: namespace === undefined ? (known?.namespace ?? "") : this.#text(namespace),
        metricName,
        dimensions:
          dimensions === undefined
            ? (known?.dimensions ?? {})
            : Object.fromEntries(
                Object.entries(dimensions).map(([name, value]) => [name, this.#text(value)]),
              ),
      },
      items: itemsOf(values),
      ...(unit === undefined ? {} : { unit }),
      ...(region === undefined ? {} : { region }),
    };
  }

  /** The one metric of this name that an alarm reads. */
  #onlyMetric(metricName: string, namespace: TestValue | undefined): MetricIdentity {
    const wanted = namespace === undefined ? undefined : this.#text(namespace);
    const read = this.#templates.alarms.flatMap(({ definition }) =>
      alarmMetrics(definition).map(({ metric }) => metric),
    );
    const named = read.filter(
      (each) => each.metricName === metricName && (wanted === undefined || each.namespace === wanted),
    );
    const [only, ...others] = [...new Map(named.map((each) => [metricKey(each), each])).values()];
    if (only === undefined)
      throw new AlarmTestUsageError(
        `no alarm reads a metric named "${metricName}": name one that an alarm reads`,
      );
    if (others.length === 0) return only;
    const texts = [only, ...others].map(metricText);
    throw new AlarmTestUsageError(`alarms read ${texts.join(" and ")}: give namespace and dimensions`);
  }

  #text(value: TestValue): string {
    const found = resolveReference(this.#templates, value);
    if ("text" in found) return found.text;
    throw new AlarmTestUsageError(found.problem);
  }
}

function itemsOf(values: SeriesInput["values"]): readonly SeriesItem[] {
  if (typeof values !== "string") {
    const bad = values.find((value) => value !== undefined && valueFault(value) !== undefined);
    if (bad !== undefined) throw new AlarmTestUsageError(`values holds ${bad}: ${VALUE_RANGE}`);
    return values.map((value) => (value === undefined ? undefined : { value, samples: 1 }));
  }
  const items = parseSeriesValues(values);
  if ("bad" in items)
    throw new AlarmTestUsageError(
      `"${items.bad}" is no item of values: write 5, _, 5*3, 5x4 or 1+2x4, ${VALUE_RANGE}`,
    );
  return items;
}

/** Reads a time such as `5m`. */
export function durationOf(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new AlarmTestUsageError(`"${text}" is no time: write ${DURATION_FORM}`);
  return ms;
}

function instantOf(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms) || ms % 60_000 !== 0)
    throw new AlarmTestUsageError(`start must be a full minute like ${DEFAULT_START}`);
  return ms;
}
