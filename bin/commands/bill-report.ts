import type { Bill, BillLine, Sums } from "../../local/bill/bill.ts";
import type { Area } from "../../local/bill/billed-stack.ts";
import { PRICES_READ, PRICES_REGION } from "../../local/bill/prices.ts";
import { columns, type Align, type Terminal } from "./terminal.ts";

const HEAD = ["", "quantity", "price in USD", "gross", "free tier", "to pay"];

const ALIGN: readonly Align[] = ["left", "right", "left", "right", "right", "right"];

const TITLES: Readonly<Record<Area, string>> = { agent: "Agent", monitoring: "Monitoring" };

/** The bill as text: a table for the agent, one for the monitoring, the total, and what is not in it. */
export function billLines(terminal: Terminal, bill: Bill, head: string): string[] {
  const { bold, dim } = terminal.colours;
  const areas: readonly Area[] = ["agent", "monitoring"];
  const rows = areas.flatMap((area) => [
    [TITLES[area]],
    ...bill.lines.filter((line) => line.area === area).map(cellsOf),
    sumCells(`${TITLES[area]}, together`, bill.sums[area]),
  ]);
  const table = columns([HEAD, ...rows, sumCells("Both", bill.sums.total)], ALIGN);
  return [
    bold(head),
    dim(`List prices of ${PRICES_REGION} as of ${PRICES_READ}; other Regions differ by a few percent.`),
    "",
    ...table.map((line) => (/^(Agent|Monitoring|Both)/.test(line) ? bold(line) : line)),
    ...notes("No price is known for", bill.unpriced).map(terminal.colours.yellow),
    ...notes("Not counted", bill.notCounted),
    ...notes("Assumed", bill.assumed),
  ];
}

function cellsOf(line: BillLine): readonly string[] {
  return [`  ${line.item}`, amount(line.quantity), priceText(line), ...sumTexts(line)];
}

function sumCells(title: string, sums: Sums): readonly string[] {
  return [title, "", "", ...sumTexts(sums)];
}

function sumTexts({ grossUsd, freeUsd, netUsd }: Sums): readonly string[] {
  return [usd(grossUsd), freeUsd === 0 ? "" : usd(freeUsd), usd(netUsd)];
}

function notes(title: string, sentences: readonly string[]): string[] {
  return sentences.length === 0 ? [] : ["", title, ...sentences.map((sentence) => `  ${sentence}`)];
}

/** `1.10 per 1,000,000 tokens`, without the digits that floating point adds. */
export function priceText({ price: { usd, per, unit } }: Pick<BillLine, "price">): string {
  const digits = usd.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 10 });
  return `${digits} per ${per === 1 ? "" : `${amount(per)} `}${unit}`;
}

/** A quantity with as many digits as mean something. */
export function amount(quantity: number): string {
  const digits = quantity >= 100 ? Math.round(quantity) : Number(quantity.toPrecision(3));
  return digits.toLocaleString("en-US", { maximumFractionDigits: 8 });
}

/** Dollars and cents; less than half a cent is said to be so. */
export function usd(value: number): string {
  if (value > 0 && value < 0.005) return "<0.01";
  return value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}
