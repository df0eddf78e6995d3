/** Resource types that the local runtime brings to life. */
export const EMULATED_TYPES: ReadonlySet<string> = new Set([
  "AWS::CloudWatch::Alarm",
  "AWS::CloudWatch::CompositeAlarm",
  "AWS::CloudWatch::Dashboard",
  "AWS::Lambda::Alias",
  "AWS::Lambda::Function",
  "AWS::Lambda::Url",
  "AWS::Lambda::Version",
  "AWS::SNS::Subscription",
  "AWS::SNS::Topic",
]);

/** Resource types that do nothing by themselves while the system runs: leaving them out changes nothing. */
const WITHOUT_BEHAVIOUR: ReadonlySet<string> = new Set([
  "AWS::CDK::Metadata",
  "AWS::CloudFormation::WaitConditionHandle",
  "AWS::IAM::ManagedPolicy",
  "AWS::IAM::OIDCProvider",
  "AWS::IAM::Policy",
  "AWS::IAM::Role",
  "AWS::KMS::Alias",
  "AWS::KMS::Key",
  "AWS::Lambda::Permission",
  "AWS::Logs::LogGroup",
  "AWS::Logs::QueryDefinition",
  "AWS::SNS::TopicPolicy",
  "AWS::SSM::Parameter",
]);

/** Why a resource does nothing here, in one sentence for the user; `undefined` when it does all it should. */
export function noticeOf(type: string, place: string): string | undefined {
  if (EMULATED_TYPES.has(type) || WITHOUT_BEHAVIOUR.has(type)) return undefined;
  return `${type} is not emulated: ${place} does nothing here`;
}
