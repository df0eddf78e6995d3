import { areaOf } from "../billed-stack.ts";
import { environmentsReady, functionsOf, type BilledFunction, type Runs } from "../billed-function.ts";
import { PRICES, type Price } from "../prices.ts";
import { DAYS_PER_MONTH, HOURS_PER_MONTH, tracesPerDay } from "../traffic.ts";
import { placeOf, type Billed, type Reading, type Usage } from "../usage.ts";

/** Lambda's requests and time, and X-Ray where it is on. */
export function readFunctions(billed: Billed): Reading {
  const functions = functionsOf(billed);
  const idle = functions.filter(({ runs }) => runs.every(({ perMonth }) => perMonth === 0));
  return {
    usages: [
      ...functions.flatMap((fn) => fn.runs.flatMap((runs) => [...runsOf(fn, runs), ...tracesOf(fn, runs)])),
      ...functions.flatMap(readyOf),
    ],
    notCounted: idle.map(
      ({ resource }) =>
        `runs of ${placeOf(resource)}: they come with events such as an alarm or a deployment`,
    ),
  };
}

function runsOf(fn: BilledFunction, { by, area, perMonth, seconds }: Runs): readonly Usage[] {
  const what = `${fn.name}, asked by ${by}`;
  const time = { area, what, price: timePrice(fn), quantity: perMonth * seconds * fn.memoryGb };
  return [{ area, what, price: PRICES.lambdaRequest, quantity: perMonth }, time];
}

/** What is kept ready is paid by the second, whether or not anybody asks. */
function readyOf({ name, resource, memoryGb }: BilledFunction): readonly Usage[] {
  const ready = environmentsReady(resource.stack, resource.logicalId);
  if (ready === 0) return [];
  const quantity = ready * memoryGb * HOURS_PER_MONTH * 3600;
  return [{ area: areaOf(resource.stack), what: `${ready} of ${name}`, price: PRICES.provisioned, quantity }];
}

function timePrice({ architecture, isProvisioned }: BilledFunction): Price {
  if (isProvisioned) return PRICES.provisionedTime;
  return architecture === "arm64" ? PRICES.lambdaArm : PRICES.lambdaX86;
}

/** People come in the course of a day, a schedule evenly: each of its runs is the first of its second. */
function tracesOf(fn: BilledFunction, { by, perMonth }: Runs): readonly Usage[] {
  if (!fn.isTraced) return [];
  const quantity = by === "people" ? tracesPerDay(perMonth / DAYS_PER_MONTH) * DAYS_PER_MONTH : perMonth;
  return [{ area: "monitoring", what: `${fn.name}, asked by ${by}`, price: PRICES.trace, quantity }];
}
