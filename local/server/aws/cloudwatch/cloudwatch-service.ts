import { AwsError } from "../aws-error.ts";
import { credentialRegion } from "../credential-region.ts";
import type { AwsCall, JsonService, Operation } from "../service.ts";
import { compositeAlarmInput, metricAlarmInput } from "./alarm-input.ts";
import {
  alarmNames,
  describeAlarmHistory,
  describeAlarms,
  describeAlarmsForMetric,
  setAlarmState,
} from "./alarm-operations.ts";
import type { CloudWatchAccount, RegionAlarms, RegionApi } from "./cloudwatch-ports.ts";
import { deleteDashboards, getDashboard, listDashboards, putDashboard } from "./dashboard-operations.ts";
import { getMetricData } from "./metrics/get-metric-data.ts";
import { getMetricStatistics, listMetrics, putMetricData } from "./metrics/metric-operations.ts";
import { Reader } from "./reader.ts";
import { QUERY_ERROR_CODES, refusing } from "./wire-errors.ts";

/** CloudWatch in JSON 1.0 with the error codes of the query protocol; calls go to the Region that they are signed for. */
export function cloudwatchService(account: CloudWatchAccount): JsonService {
  const operations = { ...alarmOperations(account), ...metricOperations(account), ...dashboards(account) };
  return {
    protocol: "json",
    version: "1.0",
    targetPrefix: "GraniteServiceVersion20100801",
    queryErrorCodes: QUERY_ERROR_CODES,
    operations: Object.fromEntries(
      Object.entries(operations).map(([name, operation]) => [name, refusing(operation)]),
    ),
  };
}

type Table = Readonly<Record<string, Operation>>;

function alarmOperations(account: CloudWatchAccount): Table {
  const ask =
    (answer: (alarms: RegionAlarms, read: Reader) => object): Operation =>
    (input, call) =>
      answer(regionOf(account, call).alarms, new Reader(input));
  const change = (act: (alarms: RegionAlarms, read: Reader) => void): Operation =>
    ask((alarms, read) => {
      act(alarms, read);
      return {};
    });
  return {
    DescribeAlarms: ask(describeAlarms),
    DescribeAlarmsForMetric: ask(describeAlarmsForMetric),
    DescribeAlarmHistory: ask(describeAlarmHistory),
    SetAlarmState: ask(setAlarmState),
    PutMetricAlarm: change((alarms, read) => alarms.put(metricAlarmInput(read))),
    PutCompositeAlarm: change((alarms, read) => alarms.put(compositeAlarmInput(read))),
    EnableAlarmActions: change((alarms, read) => alarms.enableActions(alarmNames(read))),
    DisableAlarmActions: change((alarms, read) => alarms.disableActions(alarmNames(read))),
    DeleteAlarms: change((alarms, read) => alarms.delete(alarmNames(read))),
  };
}

function metricOperations(account: CloudWatchAccount): Table {
  const metricsOf = (call: AwsCall): RegionApi["metrics"] => regionOf(account, call).metrics;
  return {
    PutMetricData: (input, call) => putMetricData(metricsOf(call), input, account.now()),
    GetMetricData: (input, call) => getMetricData(metricsOf(call), new Reader(input), account.now()),
    GetMetricStatistics: (input, call) =>
      getMetricStatistics(metricsOf(call), new Reader(input), account.now()),
    ListMetrics: (input, call) => listMetrics(metricsOf(call), new Reader(input), account.now()),
  };
}

function dashboards(account: CloudWatchAccount): Table {
  return {
    GetDashboard: (input) => getDashboard(account, new Reader(input)),
    ListDashboards: (input) => listDashboards(account, new Reader(input)),
    PutDashboard: (input) => putDashboard(account, new Reader(input)),
    DeleteDashboards: (input) => deleteDashboards(account, new Reader(input)),
  };
}

function regionOf({ regions, homeRegion }: CloudWatchAccount, call: AwsCall): RegionApi {
  const wanted = credentialRegion(call) ?? homeRegion;
  const region = Object.hasOwn(regions, wanted) ? regions[wanted] : undefined;
  if (region !== undefined) return region;
  throw new AwsError(
    "InvalidParameterValue",
    `Region ${wanted} does not run here: use ${Object.keys(regions).join(" or ")}`,
  );
}
