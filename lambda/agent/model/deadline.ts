/** Kept back from Lambda's timeout to answer 504 and to write the line: a killed function reports nothing. */
const RESERVE_MS = 1_000;

/** Time that the model may take, of what Lambda leaves: short timeouts give up a fifth instead of a whole second. `mostMs` bounds it further. */
export function modelBudgetMs(remainingMs: number, mostMs = Number.POSITIVE_INFINITY): number {
  const remaining = Number.isFinite(remainingMs) ? Math.max(0, remainingMs) : 0;
  return Math.min(mostMs, Math.round(remaining - Math.min(RESERVE_MS, remaining / 5)));
}
