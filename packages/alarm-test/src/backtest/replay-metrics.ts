import type { AlarmState } from "@wrist-agent/cloudwatch/alarm";
import { alarmCondition } from "@wrist-agent/cloudwatch/alarms/alarm-plan";
import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import { parseDocument } from "yaml";
import { alarmMetrics, metricText } from "../alarm-metrics.ts";
import { type SentMail, Simulation, type StateChange } from "../simulation.ts";
import type { TemplateAlarm, TemplateAlarms } from "../template-alarms.ts";
import { AssemblyError } from "../template.ts";
import type { Replayable } from "./metric-requests.ts";
import { type RecordedMetrics, RecordedStore } from "./recorded-metrics.ts";

/** A time in ALARM, epoch milliseconds. */
export interface AlarmSpan {
  readonly fromMs: number;
  /** The end of the replay when the alarm was still raised. */
  readonly toMs: number;
}

/** What one alarm would have done. */
export interface AlarmBacktest {
  readonly alarmName: string;
  readonly logicalId: string;
  readonly stackName: string;
  readonly region: string;
  readonly condition: string;
  readonly metrics: readonly string[];
  /** Missing where it cannot be replayed. */
  readonly replayedFromMs?: number;
  /** Why it is not replayed, or not from the start. */
  readonly reason?: string;
  readonly spans: readonly AlarmSpan[];
  readonly alarmMs: number;
  /** Messages to SNS topics. */
  readonly mails: readonly { readonly atMs: number; readonly state: AlarmState; readonly subject: string }[];
  /** What really happened; missing where the alarm has no history. */
  readonly happened?: readonly AlarmSpan[];
}

/** Which alarms would have found an incident, and after how long; which of their alarms belong to none. */
export interface IncidentResult {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly found: readonly { readonly alarmName: string; readonly afterMs: number }[];
}

/** What alarms would have done over recorded metrics. */
export interface BacktestResult {
  readonly fromMs: number;
  readonly toMs: number;
  readonly alarms: readonly AlarmBacktest[];
  readonly incidents: readonly IncidentResult[];
  /** Times in ALARM that belong to no incident; empty where no incidents were given. */
  readonly falsePositives: readonly (AlarmSpan & { readonly alarmName: string })[];
  /** Alarms that did not run, and why. */
  readonly notes: readonly string[];
}

/** What is replayed. */
export interface Replay {
  readonly templates: TemplateAlarms;
  readonly replayable: readonly Replayable[];
  readonly recorded: RecordedMetrics;
  readonly incidents: readonly Incident[];
}

const MINUTE_MS = 60_000;

/** Replays alarms minute by minute over recorded metrics. */
export function replayMetrics({ templates, replayable, recorded, incidents }: Replay): BacktestResult {
  const running = replayable.flatMap(({ alarm, fromMs }) => (fromMs === undefined ? [] : [alarm]));
  const { fromMs, toMs } = recorded;
  const simulation = new Simulation({
    alarms: running,
    muteRules: templates.muteRules,
    store: ({ region }) => new RecordedStore(recorded.series, region),
    startMs: fromMs,
  });
  for (let nowMs = fromMs + MINUTE_MS; nowMs <= toMs; nowMs += MINUTE_MS) simulation.evaluate(nowMs);
  const [changes, mails] = [byAlarm(simulation.changes), byAlarm(simulation.mails)];
  const alarms = replayable.map((each) =>
    alarmBacktest(
      each,
      { changes: changes.get(each.alarm) ?? [], mails: mails.get(each.alarm) ?? [] },
      recorded,
    ),
  );
  return {
    fromMs,
    toMs,
    alarms,
    incidents: incidents.map((incident) => incidentResult(incident, alarms)),
    falsePositives: incidents.length === 0 ? [] : falsePositives(alarms, incidents),
    notes: notesOf(templates, simulation),
  };
}

function byAlarm<Item extends { readonly alarm: TemplateAlarm }>(
  items: readonly Item[],
): ReadonlyMap<TemplateAlarm, readonly Item[]> {
  const groups = new Map<TemplateAlarm, Item[]>();
  for (const item of items) {
    const group = groups.get(item.alarm);
    if (group === undefined) groups.set(item.alarm, [item]);
    else group.push(item);
  }
  return groups;
}

/** What a replay did with one alarm. */
interface Replayed {
  readonly changes: readonly StateChange[];
  readonly mails: readonly SentMail[];
}

