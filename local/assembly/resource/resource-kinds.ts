import { isCustomResource } from "../function/custom-resource.ts";

/** Resource types that the local runtime brings to life. */
export const EMULATED_TYPES: ReadonlySet<string> = new Set([
  "AWS::Bedrock::ApplicationInferenceProfile",
  "AWS::CloudWatch::Alarm",
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
export function noticeOf(type: string, place: string): string | undefined {
  if (isCustomResource(type)) return undefined;
  if (EMULATED_TYPES.has(type) || WITHOUT_BEHAVIOUR.has(type) || type.startsWith(NETWORK)) return undefined;
  const reason = REASONS.find(([prefix]) => type.startsWith(prefix))?.[1];
  return `${type} is not emulated: ${reason === undefined ? "" : `${reason}, so `}${place} does nothing here`;
}
