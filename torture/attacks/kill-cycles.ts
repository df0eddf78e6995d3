import { askUrl, callAws, cloudWatch } from "../client.ts";
import type { Attack, SystemUnderAttack } from "../torture.ts";

/** What was acknowledged before the kill. */
interface Acknowledged {
  readonly requests: string[];
  readonly parameters: string[];
  readonly alarms: string[];
  data: number;
}

const METRIC = { Namespace: "Torture", MetricName: "Put" };

/** Requests, parameters, data and alarms, until the process is gone. */
async function load({ addresses }: SystemUnderAttack, cycle: number, kept: Acknowledged): Promise<void> {
  for (let at = 0; ; at += 1) {
    const name = `/torture/${cycle}/${at}`;
    const { status, requestId } = await askUrl(addresses, { body: "{}" });
    if (status === 400) kept.requests.push(requestId);
    const parameter = await callAws(addresses, "AmazonSSM.PutParameter", {
      Name: name,
      Value: "x",
      Type: "String",
    });
    if (parameter.status === 200) kept.parameters.push(name);
    const datum = { MetricName: METRIC.MetricName, Value: 1 };
    const put = await callAws(addresses, cloudWatch("PutMetricData"), {
      Namespace: METRIC.Namespace,
      MetricData: [datum],
    });
    if (put.status === 200) kept.data += 1;
    const alarm = await callAws(addresses, cloudWatch("PutMetricAlarm"), {
      ...METRIC,
      AlarmName: name,
      Statistic: "Sum",
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1e9,
      ComparisonOperator: "GreaterThanThreshold",
    });
    if (alarm.status === 200) kept.alarms.push(name);
  }
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

/** `kill -9` in the middle of everything, again and again. */
export const attack: Attack = {
  description: "kill -9 under load: whatever was acknowledged is there after the next start",
  async run(system, { factor }) {
    const lost: string[] = [];
    let tried = 0;
    for (let cycle = 0; cycle < Math.max(1, Math.round(3 * factor)); cycle += 1) {
      const kept: Acknowledged = { requests: [], parameters: [], alarms: [], data: 0 };
      const before = await dataCount(system);
      // The load ends with an error of the connection, and only so.
      const loading = load(system, cycle, kept).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 1500 + 137 * cycle));
      await system.killAndRestart();
      await loading;
      tried += kept.requests.length + kept.parameters.length + kept.alarms.length + kept.data;
      lost.push(...(await lostOf(system, kept, before)));
    }
    return { tried, wrong: [], lost };
  },
};
