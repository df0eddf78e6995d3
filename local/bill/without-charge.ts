/** Resource types that cost nothing by themselves, each with the reason; whatever is in no table is told as unpriced. */
export const WITHOUT_CHARGE: Readonly<Record<string, string>> = {
  "AWS::Bedrock::ApplicationInferenceProfile": "paid as the model's tokens",
  "AWS::Budgets::Budget": "budgets that only notify are free",
  "AWS::CDK::Metadata": "no resource",
  "AWS::CloudFormation::CustomResource": "paid as its function's runs",
  "AWS::CloudFormation::WaitConditionHandle": "no resource",
  "AWS::CloudWatch::AnomalyDetector": "paid with its alarm",
  "AWS::CodeDeploy::Application": "free for Lambda",
  "AWS::CodeDeploy::DeploymentConfig": "free for Lambda",
  "AWS::CodeDeploy::DeploymentGroup": "free for Lambda",
  "AWS::EC2::EgressOnlyInternetGateway": "paid as traffic",
  "AWS::EC2::InternetGateway": "paid as traffic",
  "AWS::EC2::Route": "free",
  "AWS::EC2::RouteTable": "free",
  "AWS::EC2::SecurityGroup": "free",
  "AWS::EC2::SecurityGroupEgress": "free",
  "AWS::EC2::SecurityGroupIngress": "free",
  "AWS::EC2::Subnet": "free",
  "AWS::EC2::SubnetRouteTableAssociation": "free",
  "AWS::EC2::VPC": "free",
  "AWS::EC2::VPCGatewayAttachment": "free",
  "AWS::Events::Rule": "scheduled rules are free",
  "AWS::IAM::ManagedPolicy": "free",
  "AWS::IAM::OIDCProvider": "free",
  "AWS::IAM::Policy": "free",
  "AWS::IAM::Role": "free",
  "AWS::KMS::Alias": "free",
  "AWS::Lambda::EventInvokeConfig": "free",
  "AWS::Lambda::Permission": "free",
  "AWS::Lambda::Url": "paid as its function's requests",
  "AWS::Lambda::Version": "free",
  "AWS::Logs::LogGroup": "paid as lines and storage",
  "AWS::Logs::QueryDefinition": "free",
  "AWS::SNS::TopicPolicy": "free",
  "AWS::Scheduler::ScheduleGroup": "free",
};

/** Custom resources have any name. */
export function isWithoutCharge(type: string): boolean {
  return Object.hasOwn(WITHOUT_CHARGE, type) || type.startsWith("Custom::");
}
