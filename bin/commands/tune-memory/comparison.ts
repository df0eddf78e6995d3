import { type Align, alignedColumns } from "../../cli/terminal.ts";
import type { Measurement } from "./measure.ts";

/** Median and worst of a sample, in milliseconds. */
interface TimeSpread {
  readonly medianMs: number;
  readonly worstMs: number;
}

/** One memory size, as somebody who chooses reads it. */
export interface SizeReport {
  readonly memoryMb: number;
  readonly isCurrent: boolean;
  /** Initialisation at a cold start; missing where no question met a new environment. */
  readonly init?: TimeSpread;
  /** Time of the first request of an environment without the model's. */
  readonly first?: TimeSpread;
  /** Time of a later request without the model's. */
  readonly warm?: TimeSpread;
  readonly memoryUsedMb: number;
  /** What somebody waits beside the model, on average over cold and warm; missing where one of them is. */
  readonly waitMs?: number;
  /** Billed for a request whose model takes as long as it did in all sizes. */
  readonly gigabyteSeconds?: number;
  readonly usdPerMonth?: number;
  readonly unanswered: number;
  readonly fault?: string;
}

/** What requests are like outside the measurement. */
interface ComparedTraffic {
  /** Share of the requests that meet a new environment. */
  readonly coldShare: number;
  readonly requestsPerDay: number;
  readonly usdPerGigabyteSecond: number;
  readonly currentMemoryMb: number;
}

/** All sizes, and what is the same for them. */
export interface Comparison {
  readonly sizes: readonly SizeReport[];
  /** Median wait for the model over all sizes. */
  readonly modelMs: number;
  readonly modelUsd: number;
}

const DAYS_PER_MONTH = 30;

/**
 * Puts the sizes side by side. Memory does not make the model faster, so its wait is that of all sizes
 * together.
 */
export function compareSizes(measurements: readonly Measurement[], traffic: ComparedTraffic): Comparison {
  const all = measurements.flatMap(({ timings }) => timings);
  const modelMs = median(all.map((timing) => timing.modelMs)) ?? 0;
  const modelUsd = all.reduce((sum, timing) => sum + timing.modelUsd, 0);
  const sizes = measurements.map((one) => sizeReport(one, traffic, modelMs));
  return { sizes, modelMs: tenths(modelMs), modelUsd: Number(modelUsd.toFixed(6)) };
}

function sizeReport(measurement: Measurement, traffic: ComparedTraffic, modelMs: number): SizeReport {
  const { memoryMb, timings, unanswered, fault } = measurement;
  const cold = timings.filter(({ initMs }) => initMs !== undefined);
  const warm = timings.filter(({ initMs }) => initMs === undefined);
  const own = ({ durationMs, modelMs: ms }: (typeof timings)[number]): number => durationMs - ms;
  const spreads = {
    init: spreadOf(cold.map(({ initMs = 0 }) => initMs)),
    first: spreadOf(cold.map(own)),
    warm: spreadOf(warm.map(own)),
  };
  return {
    memoryMb,
    isCurrent: memoryMb === traffic.currentMemoryMb,
    ...(spreads.init && { init: spreads.init }),
    ...(spreads.first && { first: spreads.first }),
    ...(spreads.warm && { warm: spreads.warm }),
    memoryUsedMb: Math.max(0, ...timings.map(({ memoryUsedMb }) => memoryUsedMb)),
    ...sizeCosts(spreads, { memoryMb, modelMs, traffic }),
    unanswered,
    ...(fault !== undefined && { fault }),
  };
}

interface Spreads {
  readonly init: TimeSpread | undefined;
  readonly first: TimeSpread | undefined;
  readonly warm: TimeSpread | undefined;
}

interface PricedSize {
  readonly memoryMb: number;
  readonly modelMs: number;
  readonly traffic: ComparedTraffic;
}

function sizeCosts({ init, first, warm }: Spreads, { memoryMb, modelMs, traffic }: PricedSize) {
  if (init === undefined || first === undefined || warm === undefined) return {};
  const { coldShare, requestsPerDay, usdPerGigabyteSecond } = traffic;
  const waitMs = tenths(coldShare * (init.medianMs + first.medianMs) + (1 - coldShare) * warm.medianMs);
  const gigabyteSeconds = ((waitMs + modelMs) / 1000) * (memoryMb / 1024);
  const usdPerMonth = gigabyteSeconds * usdPerGigabyteSecond * requestsPerDay * DAYS_PER_MONTH;
  return {
    waitMs,
    gigabyteSeconds: Number(gigabyteSeconds.toFixed(4)),
    usdPerMonth: Number(usdPerMonth.toFixed(6)),
  };
}

function spreadOf(values: readonly number[]): TimeSpread | undefined {
  const medianMs = median(values);
  if (medianMs === undefined) return undefined;
  return { medianMs: tenths(medianMs), worstMs: tenths(Math.max(...values)) };
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

/** The middle value, or the mean of the two middle ones; `undefined` for none. */
function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half];
  if (upper === undefined || sorted.length % 2 === 1) return upper;
  return ((sorted[half - 1] ?? upper) + upper) / 2;
}

/** The size to choose and why, or why none can be named. */
interface SizeAdvice {
  readonly memoryMb?: number;
  readonly why: string;
}

