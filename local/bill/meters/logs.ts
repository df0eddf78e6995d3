import { functionsOf, type BilledFunction, type Runs } from "../billed-function.ts";
import { numberOf, referencesIn, resourcesOf } from "../billed-stack.ts";
import { PRICES } from "../prices.ts";
import { DAYS_PER_MONTH, LOG_BYTES, LOG_EVENT_BYTES, USE } from "../traffic.ts";
import { placeOf, type Billed, type Reading, type Usage } from "../usage.ts";
import { dashboardsOf } from "./dashboards.ts";

const GB = 1e9;

/** Bytes of one run: the platform's two lines, and the function's own where it writes one. */
const BYTES = {
  platform: LOG_BYTES.platformLines + 2 * LOG_EVENT_BYTES,
  request: LOG_BYTES.requestLine + LOG_EVENT_BYTES,
} as const;

/** Log lines as they come in, as they are kept, and as the dashboards read them again. */
export function readLogs(billed: Billed): Reading {
  const functions = functionsOf(billed);
  const forever = functions.filter((fn) => fn.runs.length > 0 && daysKept(fn) === undefined);
  return {
    usages: [
      ...functions.flatMap((fn) => fn.runs.flatMap((runs) => linesOf(fn, runs))),
      ...scansOf(billed, functions),
    ],
    assumed: [
      "log lines take as much room stored as they did coming in, and the oldest have reached their retention",
      "each dashboard is opened once a day, and its log widgets then read its whole range",
    ],
    notCounted: forever.map(
      ({ resource }) => `log lines of ${placeOf(resource)} after a year: nothing says how long they are kept`,
    ),
  };
}

/** The platform's lines belong to whoever caused the run; the line that carries the metrics is monitoring. */
function linesOf(fn: BilledFunction, runs: Runs): readonly Usage[] {
  const what = `${fn.name}, asked by ${runs.by}`;
  const keptMonths = (daysKept(fn) ?? 365) / DAYS_PER_MONTH;
  const lines = [
    { area: runs.area, what: `${what}: Lambda's own lines`, gb: (runs.perMonth * BYTES.platform) / GB },
    {
      area: "monitoring" as const,
      what: `${what}: lines with metrics`,
      gb: (runs.perMonth * ownBytes(fn)) / GB,
    },
  ];
  return lines
    .filter(({ gb }) => gb > 0)
    .flatMap(({ gb, ...line }) => [
      { ...line, price: PRICES.logIngestion, quantity: gb },
      { ...line, price: PRICES.logStorage, quantity: gb * keptMonths },
    ]);
}

function ownBytes({ isAgent, isProbe }: BilledFunction): number {
  return isAgent || isProbe ? BYTES.request : 0;
}

/** Days that the function's log group keeps its lines; `undefined` when they are kept for ever. */
function daysKept({ resource: { stack, properties } }: BilledFunction): number | undefined {
  const [group] = referencesIn(stack, properties.LoggingConfig).filter(
    ({ type }) => type === "AWS::Logs::LogGroup",
  );
  const named = group ?? resourcesOf(stack, "AWS::Logs::LogGroup")[0];
  return numberOf(named?.properties.RetentionInDays);
}

function scansOf(billed: Billed, functions: readonly BilledFunction[]): readonly Usage[] {
  const runs = functions.filter(({ isAgent }) => isAgent).flatMap((fn) => fn.runs);
  const bytesPerDay =
    runs.reduce((sum, run) => sum + run.perMonth * (BYTES.platform + BYTES.request), 0) / DAYS_PER_MONTH;
  return dashboardsOf(billed)
    .filter(({ logWidgets }) => logWidgets > 0)
    .map(({ name, logWidgets, rangeDays }) => ({
      area: "monitoring",
      what: `${name}: ${logWidgets} widgets over ${Number(rangeDays.toFixed(2))} days`,
      price: PRICES.logScan,
      quantity: (bytesPerDay * rangeDays * logWidgets * USE.dashboardViewsPerDay * DAYS_PER_MONTH) / GB,
    }));
}
