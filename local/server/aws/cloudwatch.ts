import { alarmArn, type AlarmDefinition, AlarmError } from "@wrist-agent/cloudwatch/alarm";
import type { InsightRule } from "@wrist-agent/cloudwatch/logs/contributor-insights";
import { QueryError } from "@wrist-agent/cloudwatch/metric";
import { PutMetricDataError } from "@wrist-agent/cloudwatch/metrics/put-metric-data";
import {
  compositeAlarmInput,
  describeAlarmHistory,
  describeAlarms,
  describeAlarmsForMetric,
  metricAlarmInput,
  requiredAlarmNames,
  setAlarmState,
} from "./cloudwatch-alarms.ts";
import { deleteDashboards, getDashboard, listDashboards, putDashboard } from "./cloudwatch-dashboards.ts";
import {
  deleteAnomalyDetector,
  describeAnomalyDetectors,
  putAnomalyDetector,
} from "./cloudwatch-anomaly-detectors.ts";
import {
  changeInsightRules,
  describeInsightRules,
  getInsightRuleReport,
  insightRuleArn,
  insightRuleInput,
} from "./cloudwatch-insight-rules.ts";
import { InputReader } from "./cloudwatch-input.ts";
import { CLOUDWATCH_SHAPES } from "./cloudwatch-shapes.ts";
import { METRIC_READINGS, putMetricData } from "./cloudwatch-metrics.ts";
import {
  getAlarmMuteRule,
  listAlarmMuteRules,
  muteRuleArn,
  type MuteRuleHome,
  muteRuleInput,
  muteRuleNameIn,
} from "./cloudwatch-mute-rules.ts";
import type { CloudWatchAccount, RegionAlarms, RegionApi, RegionInsightsApi } from "./cloudwatch-ports.ts";
import {
  forgetTags,
  listTagsForResource,
  tagResource,
  tagsInput,
  tagsOfNewResource,
  untagResource,
} from "./cloudwatch-tags.ts";
import { getMetricWidgetImage } from "./cloudwatch-widget-image.ts";
import { REFUSED_CLOUDWATCH_OPERATIONS, refusedOperations } from "./refused-operations.ts";
import { type AwsCall, AwsError, credentialRegion, type JsonService, type Operation } from "./service.ts";

/** Names of error shapes in JSON by the code that the query protocol has for them. */
const SHAPES: Readonly<Record<string, string>> = {
  InvalidParameterValue: "InvalidParameterValueException",
  InvalidParameterCombination: "InvalidParameterCombinationException",
  MissingParameter: "MissingRequiredParameterException",
  InvalidParameterInput: "DashboardInvalidInputError",
  InvalidFormat: "InvalidFormatFault",
  LimitExceeded: "LimitExceededFault",
  ValidationError: "ValidationException",
};

const SYNTHETIC_ERRORS: ReadonlySet<string> = new Set([
  "InvalidParameterValueException",
  "InvalidParameterCombinationException",
  "MissingRequiredParameterException",
]);

/** Codes of the query protocol by error shape: what `x-amzn-query-error` says. */
const QUERY_ERROR_CODES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(SHAPES).map(([code, shape]) => [shape, code]),
);

/** Lets refusals of the engine out as errors of the API, under the names that JSON has for them. */
function withApiErrors(operation: Operation): Operation {
  return async (input, call) => {
    try {
      return await operation(input, call);
    } catch (error) {
      throw wireError(error);
    }
  };
}

function wireError(error: unknown): unknown {
  if (error instanceof AlarmError) return apiError(error.code, error.message, error.httpStatus);
  if (error instanceof PutMetricDataError) return apiError(error.code, error.message);
  if (error instanceof QueryError) return apiError("ValidationError", error.message);
  if (error instanceof AwsError && Object.hasOwn(SHAPES, error.code))
    return apiError(error.code, error.message, error.status);
  return error;
}

function apiError(code: string, message: string, status = 400): AwsError {
  return new AwsError(SHAPES[code] ?? code, message, status);
}

