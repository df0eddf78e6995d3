import type { Measurement } from "./measure.ts";

/** Median and worst of a sample, in milliseconds. */
export interface Spread {
  readonly medianMs: number;
  readonly worstMs: number;
}

/** One memory size, as somebody who chooses reads it. */
export interface SizeReport {
  readonly memoryMb: number;
  readonly isCurrent: boolean;
  /** Initialisation at a cold start; missing where no question met a new environment. */
  readonly init?: Spread;
  /** Time of the first request of an environment without the model's. */
  readonly first?: Spread;
  /** Time of a later request without the model's. */
  readonly warm?: Spread;
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
export interface Traffic {
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

/** Puts the sizes side by side. Memory does not make the model faster, so its wait is that of all sizes together. */
export function compare(measurements: readonly Measurement[], traffic: Traffic): Comparison {
  const all = measurements.flatMap(({ timings }) => timings);
  const modelMs = median(all.map((timing) => timing.modelMs)) ?? 0;
  const modelUsd = all.reduce((sum, timing) => sum + timing.modelUsd, 0);
  const sizes = measurements.map((one) => sizeReport(one, traffic, modelMs));
  return { sizes, modelMs: tenths(modelMs), modelUsd: Number(modelUsd.toFixed(6)) };
}

function sizeReport(measurement: Measurement, traffic: Traffic, modelMs: number): SizeReport {
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
    ...costs(spreads, { memoryMb, modelMs, traffic }),
    unanswered,
    ...(fault !== undefined && { fault }),
  };
}

interface Spreads {
  readonly init: Spread | undefined;
  readonly first: Spread | undefined;
  readonly warm: Spread | undefined;
}

interface Priced {
  readonly memoryMb: number;
  readonly modelMs: number;
  readonly traffic: Traffic;
}

function costs({ init, first, warm }: Spreads, { memoryMb, modelMs, traffic }: Priced) {
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

function spreadOf(values: readonly number[]): Spread | undefined {
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
