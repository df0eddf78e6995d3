import { createHash } from "node:crypto";

/** What is known of a resource when its Ref or one of its attributes is asked for. */
export interface ResourceFacts {
  readonly type: string;
  readonly logicalId: string;
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
  readonly partition: string;
  /** A resolved property; `undefined` when the template does not set it. */
  readonly property: (name: string) => unknown;
  /** Place of this version among the versions of its function in the template, from 1. */
  readonly versionNumber: () => number;
}

type ReadFact = (facts: ResourceFacts) => string;

/** How a resource type answers Ref and GetAtt. */
interface TypeRow {
  readonly ref: ReadFact;
  readonly attributes: Readonly<Record<string, ReadFact>>;
}

/** Deterministic stand-in for the name that CloudFormation makes up when the template gives none. */
function generatedName(facts: ResourceFacts, max: number): string {
  const suffix = digest(`${facts.stackName}/${facts.logicalId}`).slice(0, 12).toUpperCase();
  return `${`${facts.stackName}-${facts.logicalId}`.slice(0, max - 13)}-${suffix}`;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function named(property: string, max = 255): ReadFact {
  return (facts) => {
    const value = facts.property(property);
    return typeof value === "string" ? value : generatedName(facts, max);
  };
}

function arn(service: string, resource: ReadFact): ReadFact {
  return (facts) => `arn:${facts.partition}:${service}:${facts.region}:${facts.accountId}:${resource(facts)}`;
}

/** ARN of a global service (IAM, CloudWatch dashboards): no Region in it. */
function globalArn(service: string, resource: ReadFact): ReadFact {
  return (facts) => `arn:${facts.partition}:${service}::${facts.accountId}:${resource(facts)}`;
}

function prefixed(prefix: string, read: ReadFact, suffix = ""): ReadFact {
  return (facts) => `${prefix}${read(facts)}${suffix}`;
}

function uuid(facts: ResourceFacts): string {
  const hex = digest(`${facts.stackName}/${facts.logicalId}`);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}

function propertyText(name: string): ReadFact {
  return (facts) => {
    const value = facts.property(name);
    return typeof value === "string" ? value : "";
  };
}

const FUNCTION_NAME = named("FunctionName", 64);
const FUNCTION_ARN = arn("lambda", prefixed("function:", FUNCTION_NAME));
const TOPIC_NAME = named("TopicName", 256);
const TOPIC_ARN = arn("sns", TOPIC_NAME);
const LOG_GROUP = named("LogGroupName", 512);
const ALARM_NAME = named("AlarmName");
const ALARM_ARN = arn("cloudwatch", prefixed("alarm:", ALARM_NAME));
const DASHBOARD = named("DashboardName");
const PARAMETER = named("Name", 1011);
const ROLE = named("RoleName", 64);
const POLICY_ARN = globalArn("iam", prefixed("policy/", named("ManagedPolicyName", 128)));
const BUCKET: ReadFact = (facts) => named("BucketName", 63)(facts).toLowerCase();
const BUCKET_ARN: ReadFact = (facts) => `arn:${facts.partition}:s3:::${BUCKET(facts)}`;
const QUEUE = named("QueueName", 80);
const RULE = named("Name", 64);
const TABLE = named("TableName");
const SCHEDULE = named("Name", 64);
const SCHEDULE_PATH: ReadFact = (facts) => {
  const group = propertyText("GroupName")(facts);
  return `schedule/${group === "" ? "default" : group}/${SCHEDULE(facts)}`;
};
/** Application inference profiles get an id of AWS's making. */
const PROFILE_ID: ReadFact = (facts) => digest(`${facts.stackName}/${facts.logicalId}`).slice(0, 12);
const PROFILE_ARN = arn("bedrock", prefixed("application-inference-profile/", PROFILE_ID));
const APPLICATION = named("ApplicationName", 100);
const DEPLOYMENT_GROUP = named("DeploymentGroupName", 100);

/** An id of EC2, such as `vpc-0123456789abcdef0`. */
function ec2Id(prefix: string): ReadFact {
  return (facts) => `${prefix}-${digest(`${facts.stackName}/${facts.logicalId}`).slice(0, 17)}`;
}

/** A load balancer's name as its metrics have it: `app/name/0123456789abcdef`. */
function loadBalancerName(facts: ResourceFacts): string {
  const kind = { network: "net", gateway: "gwy" }[String(facts.property("Type"))] ?? "app";
  return `${kind}/${named("Name", 32)(facts)}/${digest(`${facts.stackName}/${facts.logicalId}`).slice(0, 16)}`;
}

function targetGroupName(facts: ResourceFacts): string {
  return `targetgroup/${named("Name", 32)(facts)}/${digest(`${facts.stackName}/${facts.logicalId}`).slice(0, 16)}`;
}

const ELB = "elasticloadbalancing";
const LOAD_BALANCER_ARN = arn(ELB, prefixed("loadbalancer/", loadBalancerName));
const TARGET_GROUP_ARN = arn(ELB, targetGroupName);

const nameless = (ref: ReadFact): TypeRow => ({ ref, attributes: {} });

/** A function given by name, partial ARN or ARN, as an ARN. */
function functionArnOf(facts: ResourceFacts): string {
  const given = propertyText("FunctionName")(facts) || propertyText("TargetFunctionArn")(facts);
  return given.startsWith("arn:")
    ? given
    : `arn:${facts.partition}:lambda:${facts.region}:${facts.accountId}:function:${given}`;
}

const VERSION_REF: ReadFact = (facts) => `${functionArnOf(facts)}:${facts.versionNumber()}`;
const ALIAS_REF: ReadFact = (facts) => `${functionArnOf(facts)}:${propertyText("Name")(facts)}`;
const URL_REF: ReadFact = (facts) => {
  const qualifier = propertyText("Qualifier")(facts);
  return qualifier === "" ? functionArnOf(facts) : `${functionArnOf(facts)}:${qualifier}`;
};
/** The host of a Function URL is made up by AWS; this one is as good as that, and never contacted. */
const FUNCTION_URL: ReadFact = (facts) =>
  `https://${digest(`${facts.stackName}/${facts.logicalId}`).slice(0, 32)}.lambda-url.${facts.region}.on.aws/`;

/**
 * Ref and GetAtt by resource type; a type or attribute that is not here is refused by name when it is needed.
 */
const TYPES: Readonly<Record<string, TypeRow>> = {
  "AWS::Lambda::Function": { ref: FUNCTION_NAME, attributes: { Arn: FUNCTION_ARN } },
  "AWS::Lambda::Version": {
    ref: VERSION_REF,
    attributes: { FunctionArn: VERSION_REF, Version: (facts) => String(facts.versionNumber()) },
  },
  "AWS::Lambda::Alias": { ref: ALIAS_REF, attributes: { AliasArn: ALIAS_REF } },
  "AWS::Lambda::Url": {
    ref: URL_REF,
    attributes: { FunctionArn: URL_REF, FunctionUrl: FUNCTION_URL },
  },
  "AWS::Serverless::Function": { ref: FUNCTION_NAME, attributes: { Arn: FUNCTION_ARN } },
  "AWS::ElasticLoadBalancingV2::LoadBalancer": {
    ref: LOAD_BALANCER_ARN,
    attributes: {
      LoadBalancerArn: LOAD_BALANCER_ARN,
      LoadBalancerFullName: loadBalancerName,
      LoadBalancerName: named("Name", 32),
    },
  },
  "AWS::ElasticLoadBalancingV2::TargetGroup": {
    ref: TARGET_GROUP_ARN,
    attributes: {
      TargetGroupArn: TARGET_GROUP_ARN,
      TargetGroupFullName: targetGroupName,
      TargetGroupName: named("Name", 32),
    },
  },
  "AWS::SNS::Topic": { ref: TOPIC_ARN, attributes: { TopicArn: TOPIC_ARN, TopicName: TOPIC_NAME } },
  "AWS::SNS::Subscription": nameless((facts) => `${propertyText("TopicArn")(facts)}:${uuid(facts)}`),
  "AWS::Logs::LogGroup": {
    ref: LOG_GROUP,
    attributes: { Arn: arn("logs", prefixed("log-group:", LOG_GROUP, ":*")) },
  },
  "AWS::CloudWatch::Alarm": { ref: ALARM_NAME, attributes: { Arn: ALARM_ARN } },
  "AWS::CloudWatch::CompositeAlarm": { ref: ALARM_NAME, attributes: { Arn: ALARM_ARN } },
  "AWS::CloudWatch::AlarmMuteRule": {
    ref: named("Name"),
    attributes: { Arn: arn("cloudwatch", prefixed("alarm-mute-rule:", named("Name"))) },
  },
  "AWS::CloudWatch::Dashboard": nameless(DASHBOARD),
  "AWS::SSM::Parameter": {
    ref: PARAMETER,
    attributes: { Type: propertyText("Type"), Value: propertyText("Value") },
  },
  "AWS::IAM::Role": {
    ref: ROLE,
    attributes: {
      Arn: globalArn("iam", prefixed("role/", ROLE)),
      RoleId: (facts) => `AROA${digest(facts.logicalId).slice(0, 17).toUpperCase()}`,
    },
  },
  "AWS::IAM::ManagedPolicy": { ref: POLICY_ARN, attributes: { PolicyArn: POLICY_ARN } },
  "AWS::S3::Bucket": {
    ref: BUCKET,
    attributes: {
      Arn: BUCKET_ARN,
      DomainName: prefixed("", BUCKET, ".s3.amazonaws.com"),
      RegionalDomainName: (facts) => `${BUCKET(facts)}.s3.${facts.region}.amazonaws.com`,
    },
  },
  "AWS::SQS::Queue": {
    ref: (facts) => `https://sqs.${facts.region}.amazonaws.com/${facts.accountId}/${QUEUE(facts)}`,
    attributes: { Arn: arn("sqs", QUEUE), QueueName: QUEUE },
  },
  "AWS::KMS::Key": { ref: uuid, attributes: { Arn: arn("kms", prefixed("key/", uuid)), KeyId: uuid } },
  "AWS::Events::Rule": { ref: RULE, attributes: { Arn: arn("events", prefixed("rule/", RULE)) } },
  "AWS::Scheduler::Schedule": { ref: SCHEDULE, attributes: { Arn: arn("scheduler", SCHEDULE_PATH) } },
  "AWS::Bedrock::ApplicationInferenceProfile": {
    ref: PROFILE_ARN,
    attributes: {
      InferenceProfileArn: PROFILE_ARN,
      InferenceProfileId: PROFILE_ID,
      InferenceProfileIdentifier: PROFILE_ARN,
    },
  },
  "AWS::CodeDeploy::Application": nameless(APPLICATION),
  "AWS::CodeDeploy::DeploymentGroup": nameless(DEPLOYMENT_GROUP),
  "AWS::EC2::VPC": { ref: ec2Id("vpc"), attributes: { VpcId: ec2Id("vpc") } },
  "AWS::EC2::Subnet": { ref: ec2Id("subnet"), attributes: { SubnetId: ec2Id("subnet") } },
  "AWS::EC2::SecurityGroup": { ref: ec2Id("sg"), attributes: { GroupId: ec2Id("sg") } },
  "AWS::EC2::VPCEndpoint": { ref: ec2Id("vpce"), attributes: { Id: ec2Id("vpce") } },
  "AWS::DynamoDB::Table": { ref: TABLE, attributes: { Arn: arn("dynamodb", prefixed("table/", TABLE)) } },
};

/** What Ref gives for a resource, or `undefined` for a type whose Ref is not known. */
export function physicalRef(facts: ResourceFacts): string | undefined {
  return TYPES[facts.type]?.ref(facts);
}

/** What GetAtt gives for a resource, or `undefined` for an attribute that is not known. */
export function physicalAttribute(facts: ResourceFacts, attribute: string): string | undefined {
  return TYPES[facts.type]?.attributes[attribute]?.(facts);
}

/** Where a stand-in value is needed: what only AWS knows once the stack exists. */
export interface StandInPlace {
  readonly type: string;
  /** The logical id, as a reader tells resources apart. */
  readonly label: string;
  readonly region: string;
  readonly accountId: string;
  readonly partition: string;
}

const STAND_IN = /<[A-Za-z][^<>]*>/;

/** Whether a text holds a stand-in such as `<Cluster>`, in place of what only AWS knows. */
export function isStandIn(text: string): boolean {
  return STAND_IN.test(text);
}

/** A readable value for a Ref that is not known. */
export function standInRef({ label }: StandInPlace): string {
  return `<${label}>`;
}

/** A readable value for an attribute that is not known: an ARN where the attribute's name ends in Arn. */
export function standInAttribute(place: StandInPlace, attribute: string): string {
  if (!/arn$/i.test(attribute)) return `<${place.label}.${attribute}>`;
  const [, service = "custom", resource = "resource"] = place.type.split("::");
  const owner = `${place.region}:${place.accountId}`;
  return `arn:${place.partition}:${service.toLowerCase()}:${owner}:${resource.toLowerCase()}/<${place.label}>`;
}

/**
 * The part of a text that only AWS can split: `<LoadBalancer[1]>`; `undefined` for a text without stand-in.
 */
export function standInPart(text: string, index: number): string | undefined {
  const [found] = STAND_IN.exec(text) ?? [];
  return found === undefined ? undefined : `<${found.slice(1, -1)}[${index}]>`;
}

/** A text that an error can print: no message holds ten kilobytes. */
export function shortenedText(text: string | undefined): string {
  if (text === undefined) return "nothing";
  return text.length <= 200 ? text : `${text.slice(0, 199)}…`;
}
