import { seededRandom } from "../../local/random.ts";
import { askUrl, callAws, callSns, cloudWatch } from "../client.ts";
import type { Attack, HowToEnd, Outcome, SystemUnderAttack } from "../torture.ts";

/** What was acknowledged before the end, and what was wrong about the answers. */
interface Acknowledged {
  readonly requests: string[];
  readonly parameters: string[];
  readonly alarms: string[];
  /** Subjects of mails whose cause was acknowledged. */
  readonly mails: string[];
  readonly wrong: string[];
  data: number;
  /** From then on a request may be cut off. */
  isEnding: boolean;
}

const METRIC = { Namespace: "Torture", MetricName: "Put" };

/** Lines of load beside each other, so that an end finds something under way. */
const LOADERS = 3;

async function firstTopic({ addresses }: SystemUnderAttack): Promise<string> {
  const { text } = await callSns(addresses, { Action: "ListTopics" });
  const arn = /<TopicArn>([^<]+page)<\/TopicArn>/.exec(text)?.[1];
  if (arn === undefined) throw new Error(`there is no topic to mail to: ${text}`);
  return arn;
}

interface Load {
  readonly system: SystemUnderAttack;
  readonly topicArn: string;
  /** In every name, as each is used once. */
  readonly mark: string;
  readonly kept: Acknowledged;
}

/** Requests, parameters, data, alarms and mails, until the process is gone. */
async function load({ system, topicArn, mark, kept }: Load): Promise<void> {
  const { addresses } = system;
  for (let at = 0; ; at += 1) {
    const name = `/torture/${mark}/${at}`;
    const asked = await askUrl(addresses, { body: "{}" });
    if (asked.status === 400) kept.requests.push(asked.requestId);
    else if (!kept.isEnding)
      kept.wrong.push(`${asked.status} instead of 400 for {}: ${asked.body.slice(0, 200)}`);
    const parameter = { Name: name, Value: "x", Type: "String" };
    if (await isTaken(addresses, kept, "AmazonSSM.PutParameter", parameter)) kept.parameters.push(name);
    const MetricData = [{ MetricName: METRIC.MetricName, Value: 1 }];
    const data = { Namespace: METRIC.Namespace, MetricData };
    if (await isTaken(addresses, kept, cloudWatch("PutMetricData"), data)) kept.data += 1;
    const alarm = alarmInput(name, topicArn);
    if (await isTaken(addresses, kept, cloudWatch("PutMetricAlarm"), alarm)) kept.alarms.push(name);
    const state = { AlarmName: name, StateValue: "ALARM", StateReason: "torture" };
    if (await isTaken(addresses, kept, cloudWatch("SetAlarmState"), state))
      kept.mails.push(`ALARM: "${name}" in `);
    const Subject = `published ${name}.`;
    const sent = await callSns(addresses, {
      Action: "Publish",
      TopicArn: topicArn,
      Subject,
      Message: "torture",
    });
    if (sent.status === 200) kept.mails.push(Subject);
  }
}

async function isTaken(
  addresses: SystemUnderAttack["addresses"],
  kept: Acknowledged,
  ...[target, input]: readonly [string, object]
): Promise<boolean> {
  const { status, output } = await callAws(addresses, target, input);
  if (status !== 200 && !kept.isEnding)
    kept.wrong.push(`${status} for ${target}: ${JSON.stringify(output).slice(0, 200)}`);
  return status === 200;
}

/** It mails when it is set to ALARM, and never after: its metric stays below. */
function alarmInput(AlarmName: string, topicArn: string): object {
  return {
    ...METRIC,
    AlarmName,
    AlarmActions: [topicArn],
    Statistic: "Sum",
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 1e9,
    ComparisonOperator: "GreaterThanThreshold",
  };
}

async function lostOf(
  { addresses }: SystemUnderAttack,
  kept: Acknowledged,
  before: number,
): Promise<string[]> {
  const rows = (await (await fetch(`${addresses.page}/api/requests?limit=1000`)).json()) as {
    requestId: string;
  }[];
  const seen = new Set(rows.map(({ requestId }) => requestId));
  const lost = kept.requests.filter((id) => !seen.has(id)).map((id) => `request ${id}`);
  for (const name of kept.parameters) {
    const { status } = await callAws(addresses, "AmazonSSM.GetParameter", { Name: name });
    if (status !== 200) lost.push(`parameter ${name}`);
  }
  for (const name of kept.alarms) {
    const { output } = await callAws(addresses, cloudWatch("DescribeAlarms"), { AlarmNames: [name] });
    if (!JSON.stringify(output).includes(`"AlarmName":"${name}"`)) lost.push(`alarm ${name}`);
  }
  const now = await dataCount({ addresses } as SystemUnderAttack);
  if (now < before + kept.data) lost.push(`${before + kept.data - now} data`);
  return lost;
}

