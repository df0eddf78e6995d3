import {
  type BillArea,
  type BilledStage,
  type MeterReading,
  stackResources,
  type Usage,
} from "./billed-stack.ts";
import { readAlarms, readDashboards, readLogs, readMetrics } from "./cloudwatch-meters.ts";
import { type Allowance, FREE_ALLOWANCES, type Price } from "./prices.ts";
import {
  PIECE_PRICED_TYPES,
  readFunctions,
  readModels,
  readPiecePriced,
  readSchedules,
  readTokenReads,
  readTopics,
} from "./service-meters.ts";

/** One line of the bill: so much of one thing, for one area. */
export interface BillLine {
  readonly area: BillArea;
  readonly item: string;
  /** What it is for, each with its share of the quantity. */
  readonly parts: readonly { readonly what: string; readonly quantity: number }[];
  readonly quantity: number;
  readonly price: Price;
  readonly grossUsd: number;
  /** What the free allowance takes off. */
  readonly freeUsd: number;
  readonly netUsd: number;
}

/** Sums of lines. */
export interface BillSums {
  readonly grossUsd: number;
  readonly freeUsd: number;
  readonly netUsd: number;
}

/** The bill of one month. */
export interface Bill {
  readonly requestsPerDay: number;
  readonly lines: readonly BillLine[];
  readonly sums: Readonly<Record<BillArea | "total", BillSums>>;
  /** Resource types that have no price row here, with their number. */
  readonly unpriced: readonly string[];
  readonly notCounted: readonly string[];
  readonly assumed: readonly string[];
}

const METERS: readonly ((billed: BilledStage) => MeterReading)[] = [
  readModels,
  readFunctions,
  readTokenReads,
  readMetrics,
  readAlarms,
  readDashboards,
  readLogs,
  readSchedules,
  readTopics,
  readPiecePriced,
];

/** Types whose resources a meter reads. */
const METERED = new Set([
  ...PIECE_PRICED_TYPES,
  "AWS::ApplicationAutoScaling::ScalingPolicy",
  "AWS::ApplicationAutoScaling::ScalableTarget",
  "AWS::CloudWatch::Alarm",
  "AWS::CloudWatch::CompositeAlarm",
  "AWS::CloudWatch::Dashboard",
  "AWS::Lambda::Alias",
  "AWS::Lambda::Function",
  "AWS::SNS::Subscription",
  "AWS::SNS::Topic",
  "AWS::Scheduler::Schedule",
]);

/** What no template shows, whatever the stage. */
const ALWAYS_NOT_COUNTED = [
  "taxes, support plans, and what the account uses beside this stage: free allowances are the account's",
  "data out to the internet: a few KB for each request, with 100 GB a month free",
  "the bootstrap bucket: a few MB of code in S3",
];

/** The monthly bill of a stage, from its templates and the traffic that they bear. */
export function billOf(billed: BilledStage): Bill {
  const readings = METERS.map((read) => read(billed));
  const lines = pricedLines(groupedUsages(readings.flatMap(({ usages }) => usages)));
  const area = (name: BillArea) => sumOf(lines.filter((line) => line.area === name));
  return {
    requestsPerDay: billed.requestsPerDay,
    lines,
    sums: { agent: area("agent"), monitoring: area("monitoring"), total: sumOf(lines) },
    unpriced: unpricedTypes(billed),
    notCounted: [...readings.flatMap(({ notCounted = [] }) => notCounted), ...ALWAYS_NOT_COUNTED],
    assumed: readings.flatMap(({ assumed = [] }) => assumed),
  };
}

/** Usages of one price and area together, those of the agent first: they have the free allowances first. */
function groupedUsages(usages: readonly Usage[]): readonly (readonly Usage[])[] {
  const groups = new Map<string, Usage[]>();
  for (const usage of usages.filter(({ quantity }) => quantity > 0)) {
    const key = `${usage.area} ${usage.price.item}`;
    groups.set(key, [...(groups.get(key) ?? []), usage]);
  }
  return [...groups.values()].toSorted((a, b) => areaRank(a) - areaRank(b));
}

function areaRank([first]: readonly Usage[]): number {
  return first?.area === "agent" ? 0 : 1;
}

function pricedLines(groups: readonly (readonly Usage[])[]): readonly BillLine[] {
  const left = new Map<Allowance, number>(Object.entries(FREE_ALLOWANCES) as [Allowance, number][]);
  return groups.flatMap((usages) => {
    const [first] = usages;
    if (first === undefined) return [];
    const { price, area } = first;
    const quantity = usages.reduce((sum, usage) => sum + usage.quantity, 0);
    const free = price.free === undefined ? 0 : Math.min(quantity, left.get(price.free) ?? 0);
    if (price.free !== undefined) left.set(price.free, (left.get(price.free) ?? 0) - free);
    const usd = (units: number): number => (units * price.usd) / price.per;
    const sums = { grossUsd: usd(quantity), freeUsd: usd(free), netUsd: usd(quantity - free) };
    return [{ area, item: price.item, parts: partsOf(usages), quantity, price, ...sums }];
  });
}

function partsOf(usages: readonly Usage[]): BillLine["parts"] {
  const parts = new Map<string, number>();
  for (const { what, quantity } of usages) parts.set(what, (parts.get(what) ?? 0) + quantity);
  return [...parts].map(([what, quantity]) => ({ what, quantity }));
}

function sumOf(lines: readonly BillLine[]): BillSums {
  const sum = (value: (line: BillLine) => number): number =>
    lines.reduce((all, line) => all + value(line), 0);
  return {
    grossUsd: sum(({ grossUsd }) => grossUsd),
    freeUsd: sum(({ freeUsd }) => freeUsd),
    netUsd: sum(({ netUsd }) => netUsd),
  };
}

function unpricedTypes({ stacks }: BilledStage): readonly string[] {
  const counts = new Map<string, number>();
  for (const { type } of stacks.flatMap((stack) => stackResources(stack)))
    if (!METERED.has(type) && !isWithoutCharge(type)) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts].map(([type, count]) => (count === 1 ? type : `${type} (${count})`)).toSorted();
}

/**
 * Resource types that cost nothing by themselves, each with the reason; whatever is in no table is reported
 * as unpriced.
 */
const WITHOUT_CHARGE: Readonly<Record<string, string>> = {
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
function isWithoutCharge(type: string): boolean {
  return Object.hasOwn(WITHOUT_CHARGE, type) || type.startsWith("Custom::");
}
