import { Command, InvalidArgumentError, Option } from "commander";
import { billOf } from "../../local/bill/bill.ts";
import { billLines } from "./bill-report.ts";
import { stageTemplates, withTemplateOptions, type TemplateOptions } from "./stage-templates.ts";
import type { Terminal } from "./terminal.ts";

interface BillOptions extends TemplateOptions {
  readonly requestsPerDay: number;
  readonly profile?: "default" | "full";
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  npm run cli -- bill --requests-per-day 30
  npm run cli -- bill --requests-per-day 1000 --profile full --stage staging
  npm run cli -- bill -c region=eu-west-1 -c modelId=eu.anthropic.claude-haiku-4-5-20251001-v1:0
  npm run cli -- bill --assembly cdk.out --json`;

/** `bill`: what a month costs, the agent and its monitoring apart, from the templates and a dated price table. */
export function billCommand(terminal: Terminal): Command {
  return withTemplateOptions(new Command("bill"))
    .description("price a month of the agent and of its monitoring, from the synthesised templates")
    .option("--requests-per-day <number>", "requests of people in a day", requestsPerDay, 30)
    .addOption(
      new Option("--profile <profile>", "monitoring profile; the stage's own when missing").choices([
        "default",
        "full",
      ]),
    )
    .option("--json", "print one JSON line: lines, sums, what is assumed and what is not counted")
    .addHelpText("after", EXAMPLES)
    .action(async (options: BillOptions) => {
      const stacks = await stageTemplates(terminal, { ...options, context: contextOf(options) });
      const bill = billOf({ stacks, requestsPerDay: options.requestsPerDay });
      if (options.json === true) terminal.out(JSON.stringify(bill));
      else billLines(terminal, bill, headOf(options)).forEach(terminal.out);
    });
}

function requestsPerDay(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError("give a number above 0, such as 30.");
}

/** The alarms' thresholds are made from the traffic, so the templates must know it. */
function contextOf({ context, requestsPerDay, profile }: BillOptions): Readonly<Record<string, string>> {
  return {
    ...context,
    requestsPerDay: String(requestsPerDay),
    ...(profile && { monitoringProfile: profile }),
  };
}

function headOf({ stage, assembly, requestsPerDay }: BillOptions): string {
  const from = assembly === undefined ? `stage ${stage}` : `the templates of ${assembly}`;
  return `One month of Wrist Agent, ${from}, at ${requestsPerDay.toLocaleString("en-US")} requests a day`;
}
