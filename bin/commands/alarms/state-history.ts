import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { describeAlarmHistory } from "../../cli/described-alarms.ts";
import type { StageAlarm } from "../../cli/stage-alarms.ts";
import type { StageConnection } from "../../cli/stage-connection.ts";

/** A change of an alarm's state. */
export interface StateChange {
  readonly timeMs: number;
  readonly summary: string;
}

/** CloudWatch keeps 30 days. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html */
const KEPT_MS = 30 * 86_400_000;

/** The changes of state of alarms by their names, newest first. One question a Region: a question an alarm would be throttled. */
export async function readStateHistory(
  stage: StageConnection,
  alarms: readonly StageAlarm[],
  nowMs: number,
): Promise<ReadonlyMap<string, readonly StateChange[]>> {
  const found = new Map<string, StateChange[]>(alarms.map(({ alarmName }) => [alarmName, []]));
  for (const region of new Set(alarms.map((alarm) => alarm.region))) {
    const client = stage.client(CloudWatchClient, region);
    const call = { action: "cloudwatch:DescribeAlarmHistory", on: `the alarms of ${region}` };
    const items = await stage.ask(call, () =>
      describeAlarmHistory(client, {
        HistoryItemType: "StateUpdate",
        ScanBy: "TimestampDescending",
        StartDate: new Date(nowMs - KEPT_MS),
        EndDate: new Date(nowMs),
      }),
    );
    for (const { AlarmName = "", Timestamp, HistorySummary = "" } of items)
      found.get(AlarmName)?.push({ timeMs: Timestamp?.getTime() ?? 0, summary: HistorySummary });
  }
  return found;
}
