import { withoutUndefined } from "@wrist-agent/cloudwatch/read-definition";
import { checkDashboardBody } from "@wrist-agent/cloudwatch/dashboards/dashboard-check";
import {
  alarmArn,
  type AlarmDefinition,
  alarmNameOf,
  type MuteRuleDefinition,
} from "@wrist-agent/cloudwatch/alarm";
import type { Assembly } from "cw-alarm-test/cloud-assembly";
import {
  compositeAlarmOf,
  dashboardOf,
  type DashboardSource,
  metricAlarmOf,
  muteRuleOf,
} from "cw-alarm-test/cloudwatch-resources";
import { readProperties, resourcePlace } from "cw-alarm-test/property-reader";
import type { ResolvedResource, ResolvedStack } from "cw-alarm-test/resolved-stack";
import { AssemblyError } from "cw-alarm-test/template";
import { PARAMETER_TYPES, type TemplateParameter } from "../parameter-store.ts";
import {
  customResourceOf,
  type CustomResourceSource,
  type EventInvokeConfig,
  eventInvokeConfigOf,
  type FunctionPermission,
  functionPermissionOf,
  type FunctionSource,
  functionSourceOf,
  functionUrlOf,
  tagsOf,
  type FunctionUrlSource,
  isCustomResource,
} from "./function-resources.ts";
import { queueOf, type QueueSource } from "./queues.ts";
import { scheduledRuleOf, scheduleOf, type ScheduleSource } from "./schedules.ts";
import { inlineSubscriptionsOf, type Subscription, subscriptionOf, type Topic, topicOf } from "./topics.ts";

/** An alarm and the stack that owns it. */
export interface AlarmSource {
  readonly definition: AlarmDefinition;
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
}

/** A mute rule and the Region whose alarms it names. */
export interface MuteRuleSource {
  readonly rule: MuteRuleDefinition;
  readonly region: string;
}

/** Everything of the templates that runs on the laptop. */
export interface Emulated {
  readonly functions: readonly FunctionSource[];
  readonly urls: readonly FunctionUrlSource[];
  readonly schedules: readonly ScheduleSource[];
  readonly permissions: readonly FunctionPermission[];
  readonly eventInvokeConfigs: readonly EventInvokeConfig[];
  readonly customResources: readonly CustomResourceSource[];
  readonly inferenceProfiles: readonly ApplicationInferenceProfile[];
  readonly alarms: readonly AlarmSource[];
  readonly muteRules: readonly MuteRuleSource[];
  readonly dashboards: readonly DashboardSource[];
  readonly topics: readonly Topic[];
  readonly subscriptions: readonly Subscription[];
  readonly queues: readonly QueueSource[];
  readonly parameters: readonly TemplateParameter[];
  readonly logGroups: readonly LogGroupSource[];
  /** Tags of alarms and dashboards, by ARN. */
  readonly tags: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** What does not run, each with its name and reason. */
  readonly notices: readonly string[];
}

interface CollectedResources {
  readonly functions: FunctionSource[];
  readonly urls: FunctionUrlSource[];
  readonly schedules: ScheduleSource[];
  readonly permissions: FunctionPermission[];
  readonly eventInvokeConfigs: EventInvokeConfig[];
  readonly customResources: CustomResourceSource[];
  readonly inferenceProfiles: ApplicationInferenceProfile[];
  readonly alarms: AlarmSource[];
  readonly muteRules: MuteRuleSource[];
  readonly dashboards: DashboardSource[];
  readonly topics: Topic[];
  readonly subscriptions: Subscription[];
  readonly queues: QueueSource[];
  readonly parameters: TemplateParameter[];
  readonly logGroups: LogGroupSource[];
  readonly tags: Map<string, Readonly<Record<string, string>>>;
  readonly notices: string[];
}

interface FoundResource {
  readonly resource: ResolvedResource;
  readonly stack: ResolvedStack;
  readonly assetPath: Assembly["assetPath"];
  readonly into: CollectedResources;
}

