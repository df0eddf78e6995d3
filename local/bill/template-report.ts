import { billOf } from "./bill.ts";
import { stackResources, type BilledStack } from "./billed-stack.ts";
import { billedDashboards, FREE_DASHBOARD_METRICS } from "./cloudwatch-meters.ts";
import { FREE_ALLOWANCES, PRICES, type PriceKey } from "./prices.ts";

/** So much of what is allowed, or of what is free. */
export interface UsedShare {
  readonly what: string;
  readonly used: number;
  readonly most: number;
}

/** A template against the limits of CloudFormation. */
export interface StackSize {
  readonly stackName: string;
  readonly resources: UsedShare;
  readonly bytes: UsedShare;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const LIMITS = { resources: 500, bytes: 1_048_576 } as const;

/** The size of each stack's template. */
export function stackSizes(
  stacks: readonly (BilledStack & { readonly bytes: number })[],
): readonly StackSize[] {
  return stacks.map((stack) => ({
    stackName: stack.stackName,
    resources: { what: "resources", used: stackResources(stack).length, most: LIMITS.resources },
    bytes: { what: "bytes", used: stack.bytes, most: LIMITS.bytes },
  }));
}

/** What the stacks use of CloudWatch's free allowances: metrics, alarms, dashboards, and the widest dashboard's metrics. */
export function freeShares(stacks: readonly BilledStack[]): readonly UsedShare[] {
  // Traffic changes none of these quantities.
  const billed = { stacks, requestsPerDay: 0 };
  const { lines } = billOf(billed);
  const used = (...keys: readonly PriceKey[]): number =>
    lines
      .filter(({ item }) => keys.some((key) => PRICES[key].item === item))
      .reduce((sum, { quantity }) => sum + quantity, 0);
  const widest = Math.max(0, ...billedDashboards(billed).map(({ metrics }) => metrics));
  return [
    { what: "custom metrics", used: used("customMetric"), most: FREE_ALLOWANCES.customMetrics },
    { what: "alarm metrics", used: used("alarmMetric"), most: FREE_ALLOWANCES.alarmMetrics },
    { what: "dashboards", used: used("dashboard", "wideDashboard"), most: FREE_ALLOWANCES.dashboards },
    { what: "metrics on the widest dashboard", used: widest, most: FREE_DASHBOARD_METRICS },
    { what: "composite alarms", used: used("compositeAlarm"), most: 0 },
  ];
}

/** Whether more is used than `most`. */
export function isOverLimit({ used, most }: UsedShare): boolean {
  return used > most;
}
