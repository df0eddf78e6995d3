const LOG_TIME = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3})$/;

/** The moment that a cell of a log query tells, as Logs Insights writes it, in UTC; `undefined` when it is none. */
export function readLogTime(text: string): number | undefined {
  const found = LOG_TIME.exec(text);
  if (found === null) return undefined;
  const timeMs = Date.parse(`${found[1] ?? ""}T${found[2] ?? ""}Z`);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
