const ISO_INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/;

/** Epoch milliseconds of an ISO 8601 instant that states its offset; `undefined` for anything else. */
export function instantOf(text: string): number | undefined {
  if (!ISO_INSTANT.test(text)) return undefined;
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}
