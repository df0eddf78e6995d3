import type { Fault } from "../../../local/server/wire.ts";
import { errorMessage, Failure } from "../../cli/failure.ts";
import { readPage, runningSystem } from "../../cli/running-system.ts";
import type { AskOperator } from "../../cli/terminal.ts";
import type { AskForMail, DrilledAlarm, DrilledMail, DrillPorts, DrillRecord } from "./drill-record.ts";

/** The laptop, as far as a real drill needs it. */
export interface RealDrillPorts extends Omit<DrillPorts, "askForMail"> {
  /** The fault that is on now. */
  readonly fault: () => Promise<Fault["kind"]>;
  /** Switches a fault on; it ends by itself after `minutes`, so that a killed drill leaves none. */
  readonly begin: (kind: Fault["kind"], minutes: number) => Promise<void>;
  readonly end: () => Promise<void>;
  /** One question, as a user asks it; gives the status. */
  readonly ask: () => Promise<number>;
  /** Mails of alarms that came at `sinceMs` or later, oldest first. */
  readonly alarmMails: (sinceMs: number) => Promise<readonly AlarmMail[]>;
}

/** A mail that an alarm caused. */
interface AlarmMail {
  readonly alarmName: string;
  readonly subject: string;
  readonly atMs: number;
  /** Last part of its topic's ARN. */
  readonly topic: string;
}

/** What a real drill looks for. */
export interface RealDrill {
  readonly kind: Fault["kind"];
  /** The topic of pages: a ticket counts hours and days, and neither comes nor ends within a drill. */
  readonly pageTopic: string;
  /** The alarm whose mail is waited for; the first page when missing. */
  readonly alarmName?: string;
}

/** What a real drill measured. */
export interface RealDrillResult {
  readonly record: DrillRecord;
  /** From the fault to the first answer that failed; missing where none did. */
  readonly failedAfterMs?: number;
}

const FAULT_MINUTES = 30;
const MINUTE_MS = 60_000;
/** As often as somebody who wants an answer tries again. */
const ASK_EVERY_MS = 20_000;
/** `failing-now` waits for a quarter of an hour without a failure, on metrics that come late. */
const OK_LIMIT_MS = 40 * MINUTE_MS;

/**
 * A fault of the stand-in, the questions of a user, and how long it takes until the mail comes: of the alarm,
 * and of its end.
 */
export async function realDrill(ports: RealDrillPorts, drill: RealDrill): Promise<RealDrillResult> {
  await refuseUnfit(ports, drill);
  const startedMs = ports.now();
  let record: DrillRecord = {
    id: ports.newId(),
    alarm: drill.alarmName ?? `any page, by ${drill.kind}`,
    region: "",
    kind: "real",
    startedAt: new Date(startedMs).toISOString(),
    stateBefore: "OK",
    actions: [],
    mail: { state: "nobody was asked" },
  };
  await ports.records.put(record);
  let failedAfterMs: number | undefined;
  try {
    await ports.begin(drill.kind, FAULT_MINUTES);
    ports.say(`the fault ${drill.kind} is on; asking every ${ASK_EVERY_MS / 1000} s until a mail comes`);
    const raised = await askUntil(ports, startedMs + FAULT_MINUTES * MINUTE_MS, {
      answered: (status) => {
        if (status >= 400) failedAfterMs ??= ports.now() - startedMs;
      },
      isOver: async () => (await alarmMail(ports, drill, startedMs)) !== undefined,
    });
    const mail = await alarmMail(ports, drill, startedMs);
    record = {
      ...record,
      ...(mail !== undefined && { alarm: mail.alarmName }),
      mail:
        raised && mail ? { state: "arrived", afterMs: mail.atMs - startedMs } : { state: "did not arrive" },
    };
  } catch (error) {
    record = { ...record, stopped: `failed: ${errorMessage(error)}` };
    throw error;
  } finally {
    await ports.end();
    if (ports.signal.aborted) record = { ...record, stopped: "interrupted while the fault was on" };
    await ports.records.put({
      ...record,
      putBack: "the fault is off",
      endedAt: new Date(ports.now()).toISOString(),
    });
  }
  const result = { ...(failedAfterMs !== undefined && { failedAfterMs }) };
  if (ports.signal.aborted || record.mail.state !== "arrived") return { record, ...result };
  return { record: await waitForOk(ports, record), ...result };
}

async function refuseUnfit(
  { fault, cloudWatch }: RealDrillPorts,
  { alarmName, pageTopic }: RealDrill,
): Promise<void> {
  const kind = await fault();
  if (kind !== "off")
    throw new Failure(
      `the fault ${kind} is on already: npm run cli -- fault off, then wait until the alarms are OK`,
    );
  const raised = (await cloudWatch.alarms()).filter(({ state }) => state === "ALARM");
  const inTheWay = raised.find(({ name, actions }: DrilledAlarm) =>
    alarmName === undefined ? actions.some((arn) => arn.endsWith(`:${pageTopic}`)) : name === alarmName,
  );
  if (inTheWay !== undefined)
    throw new Failure(
      `${inTheWay.name} is in ALARM already: its mail would not come again; wait until it is OK`,
    );
}

