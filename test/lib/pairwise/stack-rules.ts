import type { SynthesisedStack } from "../../support/synthesise.ts";
import { namesIn, twice } from "../../support/templates-read.ts";

/** What must hold of all stacks of a synthesis; each exception is a finding. */
export type StackRule = (stacks: readonly SynthesisedStack[]) => readonly string[];

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** A statement of a policy, wherever it stands. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action?: string | readonly string[];
  readonly Principal?: unknown;
  readonly Condition?: unknown;
  readonly NotAction?: unknown;
  readonly NotResource?: unknown;
  readonly Resource?: unknown;
}

/** Actions that are allowed on `*`, or are a pattern, with the type that they stand in and why they may. */
export const WIDE_ACTIONS: Readonly<Record<string, string>> = {
  "AWS::IAM::Policy xray:PutTraceSegments": "X-Ray knows no resources",
  "AWS::IAM::Policy xray:PutTelemetryRecords": "X-Ray knows no resources",
  "AWS::IAM::Policy cloudwatch:PutMetricData":
    "PutMetricData knows no resources; a condition keeps it to the project's namespace",
  "AWS::IAM::Policy ec2:CreateNetworkInterface": "Lambda's own, in a VPC; denied to the code",
  "AWS::IAM::Policy ec2:DescribeNetworkInterfaces": "Lambda's own, in a VPC; denied to the code",
  "AWS::IAM::Policy ec2:DescribeSubnets": "Lambda's own, in a VPC; denied to the code",
  "AWS::IAM::Policy ec2:DeleteNetworkInterface": "Lambda's own, in a VPC; denied to the code",
  "AWS::IAM::Policy ec2:AssignPrivateIpAddresses": "Lambda's own, in a VPC; denied to the code",
  "AWS::IAM::Policy ec2:UnassignPrivateIpAddresses": "Lambda's own, in a VPC; denied to the code",
  "AWS::IAM::Policy cloudwatch:GetMetricStatistics": "CloudWatch knows no resources for reading metrics",
  "AWS::IAM::Role cloudwatch:DescribeAlarms": "CloudWatch describes alarms only to who may read all",
  "AWS::IAM::Policy cloudwatch:DescribeAlarms": "CloudWatch describes alarms only to who may read all",
  "AWS::IAM::Policy cloudwatch:GetMetricData": "CloudWatch knows no resources for reading metrics",
  "AWS::IAM::Policy cloudwatch:ListMetrics": "CloudWatch knows no resources for reading metrics",
  "AWS::IAM::Policy lambda:GetAccountSettings": "settings of the account are no resource",
  "AWS::IAM::Policy logs:DescribeLogGroups": "Logs lists groups only to who may list all",
  "AWS::IAM::Policy bedrock:GetFoundationModel": "which model a stage has is a setting of it",
  "AWS::IAM::Policy bedrock:GetFoundationModelAvailability": "which model a stage has is a setting of it",
  "AWS::IAM::Policy bedrock:GetInferenceProfile": "which model a stage has is a setting of it",
  "AWS::IAM::Policy bedrock:GetUseCaseForModelAccess": "the account's form is no resource",
  "AWS::IAM::Policy servicequotas:ListServiceQuotas": "Service Quotas lists only to who may list all",
  "AWS::KMS::Key kms:*": "in a key's policy `*` is the key, and its account must be able to manage it",
  "AWS::KMS::Key kms:Decrypt": "in a key's policy `*` is the key",
  "AWS::KMS::Key kms:GenerateDataKey*":
    "in a key's policy `*` is the key; the pattern is that of AWS's guide",
};

/** Types that CloudFormation can give no tag, or whose parent has it. */
export const UNTAGGABLE: readonly string[] = [
  "AWS::ApplicationAutoScaling::ScalingPolicy",
  "AWS::EC2::Route",
  "AWS::EC2::SecurityGroupIngress",
  "AWS::EC2::SubnetRouteTableAssociation",
  "AWS::EC2::VPCGatewayAttachment",
  "AWS::IAM::Policy",
  "AWS::Lambda::Alias",
  "AWS::Lambda::EventInvokeConfig",
  "AWS::Lambda::Permission",
  "AWS::Lambda::Url",
  "AWS::Lambda::Version",
  "AWS::SNS::Subscription",
  "AWS::SNS::TopicPolicy",
  "AWS::Scheduler::Schedule",
  "Custom::WristAgentToken",
];

