import type { Fault } from "../../../local/server/wire.ts";
import { errorMessage, Failure } from "../../cli/failure.ts";
import type { DrilledAlarm, DrillPorts } from "./drill-ports.ts";
import type { DrillRecord } from "./drill-record.ts";

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
export interface AlarmMail {
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

/** A fault of the stand-in, the questions of a user, and how long it takes until the mail comes: of the alarm, and of its end. */
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
