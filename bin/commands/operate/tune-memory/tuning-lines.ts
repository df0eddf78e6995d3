import { columns, type Align } from "../../terminal.ts";
import type { Comparison, SizeReport, Spread } from "./compare.ts";
import type { Advice } from "./recommend.ts";

/** What the lines are about. */
export interface Told {
  readonly where: string;
  readonly stage: string;
  readonly isLocal: boolean;
  readonly coldShare: number;
  readonly requestsPerDay: number;
  readonly advice: Advice;
}

const HEAD = [
  ...["MB", "init", "(worst)", "first", "(worst)", "later", "(worst)"],
  ...["wait", "memory used", "GB-s", "USD/month", ""],
];
const ALIGN: readonly Align[] = HEAD.map((_, at) => (at === HEAD.length - 1 ? "left" : "right"));

/** A comparison as a table, what its columns mean, and what follows from it. */
export function tuningLines(comparison: Comparison, told: Told): readonly string[] {
  const { modelMs, modelUsd, sizes } = comparison;
  const { coldShare, requestsPerDay } = told;
  return [
    `${told.where}: times in milliseconds, without the wait for the model (${Math.round(modelMs)} ms in the median)`,
    "",
    ...columns([HEAD, ...sizes.map(row)], ALIGN),
    "",
    "init, first: a cold start and the first request after it; later: every other request",
    `wait: what somebody waits besides, when ${percent(coldShare)} of the requests are cold (--cold-share)`,
    `USD/month: Lambda's time at ${requestsPerDay} requests a day, before the 400,000 GB-s a month that are free`,
    told.isLocal
      ? `The stand-in cost nothing; the model would have cost ${modelUsd.toFixed(4)} USD.`
      : `The questions cost ${modelUsd.toFixed(4)} USD of the model's time.`,
    "",
    ...conclusion(told),
  ];
}

function row(size: SizeReport): readonly string[] {
  const { gigabyteSeconds, usdPerMonth, waitMs } = size;
  return [
    String(size.memoryMb),
    ...spreadCells(size.init),
    ...spreadCells(size.first),
    ...spreadCells(size.warm),
    waitMs === undefined ? "-" : String(Math.round(waitMs)),
    size.memoryUsedMb === 0 ? "-" : `${size.memoryUsedMb} MB`,
    gigabyteSeconds === undefined ? "-" : gigabyteSeconds.toFixed(3),
    usdPerMonth === undefined ? "-" : usdPerMonth.toFixed(4),
    remarks(size).join("; "),
  ];
}

function spreadCells(spread: Spread | undefined): readonly string[] {
  if (spread === undefined) return ["-", ""];
  return [String(Math.round(spread.medianMs)), `(${Math.round(spread.worstMs)})`];
}

function remarks({ isCurrent, unanswered, fault }: SizeReport): readonly string[] {
  return [
    ...(isCurrent ? ["as it is now"] : []),
    ...(fault === undefined ? [] : [`failed: ${fault}`]),
    ...(unanswered === 0 ? [] : [`${unanswered} not answered`]),
  ];
}

function conclusion({ stage, advice }: Told): readonly string[] {
  if (advice.memoryMb === undefined) return [`No size is recommended: ${advice.why}.`];
  return [
    `${advice.memoryMb} MB: ${advice.why}.`,
    `Nothing has changed yet: set LAMBDA_MEMORY=${advice.memoryMb} in .env.${stage} and deploy.`,
  ];
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
