import {
  type AlarmHistoryItem,
  type CloudWatchClient,
  type CompositeAlarm,
  type DescribeAlarmHistoryCommandInput,
  type MetricAlarm,
  paginateDescribeAlarmHistory,
  paginateDescribeAlarms,
  paginateListDashboards,
} from "@aws-sdk/client-cloudwatch";

/** Without it CloudWatch leaves composite alarms out. */
const AlarmTypes: ("MetricAlarm" | "CompositeAlarm")[] = ["MetricAlarm", "CompositeAlarm"];

/** Which alarms are described. */
export type WhichAlarms = { readonly AlarmNamePrefix: string } | { readonly AlarmNames: string[] };

/** Alarms as DescribeAlarms answers them. */
export interface DescribedAlarms {
  readonly metricAlarms: readonly MetricAlarm[];
  readonly compositeAlarms: readonly CompositeAlarm[];
}

/** Every alarm of both kinds, page after page. */
export async function describeAlarms(
  client: CloudWatchClient,
  which: WhichAlarms,
  abortSignal?: AbortSignal,
): Promise<DescribedAlarms> {
  const metricAlarms: MetricAlarm[] = [];
  const compositeAlarms: CompositeAlarm[] = [];
  const pages = paginateDescribeAlarms({ client }, { ...which, AlarmTypes }, { abortSignal });
  for await (const { MetricAlarms = [], CompositeAlarms = [] } of pages) {
    metricAlarms.push(...MetricAlarms);
    compositeAlarms.push(...CompositeAlarms);
  }
  return { metricAlarms, compositeAlarms };
}

/** The history of alarms of both kinds, page after page. */
export async function describeAlarmHistory(
  client: CloudWatchClient,
  which: Omit<DescribeAlarmHistoryCommandInput, "AlarmTypes">,
): Promise<readonly AlarmHistoryItem[]> {
  const found: AlarmHistoryItem[] = [];
  for await (const { AlarmHistoryItems = [] } of paginateDescribeAlarmHistory(
    { client },
    { ...which, AlarmTypes },
  ))
    found.push(...AlarmHistoryItems);
  return found;
}

/** Names of the dashboards that begin so. */
export async function listDashboardNames(
  client: CloudWatchClient,
  DashboardNamePrefix: string,
): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { DashboardEntries = [] } of paginateListDashboards({ client }, { DashboardNamePrefix }))
    names.push(...DashboardEntries.map(({ DashboardName = "" }) => DashboardName));
  return names;
}
