import { CloudWatchClient, SetAlarmStateCommand, type StateValue } from "@aws-sdk/client-cloudwatch";
import { describeAlarmHistory, describeAlarms, type WhichAlarms } from "../../cli/stage-alarms.ts";
import type { StageConnection } from "../../cli/stage-connection.ts";
import type { AlarmHistoryEntry, DrillAlarms, DrilledAlarm } from "./drill-record.ts";

/** Where a stage's alarms are: the start of their names, by Region; the target's Region when missing. */
export interface AlarmPlace {
  readonly prefix: string;
  readonly region?: string;
}

type Named = Pick<DrilledAlarm, "name" | "region">;

/** CloudWatch of a stage; alarms on bills are in a Region of their own. */
export function cloudWatchAlarms(stage: StageConnection, places: readonly AlarmPlace[]): DrillAlarms {
  const clientOf = (region: string | undefined): CloudWatchClient => stage.client(CloudWatchClient, region);
  const described = (region: string | undefined, input: WhichAlarms) =>
    stage.ask({ action: "cloudwatch:DescribeAlarms" }, () => drilledAlarms(clientOf(region), input));
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
      await stage.ask({ action: "cloudwatch:SetAlarmState", on: `alarm ${name}` }, () =>
        clientOf(region).send(command),
      );
    },
    historySince: ({ name, region }, sinceMs) =>
      stage.ask({ action: "cloudwatch:DescribeAlarmHistory", on: `alarm ${name}` }, () =>
        historyOf(clientOf(region), { name, region }, sinceMs),
      ),
  };
}

async function drilledAlarms(client: CloudWatchClient, which: WhichAlarms): Promise<readonly DrilledAlarm[]> {
  const region = await client.config.region();
  const { metricAlarms, compositeAlarms } = await describeAlarms(client, which);
  return [...metricAlarms, ...compositeAlarms].map((alarm) => ({
    name: alarm.AlarmName ?? "",
    region,
    state: alarm.StateValue ?? "",
    stateReason: alarm.StateReason ?? "",
    actions: alarm.ActionsEnabled === false ? [] : (alarm.AlarmActions ?? []),
  }));
}

/** CloudWatch keeps its own clock: what it wrote a little before ours began may be the answer to us. */
const CLOCKS_DIFFER_MS = 5_000;

async function historyOf(
  client: CloudWatchClient,
  { name }: Named,
  sinceMs: number,
): Promise<readonly AlarmHistoryEntry[]> {
  const items = await describeAlarmHistory(client, {
    AlarmName: name,
    StartDate: new Date(sinceMs - CLOCKS_DIFFER_MS),
    ScanBy: "TimestampAscending",
  });
  return items.map((item) => ({
    atMs: item.Timestamp?.getTime() ?? 0,
    type: item.HistoryItemType ?? "",
    summary: item.HistorySummary ?? "",
  }));
}
