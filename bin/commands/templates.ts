import { Command } from "commander";
import { billOf } from "../../local/bill/bill.ts";
import { type BilledStack, stackResources } from "../../local/bill/billed-stack.ts";
import { billedDashboards, FREE_DASHBOARD_METRICS } from "../../local/bill/cloudwatch-meters.ts";
import { FREE_ALLOWANCES, type PriceKey, PRICES } from "../../local/bill/prices.ts";
import { stageTemplates, type TemplateOptions, withTemplateOptions } from "../cli/stage-templates.ts";
import { alignedColumns, type Terminal } from "../cli/terminal.ts";

interface TemplatesOptions extends TemplateOptions {
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  npm run cli -- templates
  npm run cli -- templates --stage staging -c monitoringProfile=full
  npm run cli -- templates --assembly cdk.out --json

Exits 1 when a template is larger than CloudFormation takes.`;

/**
 * `templates`: size and resources of each stack against CloudFormation's limits, and CloudWatch's free
 * allowances.
 */
export function templatesCommand(terminal: Terminal): Command {
  return withTemplateOptions(new Command("templates"))
    .description("report the templates' sizes, and what they use of CloudWatch's free allowances")
    .option("--json", "print one JSON line")
    .addHelpText("after", EXAMPLES)
    .action(async (options: TemplatesOptions) => {
      const stacks = await stageTemplates(terminal, options);
      const sizes = stackSizes(stacks);
      const free = freeShares(stacks);
      if (options.json === true) terminal.out(JSON.stringify({ stacks: sizes, free }));
      else [...sizeLines(terminal, sizes), "", ...freeTierLines(terminal, free)].forEach(terminal.out);
      if (sizes.some(({ resources, bytes }) => isOverLimit(resources) || isOverLimit(bytes)))
        process.exitCode = 1;
    });
}

function sizeLines(terminal: Terminal, sizes: readonly StackSize[]): string[] {
  const rows = sizes.map(({ stackName, resources, bytes }) => [
    stackName,
    usedText(resources),
    usedText(bytes),
  ]);
  const [head = "", ...lines] = alignedColumns(
    [["Stack", "resources", "bytes"], ...rows],
    ["left", "right", "right"],
  );
  const painted = lines.map((line, at) => {
    const size = sizes[at];
    return size && (isOverLimit(size.resources) || isOverLimit(size.bytes))
      ? terminal.colours.red(line)
      : line;
  });
  return [terminal.colours.bold(head), ...painted];
}

function freeTierLines(terminal: Terminal, shares: readonly UsedShare[]): string[] {
  const lines = alignedColumns(
    shares.map((share) => [share.what, usedText(share), isOverLimit(share) ? "the rest is paid" : ""]),
    ["left", "right"],
  );
  const painted = lines.map((line, at) => {
    const share = shares[at];
    return share && isOverLimit(share) ? terminal.colours.yellow(line) : line;
  });
  return [terminal.colours.bold("Free of charge at CloudWatch"), ...painted];
}

function usedText({ used, most }: UsedShare): string {
  return `${used.toLocaleString("en-US")} of ${most.toLocaleString("en-US")}`;
}

/** So much of what is allowed, or of what is free. */
interface UsedShare {
  readonly what: string;
  readonly used: number;
  readonly most: number;
}

/** A template against the limits of CloudFormation. */
interface StackSize {
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

/**
 * What the stacks use of CloudWatch's free allowances: metrics, alarms, dashboards, and the widest
 * dashboard's metrics.
 */
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
function isOverLimit({ used, most }: UsedShare): boolean {
  return used > most;
}
