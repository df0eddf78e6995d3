import type { SizeReport } from "./compare.ts";

/** The size to choose and why, or why none can be named. */
export interface Advice {
  readonly memoryMb?: number;
  readonly why: string;
}

/** Nobody who dictates notices less than this. */
const NOTICED_MS = 100;

/** Share of the memory that may have been in use: longer texts and replies need more than the question that was asked. */
const USED_MOST = 0.8;

/** What is said of sizes that were measured on a laptop. */
export const NOT_IN_AWS: Advice = {
  why: "the CPU of this machine does not shrink with the memory, and the memory used is the function's own heap alone; what holds is whether it ran at all. Measure in AWS with --aws",
};

/** The smallest size in which nobody waits noticeably longer than in the fastest one, and which has room to spare. */
export function recommend(sizes: readonly SizeReport[]): Advice {
  const fit = sizes.flatMap((size) =>
    size.waitMs !== undefined && size.fault === undefined && hasRoom(size)
      ? [{ ...size, waitMs: size.waitMs }]
      : [],
  );
  if (fit.length === 0) return { why: noneFits(sizes) };
  const bestMs = Math.min(...fit.map(({ waitMs }) => waitMs));
  const chosen = fit
    .toSorted((one, other) => one.memoryMb - other.memoryMb)
    .find(({ waitMs }) => waitMs <= bestMs + NOTICED_MS);
  const largest = Math.max(...sizes.map(({ memoryMb }) => memoryMb));
  return {
    ...(chosen && { memoryMb: chosen.memoryMb }),
    why:
      `the smallest size that is within ${NOTICED_MS} ms of the fastest and has a fifth of its memory to spare` +
      (chosen?.memoryMb === largest && sizes.length > 1
        ? "; it is the largest that was measured, so a larger one may be faster still"
        : ""),
  };
}

function hasRoom({ memoryMb, memoryUsedMb }: SizeReport): boolean {
  return memoryUsedMb <= memoryMb * USED_MOST;
}

function noneFits(sizes: readonly SizeReport[]): string {
  if (sizes.some(({ waitMs, fault }) => waitMs !== undefined && fault === undefined))
    return "every size that answered used over four fifths of its memory: measure larger ones with --sizes";
  if (sizes.some(({ init }) => init !== undefined))
    return "no size answered both a first and a later question: look at the failures above";
  return "no question met a new environment: wait until others are idle, and see that concurrency allows --cold at once";
}
