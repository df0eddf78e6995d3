import { CloudWatchClient, type MetricAlarm, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { namesOf, ROLLBACK_ALARMS } from "../../../lib/names.ts";
import { awsAnswer } from "../../cli/aws-calls.ts";
import type { Target } from "../../cli/target.ts";
import type { WatchedAlarm } from "./rollback.ts";

type DescribedAlarm = Pick<MetricAlarm, "AlarmName" | "StateValue" | "StateReason" | "AlarmActions">;

/** The stage's alarms that page somebody, and those that turn CodeDeploy back. */
export async function readWatchedAlarms(
  target: Target,
  region: string,
  signal?: AbortSignal,
): Promise<readonly WatchedAlarm[]> {
  const names = namesOf(target.stage);
  const client = new CloudWatchClient({ ...target.client, region });
  const found: DescribedAlarm[] = [];
  const read = async (): Promise<void> => {
    const wanted = {
      AlarmNamePrefix: names.alarm(""),
      AlarmTypes: ["MetricAlarm" as const, "CompositeAlarm" as const],
    };
    const pages = paginateDescribeAlarms({ client }, wanted, { abortSignal: signal });
    for await (const { MetricAlarms = [], CompositeAlarms = [] } of pages)
      found.push(...MetricAlarms, ...CompositeAlarms);
  };
  try {
    await awsAnswer({ target, action: "cloudwatch:DescribeAlarms" }, read());
  } finally {
    client.destroy();
  }
  const turnsBack = ROLLBACK_ALARMS.map((key) => names.alarm(key));
  return found
    .filter(
      ({ AlarmName = "", AlarmActions = [] }) =>
        turnsBack.includes(AlarmName) || AlarmActions.some((arn) => arn.endsWith(`:${names.topics.page}`)),
    )
    .map(({ AlarmName = "", StateValue = "", StateReason = "" }) => ({
      name: AlarmName,
      state: StateValue,
      reason: StateReason,
    }));
}