/** Collects what runs; a resource that cannot be read is left out with a notice that says why. */
export function emulatedOf(assembly: Assembly): Emulated {
  const into: CollectedResources = {
    functions: [],
    urls: [],
    schedules: [],
    permissions: [],
    eventInvokeConfigs: [],
    customResources: [],
    alarms: [],
    muteRules: [],
    dashboards: [],
    topics: [],
    subscriptions: [],
    queues: [],
    parameters: [],
    logGroups: [],
    tags: new Map(),
    inferenceProfiles: [],
    notices: [...assembly.notices],
  };
  for (const stack of assembly.stacks)
    for (const resource of stack.resources) collect({ resource, stack, assetPath: assembly.assetPath, into });
  return into;
}

const READERS: Readonly<Record<string, (found: FoundResource) => void>> = {
  "AWS::Bedrock::ApplicationInferenceProfile": ({ resource, into }) =>
    into.inferenceProfiles.push(inferenceProfileOf(resource)),
  "AWS::CloudWatch::Alarm": (found) => collectAlarm(found, metricAlarmOf),
  "AWS::CloudWatch::AlarmMuteRule": ({ resource, into }) => {
    const rule = muteRuleOf(resource);
    into.muteRules.push({
      rule: { ...rule, alarmNames: rule.alarmNames.map(alarmNameOf) },
      region: resource.region,
    });
  },
  "AWS::CloudWatch::CompositeAlarm": (found) => collectAlarm(found, compositeAlarmOf),
  "AWS::CloudWatch::Dashboard": ({ resource, into }) => {
    const dashboard = dashboardOf(resource);
    into.dashboards.push(dashboard);
    const { refusal } = checkDashboardBody(dashboard.body);
    if (refusal !== undefined)
      into.notices.push(`${resourcePlace(resource)} would be refused by CloudWatch: ${refusal}`);
  },
  "AWS::Events::Rule": ({ resource, into }) => into.schedules.push(...scheduledRuleOf(resource)),
  "AWS::Lambda::EventInvokeConfig": ({ resource, into }) =>
    into.eventInvokeConfigs.push(eventInvokeConfigOf(resource)),
  "AWS::Lambda::Function": ({ resource, stack, assetPath, into }) =>
    into.functions.push(functionSourceOf(resource, stack, assetPath)),
  "AWS::Lambda::Permission": ({ resource, into }) => into.permissions.push(functionPermissionOf(resource)),
  "AWS::Lambda::Url": ({ resource, stack, into }) => into.urls.push(functionUrlOf(resource, stack)),
  "AWS::Logs::LogGroup": ({ resource, into }) => into.logGroups.push(logGroupOf(resource)),
  "AWS::Scheduler::Schedule": ({ resource, into }) => into.schedules.push(...scheduleOf(resource)),
  "AWS::SNS::Topic": ({ resource, into }) => {
    into.topics.push(topicOf(resource));
    into.subscriptions.push(...inlineSubscriptionsOf(resource));
  },
  "AWS::SQS::Queue": ({ resource, into }) => into.queues.push(queueOf(resource)),
  "AWS::SSM::Parameter": ({ resource, into }) => into.parameters.push(parameterOf(resource)),
  "AWS::SNS::Subscription": ({ resource, into }) => into.subscriptions.push(subscriptionOf(resource)),
};

function collect(found: FoundResource): void {
  const { resource, into } = found;
  const notice = notEmulatedNotice(resource.type, resourcePlace(resource));
  if (notice !== undefined) into.notices.push(notice);
  try {
    if (isCustomResource(resource.type)) into.customResources.push(customResourceOf(resource));
    else READERS[resource.type]?.(found);
  } catch (error) {
    if (!(error instanceof AssemblyError)) throw error;
    into.notices.push(`${resourcePlace(resource)} does nothing here: ${error.message}`);
  }
}

function collectAlarm(
  { resource, into }: FoundResource,
  definitionOf: (resource: ResolvedResource) => AlarmDefinition,
): void {
  const source = alarmSource(resource, definitionOf(resource));
  into.alarms.push(source);
  into.tags.set(alarmArn(source, source.definition.alarmName), tagsOf(readProperties(resource)));
}

function alarmSource(resource: ResolvedResource, definition: AlarmDefinition): AlarmSource {
  const { stackName, region, accountId } = resource;
  return { definition, stackName, region, accountId };
}

