import type { AlarmDefinition } from "../cloudwatch/alarm-definition.ts";
import type { TemplateParameter } from "../journal/parameter-store.ts";
import { AssemblyError } from "./assembly-error.ts";
import { compositeAlarmOf } from "./resource/composite-alarm.ts";
import { dashboardOf, type DashboardSource } from "./resource/dashboard.ts";
import { customResourceOf, isCustomResource, type CustomResourceSource } from "./function/custom-resource.ts";
import { eventInvokeConfigOf, type EventInvokeConfig } from "./function/event-invoke-config.ts";
import { functionOf, type FunctionSource } from "./function/function-source.ts";
import { functionUrlOf, type FunctionUrlSource } from "./function/function-url.ts";
import { scheduledRuleOf, scheduleOf, type ScheduleSource } from "./function/schedule.ts";
import { inferenceProfileOf, type ApplicationInferenceProfile } from "./resource/inference-profile.ts";
import type { Assembly } from "./load-assembly.ts";
import { metricAlarmOf } from "./resource/metric-alarm.ts";
import { parameterOf } from "./resource/parameter.ts";
import { placeOf } from "./resource/property-reader.ts";
import { noticeOf } from "./resource/resource-kinds.ts";
import type { ResolvedResource, ResolvedStack } from "./template/resolve-stacks.ts";
import {
  inlineSubscriptionsOf,
  subscriptionOf,
  topicOf,
  type Subscription,
  type Topic,
} from "./resource/topic.ts";

/** An alarm and the stack that owns it. */
export interface AlarmSource {
  readonly definition: AlarmDefinition;
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
}

/** Everything of the templates that runs on the laptop. */
export interface Emulated {
  readonly functions: readonly FunctionSource[];
  readonly urls: readonly FunctionUrlSource[];
  readonly schedules: readonly ScheduleSource[];
  readonly eventInvokeConfigs: readonly EventInvokeConfig[];
  readonly customResources: readonly CustomResourceSource[];
  readonly inferenceProfiles: readonly ApplicationInferenceProfile[];
  readonly alarms: readonly AlarmSource[];
  readonly dashboards: readonly DashboardSource[];
  readonly topics: readonly Topic[];
  readonly subscriptions: readonly Subscription[];
  readonly parameters: readonly TemplateParameter[];
  /** What does not run, each with its name and reason. */
  readonly notices: readonly string[];
}

interface Collected {
  readonly functions: FunctionSource[];
  readonly urls: FunctionUrlSource[];
  readonly schedules: ScheduleSource[];
  readonly eventInvokeConfigs: EventInvokeConfig[];
  readonly customResources: CustomResourceSource[];
  readonly inferenceProfiles: ApplicationInferenceProfile[];
  readonly alarms: AlarmSource[];
  readonly dashboards: DashboardSource[];
  readonly topics: Topic[];
  readonly subscriptions: Subscription[];
  readonly parameters: TemplateParameter[];
  readonly notices: string[];
}

interface Found {
  readonly resource: ResolvedResource;
  readonly stack: ResolvedStack;
  readonly assetPath: Assembly["assetPath"];
  readonly into: Collected;
}

/** Collects what runs; a resource that cannot be read is left out with a notice that says why. */
export function emulatedOf(assembly: Assembly): Emulated {
  const into: Collected = {
    ...{ functions: [], urls: [], schedules: [], eventInvokeConfigs: [], customResources: [] },
    ...{ alarms: [], dashboards: [], topics: [], subscriptions: [], parameters: [], inferenceProfiles: [] },
    notices: [...assembly.notices],
  };
  for (const stack of assembly.stacks)
    for (const resource of stack.resources) collect({ resource, stack, assetPath: assembly.assetPath, into });
  return into;
}

const READERS: Readonly<Record<string, (found: Found) => void>> = {
  "AWS::Bedrock::ApplicationInferenceProfile": ({ resource, into }) =>
    into.inferenceProfiles.push(inferenceProfileOf(resource)),
  "AWS::CloudWatch::Alarm": ({ resource, into }) =>
    into.alarms.push(owned(resource, metricAlarmOf(resource))),
  "AWS::CloudWatch::CompositeAlarm": ({ resource, into }) =>
    into.alarms.push(owned(resource, compositeAlarmOf(resource))),
  "AWS::CloudWatch::Dashboard": ({ resource, into }) => into.dashboards.push(dashboardOf(resource)),
  "AWS::Events::Rule": ({ resource, into }) => into.schedules.push(...scheduledRuleOf(resource)),
  "AWS::Lambda::EventInvokeConfig": ({ resource, into }) =>
    into.eventInvokeConfigs.push(eventInvokeConfigOf(resource)),
  "AWS::Lambda::Function": ({ resource, stack, assetPath, into }) =>
    into.functions.push(functionOf(resource, stack, assetPath)),
  "AWS::Lambda::Url": ({ resource, stack, into }) => into.urls.push(functionUrlOf(resource, stack)),
  "AWS::Scheduler::Schedule": ({ resource, into }) => into.schedules.push(...scheduleOf(resource)),
  "AWS::SNS::Topic": ({ resource, into }) => {
    into.topics.push(topicOf(resource));
    into.subscriptions.push(...inlineSubscriptionsOf(resource));
  },
  "AWS::SSM::Parameter": ({ resource, into }) => into.parameters.push(parameterOf(resource)),
  "AWS::SNS::Subscription": ({ resource, into }) => into.subscriptions.push(subscriptionOf(resource)),
};

function collect(found: Found): void {
  const { resource, into } = found;
  const notice = noticeOf(resource.type, placeOf(resource));
  if (notice !== undefined) into.notices.push(notice);
  try {
    if (isCustomResource(resource.type)) into.customResources.push(customResourceOf(resource));
    else READERS[resource.type]?.(found);
  } catch (error) {
    if (!(error instanceof AssemblyError)) throw error;
    into.notices.push(`${placeOf(resource)} does nothing here: ${error.message}`);
  }
}

function owned(resource: ResolvedResource, definition: AlarmDefinition): AlarmSource {
  const { stackName, region, accountId } = resource;
  return { definition, stackName, region, accountId };
}