function alarmBacktest(
  { alarm, fromMs, reason }: Replayable,
  { changes, mails }: Replayed,
  recorded: RecordedMetrics,
): AlarmBacktest {
  const { definition, logicalId, stackName, region } = alarm;
  const spans = spansOf(changes, recorded.toMs).flatMap((span) => afterStart(span, fromMs));
  const happened = happenedTo(alarm, recorded);
  return {
    alarmName: definition.alarmName,
    logicalId,
    stackName,
    region,
    condition: alarmCondition(definition),
    metrics: alarmMetrics(definition).map(({ metric }) => metricText(metric)),
    ...(fromMs === undefined ? {} : { replayedFromMs: fromMs }),
    ...(reason === undefined ? {} : { reason }),
    spans,
    alarmMs: spans.reduce((sum, span) => sum + span.toMs - span.fromMs, 0),
    mails: mails
      .filter((mail) => mail.atMs >= (fromMs ?? Infinity))
      .map(({ atMs, state, subject }) => ({ atMs, state, subject })),
    ...(happened === undefined ? {} : { happened }),
  };
}

/** What lies before the points that an alarm needs is not its own doing. */
function afterStart(span: AlarmSpan, fromMs = Infinity): readonly AlarmSpan[] {
  return span.toMs <= fromMs ? [] : [{ fromMs: Math.max(span.fromMs, fromMs), toMs: span.toMs }];
}

function happenedTo(
  { definition, region }: TemplateAlarm,
  { history, fromMs, toMs }: RecordedMetrics,
): readonly AlarmSpan[] | undefined {
  const own = history
    .filter((change) => change.alarmName === definition.alarmName && change.region === region)
    .sort((a, b) => a.atMs - b.atMs);
  const [first] = own;
  if (first === undefined) return undefined;
  // An alarm that was raised before the range has its end in it alone.
  const before = first.from === "ALARM" ? [{ atMs: fromMs, state: first.from }] : [];
  return spansOf([...before, ...own], toMs);
}

function spansOf(
  changes: readonly { readonly atMs: number; readonly state: string }[],
  endMs: number,
): readonly AlarmSpan[] {
  return changes.flatMap(({ atMs, state }, index) =>
    state === "ALARM" ? [{ fromMs: atMs, toMs: changes[index + 1]?.atMs ?? endMs }] : [],
  );
}

function incidentResult(incident: Incident, alarms: readonly AlarmBacktest[]): IncidentResult {
  const found = alarms.flatMap(({ alarmName, spans }) => {
    const first = spans.find((span) => isWithin(span, incident));
    return first === undefined ? [] : [{ alarmName, afterMs: Math.max(0, first.fromMs - incident.fromMs) }];
  });
  return { ...incident, found: found.sort((a, b) => a.afterMs - b.afterMs) };
}

function isWithin(span: AlarmSpan, { fromMs, toMs }: AlarmSpan): boolean {
  return span.fromMs < toMs && span.toMs > fromMs;
}

function falsePositives(
  alarms: readonly AlarmBacktest[],
  incidents: readonly Incident[],
): BacktestResult["falsePositives"] {
  return alarms.flatMap(({ alarmName, spans }) =>
    spans
      .filter((span) => !incidents.some((incident) => isWithin(span, incident)))
      .map((span) => ({ ...span, alarmName })),
  );
}

function notesOf(
  { refused, invalid, absent, notices }: TemplateAlarms,
  simulation: Simulation,
): readonly string[] {
  const text =
    (words: string) =>
    (each: { readonly logicalId: string; readonly stackName: string; readonly reason: string }) =>
      `${each.logicalId} of ${each.stackName} ${words}: ${each.reason}`;
  const failure = simulation.failure(0);
  return [
    ...(failure === undefined ? [] : [`${failure.alarmName} cannot be evaluated: ${failure.message}`]),
    ...[...invalid, ...simulation.invalid].map(text("would not be created")),
    ...refused.map(text("cannot run")),
    ...absent.map(text("is not created")),
    ...notices,
  ];
}

/** Something that happened, epoch milliseconds. */
export interface Incident {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Reads a list of `{ name, from, to }` in YAML or JSON. */
export function parseIncidents(text: string, origin: string): readonly Incident[] {
  const document = parseDocument(text, { logLevel: "silent" });
  const [error] = document.errors;
  if (error !== undefined)
    throw new AssemblyError(`${origin} is not YAML: ${error.message.split("\n")[0] ?? ""}`, { cause: error });
  const value: unknown = document.toJS();
  if (!Array.isArray(value)) throw new AssemblyError(`${origin} must be a list of { name, from, to }`);
  return value.map((entry, index) => incident(entry, `${origin}: incident ${index + 1}`));
}

function incident(entry: unknown, place: string): Incident {
  if (!isJsonObject(entry) || typeof entry.name !== "string")
    throw new AssemblyError(`${place} needs name, from and to`);
  const [fromMs, toMs] = [instant(entry.from, `${place}: from`), instant(entry.to, `${place}: to`)];
  if (toMs <= fromMs) throw new AssemblyError(`${place} ends before it begins: to must be after from`);
  return { name: entry.name, fromMs, toMs };
}

function instant(value: unknown, place: string): number {
  const ms = typeof value === "string" ? Date.parse(value) : NaN;
  if (Number.isNaN(ms))
    throw new AssemblyError(`${place} is ${JSON.stringify(value)}: give a time like 2026-01-05T10:00:00Z`);
  return ms;
}