/** Resource types that the local runtime brings to life. */
const EMULATED_TYPES: ReadonlySet<string> = new Set([
  "AWS::Bedrock::ApplicationInferenceProfile",
  "AWS::CloudWatch::Alarm",
  "AWS::CloudWatch::AlarmMuteRule",
  "AWS::CloudWatch::CompositeAlarm",
  "AWS::CloudWatch::Dashboard",
  "AWS::Events::Rule",
  "AWS::Lambda::Alias",
  "AWS::Lambda::EventInvokeConfig",
  "AWS::Lambda::Function",
  "AWS::Lambda::Url",
  "AWS::Lambda::Version",
  "AWS::Scheduler::Schedule",
  "AWS::SNS::Subscription",
  "AWS::SNS::Topic",
  "AWS::SQS::Queue",
  "AWS::SSM::Parameter",
]);

/** Resource types that do nothing by themselves while the system runs: leaving them out changes nothing. */
const WITHOUT_BEHAVIOUR: ReadonlySet<string> = new Set([
  "AWS::CDK::Metadata",
  "AWS::CloudFormation::WaitConditionHandle",
  "AWS::CodeDeploy::Application",
  "AWS::IAM::ManagedPolicy",
  "AWS::IAM::OIDCProvider",
  "AWS::IAM::Policy",
  "AWS::IAM::Role",
  "AWS::KMS::Alias",
  "AWS::KMS::Key",
  "AWS::Lambda::Permission",
  "AWS::Logs::LogGroup",
  "AWS::Logs::QueryDefinition",
  "AWS::Scheduler::ScheduleGroup",
  "AWS::SNS::TopicPolicy",
  "AWS::SQS::QueuePolicy",
]);

/** What a type would do on AWS and does not here, by what its name begins with. */
const REASONS: readonly (readonly [prefix: string, reason: string])[] = [
  ["AWS::ApplicationAutoScaling::", "environments are made as requests come, none is kept ready"],
  ["AWS::Budgets::Budget", "nothing is billed here and no budget is ever used up"],
  ["AWS::CodeDeploy::DeploymentGroup", "a new version serves every request at once"],
  ["AWS::Logs::MetricFilter", "metrics come from EMF lines only"],
];

/** A function runs in the network of this machine, whatever the template draws around it. */
const NETWORK = "AWS::EC2::";

/** Why a resource does nothing here, in one sentence for the user; `undefined` when it does all it should. */
export function notEmulatedNotice(type: string, place: string): string | undefined {
  if (isCustomResource(type)) return undefined;
  if (EMULATED_TYPES.has(type) || WITHOUT_BEHAVIOUR.has(type) || type.startsWith(NETWORK)) return undefined;
  const reason = REASONS.find(([prefix]) => type.startsWith(prefix))?.[1];
  return `${type} is not emulated: ${reason === undefined ? "" : `${reason}, so `}${place} does nothing here`;
}

/** A Bedrock inference profile of one's own, for the bill to tell apart what it costs. */
export interface ApplicationInferenceProfile {
  readonly profileArn: string;
  /** ARN of the model or profile that it was copied from. */
  readonly source: string;
}

/** Reads an `AWS::Bedrock::ApplicationInferenceProfile`. */
function inferenceProfileOf(resource: ResolvedResource): ApplicationInferenceProfile {
  const read = readProperties(resource);
  const source = read.required("ModelSource", read.object("ModelSource"));
  return { profileArn: resource.ref(), source: source.required("CopyFrom", source.text("CopyFrom")) };
}

/** A log group of the templates. */
export interface LogGroupSource {
  readonly region: string;
  readonly logGroupName: string;
  /** Missing for a group that keeps its lines for ever. */
  readonly retentionInDays?: number;
  readonly kmsKeyId?: string;
}

/** Reads an `AWS::Logs::LogGroup`. */
function logGroupOf(resource: ResolvedResource): LogGroupSource {
  const read = readProperties(resource);
  return withoutUndefined<LogGroupSource>({
    region: resource.region,
    logGroupName: resource.ref(),
    retentionInDays: read.number("RetentionInDays"),
    kmsKeyId: read.text("KmsKeyId"),
  });
}

/** Reads an `AWS::SSM::Parameter`; CloudFormation makes no SecureString. */
function parameterOf(resource: ResolvedResource): TemplateParameter {
  const read = readProperties(resource);
  return {
    region: resource.region,
    name: resource.ref(),
    type: read.required("Type", read.word("Type", PARAMETER_TYPES)),
    value: read.required("Value", read.text("Value")),
  };
}