/** CloudWatch in all three of its protocols; calls go to the Region that they are signed for. */
export function cloudwatchService(account: CloudWatchAccount): JsonService {
  const operations = {
    ...alarmOperations(account),
    ...metricOperations(account),
    ...dashboardOperations(account),
    ...tagOperations(account),
    ...muteRuleOperations(account),
    ...insightOperations(account),
    ...refusedOperations(REFUSED_CLOUDWATCH_OPERATIONS),
  };
  return {
    protocol: "json",
    version: "1.0",
    targetPrefix: "GraniteServiceVersion20100801",
    queryErrorCodes: QUERY_ERROR_CODES,
    model: {
      shapes: CLOUDWATCH_SHAPES,
      version: "2010-08-01",
      xmlNamespace: "http://monitoring.amazonaws.com/doc/2010-08-01/",
      errorNamespace: "com.amazonaws.cloudwatch.v2010_08_01",
      syntheticErrors: SYNTHETIC_ERRORS,
    },
    operations: Object.fromEntries(
      Object.entries(operations).map(([name, operation]) => [name, withApiErrors(operation)]),
    ),
  };
}

type Table = Readonly<Record<string, Operation>>;

function alarmOperations(account: CloudWatchAccount): Table {
  const ask =
    (answer: (alarms: RegionAlarms, read: InputReader) => object): Operation =>
    (input, call) =>
      answer(regionOf(account, call).alarms, new InputReader(input));
  const change = (act: (alarms: RegionAlarms, read: InputReader) => void): Operation =>
    ask((alarms, read) => {
      act(alarms, read);
      return {};
    });
  return {
    DescribeAlarms: ask(describeAlarms),
    DescribeAlarmsForMetric: ask(describeAlarmsForMetric),
    DescribeAlarmHistory: ask(describeAlarmHistory),
    SetAlarmState: ask(setAlarmState),
    PutMetricAlarm: putAlarm(account, metricAlarmInput),
    PutCompositeAlarm: putAlarm(account, compositeAlarmInput),
    EnableAlarmActions: change((alarms, read) => alarms.enableActions(requiredAlarmNames(read))),
    DisableAlarmActions: change((alarms, read) => alarms.disableActions(requiredAlarmNames(read))),
    DeleteAlarms: (input, call) => {
      const names = requiredAlarmNames(new InputReader(input));
      regionOf(account, call).alarms.delete(names);
      forgetTags(
        account.tags,
        names.map((name) => alarmArnOf(account, name, call)),
      );
      return {};
    },
  };
}

function putAlarm(account: CloudWatchAccount, inputOf: (read: InputReader) => AlarmDefinition): Operation {
  return (input, call) => {
    checkRequestSize(call, REQUEST_BYTES.alarm);
    const read = new InputReader(input);
    const { alarms } = regionOf(account, call);
    const given = tagsInput(read);
    const definition = inputOf(read);
    const isNew = !alarms.has(definition.alarmName);
    alarms.put(definition);
    const arn = alarmArnOf(account, definition.alarmName, call);
    tagsOfNewResource(account.tags, { arn, isNew }, given);
    return {};
  };
}

function alarmArnOf(account: CloudWatchAccount, alarmName: string, call: AwsCall): string {
  return alarmArn({ region: wantedRegion(account, call), accountId: account.accountId }, alarmName);
}

function muteRuleOperations(account: CloudWatchAccount): Table {
  const reading =
    (answer: typeof getAlarmMuteRule): Operation =>
    (input, call) =>
      answer(regionOf(account, call).alarms, new InputReader(input), callHome(account, call));
  return {
    GetAlarmMuteRule: reading(getAlarmMuteRule),
    ListAlarmMuteRules: reading(listAlarmMuteRules),
    PutAlarmMuteRule: (input, call) => {
      const read = new InputReader(input);
      const { alarms } = regionOf(account, call);
      const given = tagsInput(read);
      const rule = muteRuleInput(read);
      const isNew = !alarms.muteRules().some(({ name }) => name === rule.name);
      alarms.putMuteRule(rule);
      tagsOfNewResource(account.tags, { arn: muteRuleArn(callHome(account, call), rule.name), isNew }, given);
      return {};
    },
    DeleteAlarmMuteRule: (input, call) => {
      const name = muteRuleNameIn(new InputReader(input));
      regionOf(account, call).alarms.deleteMuteRule(name);
      forgetTags(account.tags, [muteRuleArn(callHome(account, call), name)]);
      return {};
    },
  };
}

