import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import {
  blockedUntilMs,
  type BreakerOrder,
  type BreakerReport,
  type BreakerState,
} from "../contract/breaker.ts";

/** What a breaker belongs to. */
interface BreakerFacts {
  readonly alarmArn: string;
  readonly timeZone: string;
  readonly dailySpendUsd: number;
}

/** Everything the breaker's function needs from outside. */
export interface BreakerPorts {
  readonly facts: BreakerFacts;
  /** `undefined` when nobody wrote one, or what is written is none. */
  readonly readState: () => Promise<BreakerState | undefined>;
  readonly writeState: (state: BreakerState) => Promise<void>;
  /** Dollars for the model between two instants, epoch milliseconds. */
  readonly spentUsd: (fromMs: number, toMs: number) => Promise<number>;
  readonly log: (message: string, details: Readonly<Record<string, unknown>>) => void;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** What is known when an order arrives. */
interface BreakerSituation {
  readonly state: BreakerState | undefined;
  readonly day: CalendarDay;
  readonly nowMs: number;
  /** Missing when CloudWatch could not be asked. */
  readonly spentUsd?: number;
}

/** What to write, if anything, and how to report it. */
interface Decision {
  readonly did: string;
  readonly next?: BreakerState;
}

/**
 * The Lambda handler over its ports, for the alarm, the schedule and the operator.
 *
 * The alarm sums the last 24 hours, the breaker judges the calendar day: after midnight the sum is still high
 * from the day before, so that the alarm neither clears nor goes off again. Hence the schedule, which looks
 * at the new day itself.
 */
export function createBreaker(ports: BreakerPorts): (event: unknown) => Promise<BreakerReport> {
  return async (event) => {
    const order = readBreakerEvent(event);
    const known = await presentSituation(ports);
    const { next, did } = decide(order, known, ports.facts);
    if (next !== undefined) await ports.writeState(next);
    const report = reportOf({ ...known, state: next ?? known.state }, did, ports.facts);
    ports.log("breaker", { order: order.order, ...report });
    return report;
  };
}

async function presentSituation({
  readState,
  spentUsd,
  now,
  facts,
  log,
}: BreakerPorts): Promise<BreakerSituation> {
  const nowMs = now();
  const day = calendarDay(nowMs, facts.timeZone);
  const state = await readState();
  try {
    return { state, day, nowMs, spentUsd: await spentUsd(day.startMs, nowMs) };
  } catch (error) {
    log("the day's cost could not be read", { error: error instanceof Error ? error.name : "unknown" });
    return { state, day, nowMs };
  }
}

function decide(order: AlarmEvent | BreakerOrder, known: BreakerSituation, facts: BreakerFacts): Decision {
  switch (order.order) {
    case "alarm":
      return onAlarm(order, known, facts);
    case "watch":
      return judge("watch", known, facts);
    case "status":
      return { did: "looked" };
    case "open":
      return openedBy(order.until, known);
    case "close":
      return {
        did: "closed; nothing opens it before the next midnight",
        next: { ...stateWrittenBy("operator", known), closedUntil: iso(known.day.endMs) },
      };
  }
}

/**
 * Only the alarm that the stack named may open the breaker, and its recovery does not close it: the day's
 * money is still spent.
 */
function onAlarm({ alarmArn, state }: AlarmEvent, known: BreakerSituation, facts: BreakerFacts): Decision {
  if (alarmArn !== facts.alarmArn)
    throw new Error(`alarm ${alarmArn} does not open this breaker; ${facts.alarmArn} does`);
  return state === "ALARM"
    ? judge("alarm", known, facts)
    : { did: `nothing: the alarm is ${state}, and the breaker closes by itself` };
}

/**
 * Opens until the next midnight once the day has cost its limit; an alarm is believed where nobody can look.
 */
function judge(by: "alarm" | "watch", known: BreakerSituation, { dailySpendUsd }: BreakerFacts): Decision {
  const { state, day, nowMs, spentUsd } = known;
  if (Date.parse(state?.closedUntil ?? "") > nowMs)
    return { did: `nothing: the operator closed it until ${state?.closedUntil ?? ""}` };
  if (spentUsd === undefined && by === "watch")
    throw new Error("the day's cost could not be read, so nobody watches the limit");
  if (spentUsd !== undefined && spentUsd < dailySpendUsd)
    return { did: `nothing: the day has cost ${usd(spentUsd)} of ${usd(dailySpendUsd)}` };
  if (state !== undefined && blockedUntilMs(state) >= day.endMs)
    return { did: `nothing: it is open until ${state.openUntil ?? ""}` };
  return { did: "opened", next: { ...stateWrittenBy(by, known), openUntil: iso(day.endMs) } };
}

function openedBy(until: string | undefined, known: BreakerSituation): Decision {
  const untilMs = until === undefined ? known.day.endMs : Date.parse(until);
  if (!(untilMs > known.nowMs))
    throw new Error(
      `"${until ?? ""}" is no instant ahead: give one such as ${iso(known.day.endMs)}, or none for midnight`,
    );
  return { did: "opened", next: { ...stateWrittenBy("operator", known), openUntil: iso(untilMs) } };
}

function stateWrittenBy(by: BreakerState["by"], { nowMs, spentUsd }: BreakerSituation) {
  return { by, since: iso(nowMs), ...(spentUsd === undefined ? {} : { spentUsd }) };
}

function reportOf(
  known: BreakerSituation,
  did: string,
  { dailySpendUsd, timeZone }: BreakerFacts,
): BreakerReport {
  const { state, nowMs, spentUsd } = known;
  return {
    isOpen: state !== undefined && blockedUntilMs(state) > nowMs,
    ...(state === undefined ? {} : { state }),
    ...(spentUsd === undefined ? {} : { spentUsd }),
    dailySpendUsd,
    timeZone,
    did,
  };
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}

function usd(amount: number): string {
  return `${amount.toFixed(4).replace(/\.?0+$/, "")} USD`;
}

/**
 * What CloudWatch sends to a Lambda action:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions.html
 */
interface AlarmEvent {
  readonly order: "alarm";
  readonly alarmArn: string;
  /** `OK`, `ALARM` or `INSUFFICIENT_DATA`. */
  readonly state: string;
}

/** Tells an alarm, the schedule and the operator apart; anything else is a mistake that is thrown back. */
function readBreakerEvent(event: unknown): AlarmEvent | BreakerOrder {
  const { source, alarmArn, alarmData, order, until } = membersOf(event);
  if (source === "aws.cloudwatch") {
    const state = membersOf(membersOf(alarmData).state).value;
    return { order: "alarm", alarmArn: stringOrEmpty(alarmArn), state: stringOrEmpty(state) };
  }
  if (order === "watch" || order === "status" || order === "close") return { order };
  if (order === "open") return typeof until === "string" ? { order, until } : { order };
  throw new Error('the event is no order: send {"order":"status"}, {"order":"open"} or {"order":"close"}');
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return isJsonObject(value) ? value : {};
}

function stringOrEmpty(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A day of a time zone, in epoch milliseconds: from its midnight to the next one. */
interface CalendarDay {
  readonly startMs: number;
  readonly endMs: number;
}

/** Every offset of a time zone is a multiple of it, so that every midnight lies on one. */
const STEP_MS = 15 * 60_000;

/**
 * The day that an instant belongs to; where a clock change leaves no midnight, the day begins with its first
 * instant.
 */
export function calendarDay(nowMs: number, timeZone: string): CalendarDay {
  const format = new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" });
  const today = format.format(nowMs);
  const isToday = (atMs: number): boolean => format.format(atMs) === today;
  const stepMs = Math.floor(nowMs / STEP_MS) * STEP_MS;
  let startMs = stepMs;
  while (isToday(startMs - STEP_MS)) startMs -= STEP_MS;
  let endMs = stepMs + STEP_MS;
  while (isToday(endMs)) endMs += STEP_MS;
  return { startMs, endMs };
}
