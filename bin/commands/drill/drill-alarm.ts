import { errorMessage, Failure } from "../../cli/failure.ts";
import type {
  AlarmHistoryEntry,
  DrilledAction,
  DrilledAlarm,
  DrillPorts,
  DrillRecord,
} from "./drill-record.ts";

/** An action runs within seconds; one that has not run within this time is not coming. */
const ACTION_LIMIT_MS = 90_000;
const POLL_MS = 2_000;

/** What stands in the mail, so that nobody takes it for an outage. */
function drillReason(id: string): string {
  return `Drill ${id}: set by hand to see who is notified. Nothing is wrong.`;
}

/**
 * Forces one alarm, follows its actions, puts its state back and asks for the mail; the record says how far
 * it came.
 *
 * The state is put back before anybody is asked, as people take their time, and also where the drill fails or
 * is interrupted.
 */
export async function drillAlarm(ports: DrillPorts, alarm: DrilledAlarm): Promise<DrillRecord> {
  refuseUndrillable(alarm);
  const { cloudWatch, records, now, signal } = ports;
  const startedMs = now();
  let record: DrillRecord = {
    id: ports.newId(),
    alarm: alarm.name,
    region: alarm.region,
    kind: "forced",
    startedAt: new Date(startedMs).toISOString(),
    stateBefore: alarm.state,
    actions: [],
    mail: { state: "nobody was asked" },
  };
  // Before the alarm is touched: a drill that is killed from here on is found by the next one.
  await records.put(record);
  try {
    await cloudWatch.setState(alarm, "ALARM", drillReason(record.id));
    record = { ...record, isForced: true };
    ports.say(`${alarm.name} is forced into ALARM`);
    record = { ...record, actions: await followActions(ports, alarm, startedMs) };
    record = await putBack(ports, record);
    if (!signal.aborted) record = { ...record, mail: await ports.askForMail(alarm.name, startedMs) };
  } catch (error) {
    await putBackAfter(ports, record, error);
    throw error;
  }
  const stopped = signal.aborted ? stoppingPlace(record) : undefined;
  record = { ...record, endedAt: new Date(now()).toISOString(), ...(stopped !== undefined && { stopped }) };
  await records.put(record);
  return record;
}

function stoppingPlace({ actions }: DrillRecord): string {
  return actions.length === 0
    ? "interrupted before an action ran"
    : "interrupted before the mail was looked for";
}

function refuseUndrillable({ name, state, actions }: DrilledAlarm): void {
  if (state === "ALARM")
    throw new Failure(
      `${name} is in ALARM already, and not for a drill: npm run cli -- alarms says since when`,
    );
  if (actions.length === 0)
    throw new Failure(`${name} notifies nobody by itself: it has no action, or its actions are disabled`);
}

/**
 * The alarm's actions as its history shows them, until all have run, the time is over or the drill is
 * interrupted.
 */
async function followActions(
  { cloudWatch, now, wait, signal }: DrillPorts,
  alarm: DrilledAlarm,
  startedMs: number,
): Promise<readonly DrilledAction[]> {
  for (;;) {
    const found = actionsIn(await cloudWatch.historySince(alarm, startedMs), alarm.actions, startedMs);
    const isOver = found.length === alarm.actions.length || now() - startedMs >= ACTION_LIMIT_MS;
    if (isOver || signal.aborted) return found;
    await wait(POLL_MS, signal);
  }
}

/** The first run of each action; summaries are those of DescribeAlarmHistory. */
export function actionsIn(
  history: readonly AlarmHistoryEntry[],
  arns: readonly string[],
  startedMs: number,
): readonly DrilledAction[] {
  return arns.flatMap((arn) => {
    const run = history.find(({ type, summary }) => type === "Action" && summary.includes(arn));
    if (run === undefined) return [];
    const afterMs = Math.max(0, run.atMs - startedMs);
    return [{ arn, afterMs, isExecuted: run.summary.startsWith("Successfully") }];
  });
}

/**
 * Puts the state back where it is still the drill's: CloudWatch evaluates a metric alarm again within a
 * minute or so, and what it finds then is the truth; a composite stays as it was set until one of its parts
 * changes.
 */
export async function putBack(
  { cloudWatch, records }: DrillPorts,
  record: DrillRecord,
): Promise<DrillRecord> {
  const alarm = { name: record.alarm, region: record.region };
  const found = await cloudWatch.alarm(alarm);
  const done = async (putBackBy: string): Promise<DrillRecord> => {
    const next = { ...record, putBack: putBackBy };
    await records.put(next);
    return next;
  };
  if (found === undefined) return done("the alarm is gone");
  if (found.state !== "ALARM")
    return done(record.isForced ? "CloudWatch evaluated it again" : "it is not in ALARM");
  if (!found.stateReason.includes(record.id)) return done("it is in ALARM for a reason of its own");
  await cloudWatch.setState(alarm, record.stateBefore, `Drill ${record.id} is over.`);
  return done("the drill");
}

/**
 * Puts back what a failed drill may have set; where that fails too, the next drill finds the record and tries
 * again.
 */
async function putBackAfter(ports: DrillPorts, record: DrillRecord, cause: unknown): Promise<void> {
  const stopped = `failed: ${errorMessage(cause)}`;
  try {
    const back = record.putBack === undefined ? await putBack(ports, record) : record;
    await ports.records.put({ ...back, stopped, endedAt: new Date(ports.now()).toISOString() });
  } catch (error) {
    ports.say(
      `whether ${record.alarm} is still forced could not be found out (${errorMessage(error)}): the next drill looks again`,
    );
  }
}

/** Puts back what drills that were killed have left; gives a line for each. */
export async function finishKilledDrills(ports: DrillPorts): Promise<readonly string[]> {
  const killed = (await ports.records.all()).filter(({ endedAt }) => endedAt === undefined);
  const lines: string[] = [];
  for (const record of killed) {
    const back = record.kind === "forced" ? await putBack(ports, record) : record;
    await ports.records.put({
      ...back,
      stopped: "the process was killed",
      endedAt: new Date(ports.now()).toISOString(),
    });
    lines.push(killedText(back));
  }
  return lines;
}

function killedText({ alarm, kind, startedAt, putBack: by }: DrillRecord): string {
  const before = `the drill of ${startedAt} was interrupted`;
  if (kind === "real") return `${before}: its fault has ended or ends by itself`;
  return by === "the drill"
    ? `${before}: ${alarm} was still forced and is put back now`
    : `${before}; ${alarm}: ${by ?? ""}`;
}