/** Physical names are there once in a Region; dashboards have none, so theirs once in all. */
export const namesOnce: StackRule = (stacks) =>
  twice(
    stacks.flatMap(({ region, text }) =>
      namesIn(text).map((name) => (name.includes("::Dashboard") ? name : `${region} ${name}`)),
    ),
  );

/** No statement allows everything, or something on everything, but what {@link WIDE_ACTIONS} explains. */
export const narrowPolicies: StackRule = (stacks) =>
  wideActions(stacks).filter((action) => !(action in WIDE_ACTIONS));

/** Every action that is a pattern or allowed on `*`, with the type of its resource. */
export function wideActions(stacks: readonly SynthesisedStack[]): readonly string[] {
  return resourcesOf(stacks).flatMap(({ resource }) =>
    statementsIn(resource)
      .filter(({ Effect }) => Effect === "Allow")
      .flatMap(wideIn)
      .map((action) => `${resource.Type} ${action}`),
  );
}

function wideIn(statement: Statement): readonly string[] {
  if (statement.NotAction !== undefined || statement.NotResource !== undefined) return ["all but some"];
  const onAll = [statement.Resource].flat().includes("*");
  return [statement.Action ?? []].flat().filter((action) => onAll || action.includes("*"));
}

/** Every statement below a value: of roles, their inline policies, keys and topics alike. */
export function statementsIn(value: unknown): readonly Statement[] {
  if (typeof value !== "object" || value === null) return [];
  const below = Object.values(value).flatMap(statementsIn);
  return "Effect" in value ? [value as Statement, ...below] : below;
}

/** Every function writes into a log group of its stack that forgets. */
export const logsForget: StackRule = (stacks) =>
  stacks.flatMap((stack) => {
    const resources = resourcesOf([stack]);
    const forgets = (id: string | undefined): boolean =>
      resources.some(
        (each) =>
          each.id === id &&
          each.resource.Type === "AWS::Logs::LogGroup" &&
          typeof each.resource.Properties?.RetentionInDays === "number",
      );
    return resources
      .filter(({ resource }) => resource.Type === "AWS::Lambda::Function")
      .filter(({ resource }) => !forgets(logGroupOf(resource)))
      .map(({ id }) => `${stack.name} ${id}`);
  });

function logGroupOf({ Properties }: Resource): string | undefined {
  const logging = Properties?.LoggingConfig as { readonly LogGroup?: { readonly Ref?: string } } | undefined;
  return logging?.LogGroup?.Ref;
}

/** Every stack and every resource that can be tagged has these tags. */
export function tagged(tags: Readonly<Record<string, string>>): StackRule {
  const lacks = (found: Readonly<Record<string, unknown>>): boolean =>
    Object.entries(tags).some(([key, value]) => found[key] !== value);
  return (stacks) => [
    ...stacks.filter((stack) => lacks(stack.tags)).map(({ name }) => name),
    ...resourcesOf(stacks)
      .filter(({ resource }) => !UNTAGGABLE.includes(resource.Type) && lacks(tagsOf(resource)))
      .map(({ id, resource }) => `${resource.Type} ${id}`),
  ];
}

function tagsOf({ Properties = {} }: Resource): Readonly<Record<string, unknown>> {
  // A parameter of SSM takes a map.
  if (Properties.Tags !== undefined && !Array.isArray(Properties.Tags)) return { ...Properties.Tags };
  const list = (Properties.Tags ?? Properties.ResourceTags ?? []) as readonly {
    Key: string;
    Value: unknown;
  }[];
  return Object.fromEntries(list.map(({ Key, Value }) => [Key, Value]));
}

/** Stacks that are, or are not, protected from deletion against what is asked. */
export function deletionProtected(expected: "protected" | "deletable"): StackRule {
  return (stacks) =>
    stacks.filter(({ isProtected }) => isProtected !== (expected === "protected")).map(({ name }) => name);
}

function resourcesOf(stacks: readonly SynthesisedStack[]): readonly { id: string; resource: Resource }[] {
  return stacks.flatMap(({ text }) => {
    const { Resources } = JSON.parse(text) as { Resources: Readonly<Record<string, Resource>> };
    return Object.entries(Resources).map(([id, resource]) => ({ id, resource }));
  });
}
