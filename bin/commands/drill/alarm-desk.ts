import {
  CloudWatchClient,
  paginateDescribeAlarmHistory,
  paginateDescribeAlarms,
  SetAlarmStateCommand,
  type StateValue,
} from "@aws-sdk/client-cloudwatch";
import { awsAnswer } from "../../cli/aws-calls.ts";
import type { Target } from "../../cli/target.ts";
import type { AlarmDesk, AlarmHistoryEntry, DrilledAlarm } from "./drill-ports.ts";

/** Where a stage's alarms are: the start of their names, by Region; the target's Region when missing. */
export interface AlarmPlace {
  readonly prefix: string;
  readonly region?: string;
}

type Named = Pick<DrilledAlarm, "name" | "region">;

/** CloudWatch of a target; alarms on bills are in a Region of their own. */
export function alarmDesk(target: Target, places: readonly AlarmPlace[]): AlarmDesk {
  const withClient = async <T>(
    region: string | undefined,
    action: string,
    call: (client: CloudWatchClient) => Promise<T>,
  ): Promise<T> => {
    const client = new CloudWatchClient({ ...target.client, ...(region !== undefined && { region }) });
    try {
      return await awsAnswer({ target, action: `cloudwatch:${action}` }, call(client));
    } finally {
      client.destroy();
    }
  };
  const described = (
    region: string | undefined,
    input: { AlarmNamePrefix: string } | { AlarmNames: string[] },
  ) => withClient(region, "DescribeAlarms", (client) => describeAlarms(client, input));
  return {
    alarms: async () => {
      const found = await Promise.all(
        places.map(({ region, prefix }) => described(region, { AlarmNamePrefix: prefix })),
      );
      return found.flat().sort((a, b) => a.name.localeCompare(b.name));
    },
    alarm: async ({ name, region }) => (await described(region, { AlarmNames: [name] }))[0],
    setState: async ({ name, region }, state, reason) => {
      const command = new SetAlarmStateCommand({
        AlarmName: name,
        StateValue: state as StateValue,
        StateReason: reason,
      });
      await withClient(region, `SetAlarmState on ${name}`, (client) => client.send(command));
    },
    historySince: ({ name, region }, sinceMs) =>
      withClient(region, "DescribeAlarmHistory", (client) => historyOf(client, { name, region }, sinceMs)),
  };
}

async function describeAlarms(
  client: CloudWatchClient,
  input: { AlarmNamePrefix: string } | { AlarmNames: string[] },
): Promise<readonly DrilledAlarm[]> {
  const region = await client.config.region();
  const found: DrilledAlarm[] = [];
  const pages = paginateDescribeAlarms(
    { client },
    { ...input, AlarmTypes: ["MetricAlarm", "CompositeAlarm"] },
  );
  for await (const { MetricAlarms = [], CompositeAlarms = [] } of pages)
    for (const alarm of [...MetricAlarms, ...CompositeAlarms])
      found.push({
        name: alarm.AlarmName ?? "",
        region,
        state: alarm.StateValue ?? "",
        stateReason: alarm.StateReason ?? "",
        actions: alarm.ActionsEnabled === false ? [] : (alarm.AlarmActions ?? []),
      });
  return found;
}

/** CloudWatch keeps its own clock: what it wrote a little before ours began may be the answer to us. */
const CLOCKS_DIFFER_MS = 5_000;

async function historyOf(
  client: CloudWatchClient,
  { name }: Named,
  sinceMs: number,
): Promise<readonly AlarmHistoryEntry[]> {
  const found: AlarmHistoryEntry[] = [];
  const pages = paginateDescribeAlarmHistory(
    { client },
    {
      AlarmName: name,
      AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
      StartDate: new Date(sinceMs - CLOCKS_DIFFER_MS),
      ScanBy: "TimestampAscending",
    },
  );
  for await (const { AlarmHistoryItems = [] } of pages)
    for (const item of AlarmHistoryItems)
      found.push({
        atMs: item.Timestamp?.getTime() ?? 0,
        type: item.HistoryItemType ?? "",
        summary: item.HistorySummary ?? "",
      });
  return found;
}