async function alarmMail(
  { alarmMails }: RealDrillPorts,
  { alarmName, pageTopic }: RealDrill,
  sinceMs: number,
): Promise<AlarmMail | undefined> {
  const mails = await alarmMails(sinceMs);
  const isWanted = (mail: AlarmMail): boolean =>
    alarmName === undefined ? mail.topic === pageTopic : mail.alarmName === alarmName;
  return mails.find((mail) => mail.subject.startsWith("ALARM") && isWanted(mail));
}

interface Until {
  readonly answered?: (status: number) => void;
  readonly isOver: () => Promise<boolean>;
}

/** Asks as a user does until it is over, the time is up, or the drill is interrupted; whether it was over. */
async function askUntil(ports: RealDrillPorts, limitMs: number, until: Until): Promise<boolean> {
  while (ports.now() < limitMs && !ports.signal.aborted) {
    const status = await ports.ask();
    until.answered?.(status);
    await ports.wait(ASK_EVERY_MS, ports.signal);
    if (await until.isOver()) return true;
  }
  return false;
}

/** The other half: the fault is off, people's questions succeed, and the mail says so. */
async function waitForOk(ports: RealDrillPorts, record: DrillRecord): Promise<DrillRecord> {
  const endedMs = ports.now();
  ports.say("the fault is off; asking until the mail says OK");
  const isOver = async (): Promise<boolean> => (await okMail(ports, record.alarm, endedMs)) !== undefined;
  await askUntil(ports, endedMs + OK_LIMIT_MS, { isOver });
  const mail = await okMail(ports, record.alarm, endedMs);
  const next: DrillRecord = {
    ...record,
    putBack: "the fault is off",
    endedAt: new Date(ports.now()).toISOString(),
    ...(mail !== undefined && { okAfterMs: mail.atMs - endedMs }),
    ...(mail === undefined && { stopped: ports.signal.aborted ? "interrupted before the OK" : "no OK came" }),
  };
  await ports.records.put(next);
  return next;
}

async function okMail(
  { alarmMails }: RealDrillPorts,
  alarmName: string,
  sinceMs: number,
): Promise<AlarmMail | undefined> {
  return (await alarmMails(sinceMs)).find(
    (mail) => mail.subject.startsWith("OK") && mail.alarmName === alarmName,
  );
}

/** Mails of alarms in the inbox of the system on this machine, oldest first. */
export async function inboxMails(dataDirectory: string, sinceMs: number): Promise<readonly AlarmMail[]> {
  const mails = await readPage(await runningSystem(dataDirectory), "/api/mails");
  return mails
    .filter(({ timeMs, alarmName }) => timeMs >= sinceMs && alarmName !== undefined)
    .map(({ timeMs, subject, topicArn, alarmName = "" }) => ({
      alarmName,
      subject,
      atMs: timeMs,
      topic: topicArn.split(":").at(-1) ?? "",
    }))
    .reverse();
}

/** On this machine a mail is in the inbox at once, or never. */
const INBOX_LIMIT_MS = 10_000;
const INBOX_POLL_MS = 1_000;

interface Looking extends Pick<DrillPorts, "now" | "wait" | "signal"> {
  readonly dataDirectory: string;
}

/** Looks in the inbox until the mail is there, or no mail will come any more. */
export async function lookInInbox(
  { dataDirectory, now, wait, signal }: Looking,
  alarmName: string,
  sinceMs: number,
): Promise<DrilledMail> {
  const limitMs = now() + INBOX_LIMIT_MS;
  for (;;) {
    const mails = await inboxMails(dataDirectory, sinceMs);
    const mail = mails.find((each) => each.alarmName === alarmName && each.subject.startsWith("ALARM"));
    if (mail !== undefined) return { state: "arrived", afterMs: mail.atMs - sinceMs };
    if (now() >= limitMs || signal.aborted) return { state: "did not arrive" };
    await wait(INBOX_POLL_MS, signal);
  }
}

/** Asks whether the mail came, and when; nobody is asked where there is no terminal. */
export function askPerson(
  ask: AskOperator | undefined,
  { now, signal }: Pick<DrillPorts, "now" | "signal">,
): AskForMail {
  return async (alarmName, sinceMs) => {
    if (ask === undefined) return { state: "nobody was asked" };
    const question = `Has the mail ALARM: "${alarmName}" arrived? (n, y, or the time that it shows, such as 14:03:20) `;
    return mailOf(await ask(question, signal), sinceMs, now());
  };
}

/** What the person said of the mail. A time without a day is the first one after the drill began. */
export function mailOf(answer: string, sinceMs: number, nowMs: number): DrilledMail {
  const text = answer.trim();
  if (text === "") return { state: "nobody was asked" };
  const [, hours, minutes, seconds = "0"] = /^(\d{1,2}):(\d\d)(?::(\d\d))?$/.exec(text) ?? [];
  if (hours === undefined || minutes === undefined)
    return /^y(es)?$/i.test(text) ? { state: "arrived" } : { state: "did not arrive" };
  const shown = new Date(sinceMs);
  shown.setHours(Number(hours), Number(minutes), Number(seconds), 0);
  // A clock that shows no seconds may be up to a minute before the drill; further back it is the next day's
  // time.
  if (shown.getTime() <= sinceMs - 60_000) shown.setDate(shown.getDate() + 1);
  const afterMs = shown.getTime() - sinceMs;
  const isCredible = shown.getTime() <= nowMs + 60_000;
  return { state: "arrived", ...(isCredible && { afterMs: Math.max(0, afterMs) }) };
}