/** No user notices less than this. */
const NOTICEABLE_MS = 100;

/**
 * Share of the memory that may have been in use: longer texts and replies need more than the question that
 * was asked.
 */
const MAX_USED_SHARE = 0.8;

/** What is said of sizes that were measured on a laptop. */
export const LOCAL_ADVICE: SizeAdvice = {
  why: "the CPU of this machine does not shrink with the memory, and the memory used is the function's own heap alone; what holds is whether it ran at all. Measure in AWS with --aws",
};

/**
 * The smallest size in which nobody waits noticeably longer than in the fastest one, and which has room to
 * spare.
 */
export function recommendSize(sizes: readonly SizeReport[]): SizeAdvice {
  const fit = sizes.flatMap((size) =>
    size.waitMs !== undefined && size.fault === undefined && hasRoom(size)
      ? [{ ...size, waitMs: size.waitMs }]
      : [],
  );
  if (fit.length === 0) return { why: noFitReason(sizes) };
  const bestMs = Math.min(...fit.map(({ waitMs }) => waitMs));
  const chosen = fit
    .toSorted((one, other) => one.memoryMb - other.memoryMb)
    .find(({ waitMs }) => waitMs <= bestMs + NOTICEABLE_MS);
  const largest = Math.max(...sizes.map(({ memoryMb }) => memoryMb));
  return {
    ...(chosen && { memoryMb: chosen.memoryMb }),
    why:
      `the smallest size that is within ${NOTICEABLE_MS} ms of the fastest and has a fifth of its memory to spare` +
      (chosen?.memoryMb === largest && sizes.length > 1
        ? "; it is the largest that was measured, so a larger one may be faster still"
        : ""),
  };
}

function hasRoom({ memoryMb, memoryUsedMb }: SizeReport): boolean {
  return memoryUsedMb <= memoryMb * MAX_USED_SHARE;
}

function noFitReason(sizes: readonly SizeReport[]): string {
  if (sizes.some(({ waitMs, fault }) => waitMs !== undefined && fault === undefined))
    return "every size that answered used over four fifths of its memory: measure larger ones with --sizes";
  if (sizes.some(({ init }) => init !== undefined))
    return "no size answered both a first and a later question: look at the failures above";
  return "no question met a new environment: wait until others are idle, and see that concurrency allows --cold at once";
}

/** What the lines are about. */
interface TuningContext {
  readonly where: string;
  readonly stage: string;
  readonly isLocal: boolean;
  readonly coldShare: number;
  readonly requestsPerDay: number;
  readonly advice: SizeAdvice;
}

const TABLE_HEAD = [
  "MB",
  "init",
  "(worst)",
  "first",
  "(worst)",
  "later",
  "(worst)",
  "wait",
  "memory used",
  "GB-s",
  "USD/month",
  "",
];
const TABLE_ALIGN: readonly Align[] = TABLE_HEAD.map((_, at) =>
  at === TABLE_HEAD.length - 1 ? "left" : "right",
);

/** A comparison as a table, what its columns mean, and what follows from it. */
export function tuningLines(comparison: Comparison, context: TuningContext): readonly string[] {
  const { modelMs, modelUsd, sizes } = comparison;
  const { coldShare, requestsPerDay } = context;
  return [
    `${context.where}: times in milliseconds, without the wait for the model (${Math.round(modelMs)} ms in the median)`,
    "",
    ...alignedColumns([TABLE_HEAD, ...sizes.map(sizeRow)], TABLE_ALIGN),
    "",
    "init, first: a cold start and the first request after it; later: every other request",
    `wait: what a user waits in addition, when ${sharePercent(coldShare)} of the requests are cold (--cold-share)`,
    `USD/month: Lambda's time at ${requestsPerDay} requests a day, before the 400,000 GB-s a month that are free`,
    context.isLocal
      ? `The stand-in cost nothing; the model would have cost ${modelUsd.toFixed(4)} USD.`
      : `The questions cost ${modelUsd.toFixed(4)} USD of the model's time.`,
    "",
    ...adviceLines(context),
  ];
}

function sizeRow(size: SizeReport): readonly string[] {
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
    sizeRemarks(size).join("; "),
  ];
}

function spreadCells(spread: TimeSpread | undefined): readonly string[] {
  if (spread === undefined) return ["-", ""];
  return [String(Math.round(spread.medianMs)), `(${Math.round(spread.worstMs)})`];
}

function sizeRemarks({ isCurrent, unanswered, fault }: SizeReport): readonly string[] {
  return [
    ...(isCurrent ? ["as it is now"] : []),
    ...(fault === undefined ? [] : [`failed: ${fault}`]),
    ...(unanswered === 0 ? [] : [`${unanswered} not answered`]),
  ];
}

function adviceLines({ stage, advice }: TuningContext): readonly string[] {
  if (advice.memoryMb === undefined) return [`No size is recommended: ${advice.why}.`];
  return [
    `${advice.memoryMb} MB: ${advice.why}.`,
    `Nothing has changed yet: set LAMBDA_MEMORY=${advice.memoryMb} in .env.${stage} and deploy.`,
  ];
}

function sharePercent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
