import { Command, InvalidArgumentError, Option } from "commander";
import { type Bill, type BillLine, billOf, type BillSums } from "../../local/bill/bill.ts";
import type { BillArea } from "../../local/bill/billed-stack.ts";
import { PRICES_READ, PRICES_REGION } from "../../local/bill/prices.ts";
import { stageTemplates, type TemplateOptions, withTemplateOptions } from "../cli/stage-templates.ts";
import { type Align, alignedColumns, type Terminal } from "../cli/terminal.ts";
import { spendLimits } from "./spend-limits.ts";

interface BillOptions extends TemplateOptions {
  readonly requestsPerDay: number;
  readonly profile?: "default" | "full";
  readonly json?: true;
}

const BILL_EXAMPLES = `
Examples:
  npm run cli -- bill --requests-per-day 30
  npm run cli -- bill --requests-per-day 1000 --profile full --stage staging
  npm run cli -- bill -c region=eu-west-1 -c modelId=eu.anthropic.claude-haiku-4-5-20251001-v1:0
  npm run cli -- bill --assembly cdk.out --json`;

/**
 * `bill`: what a month costs, the agent and its monitoring apart, from the templates and a dated price table.
 */
export function billCommand(terminal: Terminal): Command {
  return withTemplateOptions(new Command("bill"))
    .description("price a month of the agent and of its monitoring, from the synthesised templates")
    .option("--requests-per-day <number>", "requests of people in a day", parseRequestsPerDay, 30)
    .addOption(
      new Option("--profile <profile>", "monitoring profile; the stage's own when missing").choices([
        "default",
        "full",
      ]),
    )
    .option("--json", "print one JSON line: lines, sums, what is assumed and what is not counted")
    .addHelpText("after", BILL_EXAMPLES)
    .action(async (options: BillOptions) => {
      const stacks = await stageTemplates(terminal, { ...options, context: billContext(options) });
      const bill = billOf({ stacks, requestsPerDay: options.requestsPerDay });
      if (options.json === true) terminal.out(JSON.stringify(bill));
      else billLines(terminal, bill, billHead(options)).forEach(terminal.out);
    });
}

function parseRequestsPerDay(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError("give a number above 0, such as 30.");
}

/** The alarms' thresholds are made from the traffic, so the templates must know it. */
function billContext({ context, requestsPerDay, profile }: BillOptions): Readonly<Record<string, string>> {
  return {
    ...spendLimits(requestsPerDay),
    ...context,
    requestsPerDay: String(requestsPerDay),
    ...(profile && { monitoringProfile: profile }),
  };
}

function billHead({ stage, assembly, requestsPerDay }: BillOptions): string {
  const from = assembly === undefined ? `stage ${stage}` : `the templates of ${assembly}`;
  return `One month of Wrist Agent, ${from}, at ${requestsPerDay.toLocaleString("en-US")} requests a day`;
}

const BILL_HEAD = ["", "quantity", "price in USD", "gross", "free tier", "to pay"];

const BILL_ALIGN: readonly Align[] = ["left", "right", "left", "right", "right", "right"];

const AREA_TITLES: Readonly<Record<BillArea, string>> = { agent: "Agent", monitoring: "Monitoring" };

/** The bill as text: a table for the agent, one for the monitoring, the total, and what is not in it. */
export function billLines(terminal: Terminal, bill: Bill, head: string): string[] {
  const { bold, dim } = terminal.colours;
  const areas: readonly BillArea[] = ["agent", "monitoring"];
  const rows = areas.flatMap((area) => [
    [AREA_TITLES[area]],
    ...bill.lines.filter((line) => line.area === area).map(lineCells),
    sumCells(`${AREA_TITLES[area]}, together`, bill.sums[area]),
  ]);
  const table = alignedColumns([BILL_HEAD, ...rows, sumCells("Both", bill.sums.total)], BILL_ALIGN);
  return [
    bold(head),
    dim(`List prices of ${PRICES_REGION} as of ${PRICES_READ}; other Regions differ by a few percent.`),
    "",
    ...table.map((line) => (/^(Agent|Monitoring|Both)/.test(line) ? bold(line) : line)),
    ...noteLines("No price is known for", bill.unpriced).map(terminal.colours.yellow),
    ...noteLines("Not counted", bill.notCounted),
    ...noteLines("Assumed", bill.assumed),
  ];
}

function lineCells(line: BillLine): readonly string[] {
  return [`  ${line.item}`, quantityText(line.quantity), priceText(line), ...sumTexts(line)];
}

function sumCells(title: string, sums: BillSums): readonly string[] {
  return [title, "", "", ...sumTexts(sums)];
}

function sumTexts({ grossUsd, freeUsd, netUsd }: BillSums): readonly string[] {
  return [usdText(grossUsd), freeUsd === 0 ? "" : usdText(freeUsd), usdText(netUsd)];
}

function noteLines(title: string, sentences: readonly string[]): string[] {
  return sentences.length === 0 ? [] : ["", title, ...sentences.map((sentence) => `  ${sentence}`)];
}

/** `1.10 per 1,000,000 tokens`, without the digits that floating point adds. */
export function priceText({ price: { usd, per, unit } }: Pick<BillLine, "price">): string {
  const digits = usd.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 10 });
  return `${digits} per ${per === 1 ? "" : `${quantityText(per)} `}${unit}`;
}

/** A quantity with as many digits as mean something. */
export function quantityText(quantity: number): string {
  const digits = quantity >= 100 ? Math.round(quantity) : Number(quantity.toPrecision(3));
  return digits.toLocaleString("en-US", { maximumFractionDigits: 8 });
}

/** Dollars and cents; less than half a cent is said to be so. */
export function usdText(value: number): string {
  if (value > 0 && value < 0.005) return "<0.01";
  return value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}
