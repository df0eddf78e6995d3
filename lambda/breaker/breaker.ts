import {
  heldUntilMs,
  type BreakerOrder,
  type BreakerReport,
  type BreakerState,
} from "../contract/breaker.ts";
import { dayOf, type Day } from "./day.ts";
import { orderOf, type AlarmEvent } from "./order.ts";

/** What a breaker belongs to. */
export interface BreakerFacts {
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
interface Known {
  readonly state: BreakerState | undefined;
  readonly day: Day;
  readonly nowMs: number;
  /** Missing when CloudWatch could not be asked. */
  readonly spentUsd?: number;
}

/** What to write, if anything, and how to tell it. */
interface Decision {
  readonly did: string;
  readonly next?: BreakerState;
}

/**
 * The Lambda handler over its ports, for the alarm, the schedule and the operator.
 *
 * The alarm sums the last 24 hours, the breaker judges the calendar day: after midnight the sum is still high from the
 * day before, so that the alarm neither clears nor goes off anew. Hence the schedule, which looks at the new day itself.
 */
export function createBreaker(ports: BreakerPorts): (event: unknown) => Promise<BreakerReport> {
  return async (event) => {
    const order = orderOf(event);
    const known = await knownNow(ports);
    const { next, did } = decide(order, known, ports.facts);
    if (next !== undefined) await ports.writeState(next);
    const report = reportOf({ ...known, state: next ?? known.state }, did, ports.facts);
    ports.log("breaker", { order: order.order, ...report });
    return report;
  };
}

async function knownNow({ readState, spentUsd, now, facts, log }: BreakerPorts): Promise<Known> {
  const nowMs = now();
  const day = dayOf(nowMs, facts.timeZone);
  const state = await readState();
  try {
    return { state, day, nowMs, spentUsd: await spentUsd(day.startMs, nowMs) };
  } catch (error) {
    log("the day's cost could not be read", { error: error instanceof Error ? error.name : "unknown" });
    return { state, day, nowMs };
  }
}

function decide(order: AlarmEvent | BreakerOrder, known: Known, facts: BreakerFacts): Decision {
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
        next: { ...written("operator", known), closedUntil: iso(known.day.endMs) },
      };
  }
}

/** Only the alarm that the stack named may open the breaker, and its recovery does not close it: the day's money is still spent. */
function onAlarm({ alarmArn, state }: AlarmEvent, known: Known, facts: BreakerFacts): Decision {
  if (alarmArn !== facts.alarmArn)
    throw new Error(`alarm ${alarmArn} does not open this breaker; ${facts.alarmArn} does`);
  return state === "ALARM"
    ? judge("alarm", known, facts)
    : { did: `nothing: the alarm is ${state}, and the breaker closes by itself` };
}

/** Opens until the next midnight once the day has cost its limit; an alarm is believed where nobody can look. */
function judge(by: "alarm" | "watch", known: Known, { dailySpendUsd }: BreakerFacts): Decision {
  const { state, day, nowMs, spentUsd } = known;
  if (Date.parse(state?.closedUntil ?? "") > nowMs)
    return { did: `nothing: the operator closed it until ${state?.closedUntil ?? ""}` };
  if (spentUsd === undefined && by === "watch")
    throw new Error("the day's cost could not be read, so nobody watches the limit");
  if (spentUsd !== undefined && spentUsd < dailySpendUsd)
    return { did: `nothing: the day has cost ${usd(spentUsd)} of ${usd(dailySpendUsd)}` };
  if (state !== undefined && heldUntilMs(state) >= day.endMs)
    return { did: `nothing: it is open until ${state.openUntil ?? ""}` };
  return { did: "opened", next: { ...written(by, known), openUntil: iso(day.endMs) } };
}

function openedBy(until: string | undefined, known: Known): Decision {
  const untilMs = until === undefined ? known.day.endMs : Date.parse(until);
  if (!(untilMs > known.nowMs))
    throw new Error(
      `"${until ?? ""}" is no instant ahead: give one such as ${iso(known.day.endMs)}, or none for midnight`,
    );
  return { did: "opened", next: { ...written("operator", known), openUntil: iso(untilMs) } };
}

function written(by: BreakerState["by"], { nowMs, spentUsd }: Known) {
  return { by, since: iso(nowMs), ...(spentUsd === undefined ? {} : { spentUsd }) };
}

function reportOf(known: Known, did: string, { dailySpendUsd, timeZone }: BreakerFacts): BreakerReport {
  const { state, nowMs, spentUsd } = known;
  return {
    isOpen: state !== undefined && heldUntilMs(state) > nowMs,
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