/**
 * Mails of acknowledged causes that are not there, and mails that are there twice, whatever was acknowledged.
 */
async function mailFaults(
  { addresses }: SystemUnderAttack,
  kept: Acknowledged,
  mark: string,
): Promise<Pick<Outcome, "wrong" | "lost">> {
  const mails = (await (await fetch(`${addresses.page}/api/mails`)).json()) as { subject: string }[];
  const subjects = mails.map(({ subject }) => subject).filter((subject) => subject.includes(`/${mark}/`));
  const lost = kept.mails.filter((wanted) => !subjects.some((subject) => subject.startsWith(wanted)));
  const twice = subjects.filter((subject, at) => subjects.indexOf(subject) !== at);
  return {
    lost: lost.map((subject) => `mail ${subject}`),
    wrong: twice.map((subject) => `mail twice: ${subject}`),
  };
}

async function dataCount({ addresses }: SystemUnderAttack): Promise<number> {
  const nowSeconds = Math.ceil(Date.now() / 1000);
  const { output } = await callAws(addresses, cloudWatch("GetMetricStatistics"), {
    ...METRIC,
    StartTime: nowSeconds - 7200,
    EndTime: nowSeconds + 60,
    Period: 60,
    Statistics: ["SampleCount"],
  });
  const points = (output.Datapoints ?? []) as { readonly SampleCount: number }[];
  return points.reduce((sum, { SampleCount }) => sum + SampleCount, 0);
}

/** How the system ends, in turn: killed under load, killed again while it starts, ended as Ctrl-C does. */
const ENDS: readonly HowToEnd[] = ["kill", "kill-twice", "interrupt"];

/** Longest wait for what an end is to interrupt. */
const LOAD_LIMIT_MS = 60_000;

async function cycle(system: SystemUnderAttack, number: number, random: () => number): Promise<Outcome> {
  const kept: Acknowledged = {
    requests: [],
    parameters: [],
    alarms: [],
    mails: [],
    wrong: [],
    data: 0,
    isEnding: false,
  };
  const before = await dataCount(system);
  const topicArn = await firstTopic(system);
  const mark = String(number);
  const loading = Array.from({ length: LOADERS }, (_, at) =>
    // The load ends with an error of the connection, and only so.
    load({ system, topicArn, mark: `${mark}/${at}`, kept }).catch(() => undefined),
  );
  await acknowledged(kept, 5 + Math.floor(20 * random()));
  // Anywhere within a request.
  await new Promise((resolve) => setTimeout(resolve, 100 * random()));
  kept.isEnding = true;
  await system.endAndRestart(ENDS[number % ENDS.length] ?? "kill");
  await Promise.all(loading);
  const faults = await mailFaults(system, kept, mark);
  const { requests, parameters, alarms, mails, data } = kept;
  return {
    tried: requests.length + parameters.length + alarms.length + mails.length + data,
    wrong: [...kept.wrong, ...faults.wrong],
    lost: [...(await lostOf(system, kept, before)), ...faults.lost],
  };
}

/** Waits for so many rounds of load: however slow the machine, an end loses something or proves something. */
async function acknowledged(kept: Acknowledged, rounds: number): Promise<void> {
  const untilMs = performance.now() + LOAD_LIMIT_MS;
  while (kept.mails.length < rounds) {
    if (performance.now() > untilMs) throw new Error(`no load within ${LOAD_LIMIT_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** An end in the middle of everything, again and again. */
export const attack: Attack = {
  description:
    "kill -9 under load and within a start, and Ctrl-C: what was acknowledged is there afterwards, each mail once",
  async run(system, { factor }) {
    const random = seededRandom(9);
    const outcomes: Outcome[] = [];
    for (let number = 0; number < Math.max(3, Math.round(3 * factor)); number += 1)
      outcomes.push(await cycle(system, number, random));
    return {
      tried: outcomes.reduce((sum, { tried }) => sum + tried, 0),
      wrong: outcomes.flatMap(({ wrong }) => wrong),
      lost: outcomes.flatMap(({ lost }) => lost),
    };
  },
};
