import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { namesOf, ROLLBACK_ALARMS } from "../../../lib/names.ts";
import { awsAnswer, withClient } from "../../cli/aws-calls.ts";
import { describeAlarms } from "../../cli/described-alarms.ts";
import type { Target } from "../../cli/target.ts";
import type { WatchedAlarm } from "./rollback.ts";

/** The stage's alarms that page somebody, and those that turn CodeDeploy back. */
export async function readWatchedAlarms(
  target: Target,
  region: string,
  signal?: AbortSignal,
): Promise<readonly WatchedAlarm[]> {
  const names = namesOf(target.stage);
  const { metricAlarms, compositeAlarms } = await withClient(
    CloudWatchClient,
    { ...target.client, region },
    (client) =>
      awsAnswer(
        { target, action: "cloudwatch:DescribeAlarms" },
        describeAlarms(client, { AlarmNamePrefix: names.alarm("") }, signal),
      ),
  );
  const turnsBack = ROLLBACK_ALARMS.map((key) => names.alarm(key));
  return [...metricAlarms, ...compositeAlarms]
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