function insightOperations(account: CloudWatchAccount): Table {
  const { now } = account;
  const ask =
    (answer: (insights: RegionInsightsApi, read: InputReader) => object): Operation =>
    (input, call) =>
      answer(regionOf(account, call).insights, new InputReader(input));
  const changeRules = (change: (insights: RegionInsightsApi, rule: InsightRule) => void): Operation =>
    ask((insights, read) => changeInsightRules(insights, read, (rule) => change(insights, rule)));
  return {
    PutAnomalyDetector: ask((insights, read) => putAnomalyDetector(insights, read, now())),
    DeleteAnomalyDetector: ask(deleteAnomalyDetector),
    DescribeAnomalyDetectors: ask((insights, read) =>
      describeAnomalyDetectors(insights, read, { accountId: account.accountId, nowMs: now() }),
    ),
    PutInsightRule: (input, call) => putInsightRule(account, new InputReader(input), call),
    DescribeInsightRules: ask(describeInsightRules),
    EnableInsightRules: changeRules((insights, rule) => insights.putRule({ ...rule, isEnabled: true })),
    DisableInsightRules: changeRules((insights, rule) => insights.putRule({ ...rule, isEnabled: false })),
    DeleteInsightRules: (input, call) => {
      const { insights } = regionOf(account, call);
      return changeInsightRules(insights, new InputReader(input), ({ name }) => {
        insights.deleteRule(name);
        forgetTags(account.tags, [insightRuleArn(callHome(account, call), name)]);
      });
    },
    GetInsightRuleReport: ask(getInsightRuleReport),
  };
}

function putInsightRule(account: CloudWatchAccount, read: InputReader, call: AwsCall): object {
  const { insights } = regionOf(account, call);
  const given = tagsInput(read);
  const rule = insightRuleInput(insights, read, account.now());
  const isNew = insights.rules.find(rule.name) === undefined;
  insights.putRule(rule);
  const arn = insightRuleArn(callHome(account, call), rule.name);
  tagsOfNewResource(account.tags, { arn, isNew }, given);
  return {};
}

function callHome(account: CloudWatchAccount, call: AwsCall): MuteRuleHome {
  const { accountId, now } = account;
  return { region: wantedRegion(account, call), accountId, nowMs: now() };
}

function tagOperations(account: CloudWatchAccount): Table {
  return {
    TagResource: (input) => tagResource(account, new InputReader(input)),
    UntagResource: (input) => untagResource(account, new InputReader(input)),
    ListTagsForResource: (input) => listTagsForResource(account, new InputReader(input)),
  };
}

function metricOperations(account: CloudWatchAccount): Table {
  const readings = METRIC_READINGS.map((operation): [string, Operation] => [
    operation,
    (input, call) => {
      const region = wantedRegion(account, call);
      return regionOf(account, call).metrics.answer({ operation, region, input, nowMs: account.now() });
    },
  ]);
  return {
    PutMetricData: (input, call) => {
      checkRequestSize(call, REQUEST_BYTES.data);
      return putMetricData(regionOf(account, call).metrics, input, account.now());
    },
    ...Object.fromEntries(readings),
  };
}

/**
 * What a request may have in its body as it is sent.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
 */
const REQUEST_BYTES = { data: 1_048_576, alarm: 122_880 } as const;

function checkRequestSize({ sentBytes }: AwsCall, most: number): void {
  if (sentBytes <= most) return;
  throw new AwsError("RequestEntityTooLarge", `Request size ${sentBytes} exceeded ${most} bytes`, 413);
}

function dashboardOperations(account: CloudWatchAccount): Table {
  return {
    GetMetricWidgetImage: (input, call) =>
      getMetricWidgetImage(account.drawWidget, new InputReader(input), callHome(account, call)),
    GetDashboard: (input) => getDashboard(account, new InputReader(input)),
    ListDashboards: (input) => listDashboards(account, new InputReader(input)),
    PutDashboard: (input) => putDashboard(account, new InputReader(input)),
    DeleteDashboards: (input) => deleteDashboards(account, new InputReader(input)),
  };
}

/** The Region that a call is signed for. */
function wantedRegion({ homeRegion }: CloudWatchAccount, call: AwsCall): string {
  return credentialRegion(call) ?? homeRegion;
}

function regionOf(account: CloudWatchAccount, call: AwsCall): RegionApi {
  const { regions, homeRegion } = account;
  const wanted = wantedRegion(account, call);
  const region = Object.hasOwn(regions, wanted) ? regions[wanted] : undefined;
  if (region !== undefined) return region;
  throw new AwsError(
    "InvalidParameterValue",
    `Region ${wanted} is none that runs here: use ${homeRegion} or another of its partition`,
  );
}
