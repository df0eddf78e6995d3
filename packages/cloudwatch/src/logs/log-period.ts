/** A period of calendar months, which are not equally long. */
export interface LogMonths {
  readonly months: number;
}

const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000];
const WEEK = 7 * DAY;
const [MONTH, QUARTER, YEAR] = [{ months: 1 }, { months: 3 }, { months: 12 }];

/**
 * The units of periods as Logs Insights spells them: milliseconds, or calendar months.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html
 */
export const PERIOD_UNITS: Readonly<Record<string, number | LogMonths>> = {
  ms: 1,
  msec: 1,
  millisecond: 1,
  milliseconds: 1,
  s: SECOND,
  sec: SECOND,
  secs: SECOND,
  second: SECOND,
  seconds: SECOND,
  m: MINUTE,
  min: MINUTE,
  mins: MINUTE,
  minute: MINUTE,
  minutes: MINUTE,
  h: HOUR,
  hr: HOUR,
  hrs: HOUR,
  hour: HOUR,
  hours: HOUR,
  d: DAY,
  day: DAY,
  days: DAY,
  w: WEEK,
  week: WEEK,
  weeks: WEEK,
  mo: MONTH,
  mon: MONTH,
  month: MONTH,
  months: MONTH,
  q: QUARTER,
  qtr: QUARTER,
  qtrs: QUARTER,
  quarter: QUARTER,
  quarters: QUARTER,
  y: YEAR,
  yr: YEAR,
  yrs: YEAR,
  year: YEAR,
  years: YEAR,
};

/** A period as a query writes it, such as `5m` or `1 hour`. */
export function logPeriod(text: string): number | LogMonths {
  const count = parseInt(text, 10);
  const unit = PERIOD_UNITS[text.replace(/^\d+ */, "")] ?? NaN;
  return typeof unit === "number" ? count * unit : { months: count * unit.months };
}

/** The beginning of the period that a moment lies in, or the next one; epoch milliseconds. */
export function roundToPeriod(timeMs: number, period: number | LogMonths, round: "down" | "up"): number {
  if (typeof period === "number") {
    const periods = timeMs / period;
    return (round === "down" ? Math.floor(periods) : Math.ceil(periods)) * period;
  }
  const date = new Date(timeMs);
  const month = (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
  const first = Math.floor(month / period.months) * period.months;
  const beginMs = Date.UTC(1970, first);
  return round === "down" || beginMs === timeMs ? beginMs : Date.UTC(1970, first + period.months);
}
