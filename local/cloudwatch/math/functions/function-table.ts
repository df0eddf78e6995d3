import { MathError } from "../math-error.ts";
import { argument, wrongArgument, type MathFunction } from "../scope.ts";
import type { CallNode } from "../syntax.ts";
import { pointOf, scalar, series } from "../value.ts";
import { ANOMALY_DETECTION_BAND } from "./anomaly-band.ts";
import { ARRAY_FUNCTIONS } from "./array-functions.ts";
import { IF } from "./condition.ts";
import { FILL } from "./fill.ts";
import { POINT_FUNCTIONS } from "./point-functions.ts";
import { REDUCTIONS } from "./reductions.ts";

const PERIOD: MathFunction = {
  least: 1,
  most: 1,
  run(call, scope) {
    const node = call.args[0];
    if (node?.kind === "id" && scope.isMetric(node.name)) return scalar(scope.grid.periodSeconds);
    throw wrongArgument(call, 0, "expected the id of a metric");
  },
};

const TIME_SERIES: MathFunction = {
  least: 1,
  most: 1,
  run(call, scope) {
    const { number } = argument(call, 0, { scope, types: ["S"] });
    return series(new Array<number | undefined>(scope.grid.slots).fill(pointOf(number)));
  },
};

/** Every function of metric math that is evaluated here. */
const FUNCTIONS: Readonly<Record<string, MathFunction>> = {
  ...POINT_FUNCTIONS,
  ...REDUCTIONS,
  ...ARRAY_FUNCTIONS,
  ...{ ANOMALY_DETECTION_BAND, FILL, IF, PERIOD, TIME_SERIES },
};

/** Functions of CloudWatch that need something which is not on this machine. */
const OFFLINE: Readonly<Record<string, string>> = {
  DB_PERF_INSIGHTS: "database performance insights",
  INSIGHT_RULE_METRIC: "Contributor Insights rules",
  LAMBDA: "custom data sources",
  SERVICE_QUOTA: "service quotas",
};

/** The function that the call names, once it has as many arguments as it needs. */
export function functionOf({ name, args, at }: CallNode): MathFunction {
  if (Object.hasOwn(OFFLINE, name))
    throw new MathError(at, `${name} is not evaluated here: there are no ${OFFLINE[name] ?? ""} offline`);
  const found = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (found === undefined) throw unknownFunction(name, at);
  const { least, most } = found;
  if (args.length >= least && args.length <= most) return found;
  const expected = least === most ? `${least}` : `${least} to ${most}`;
  throw new MathError(at, `${name} takes ${expected} arguments, found ${args.length}`);
}

function unknownFunction(name: string, at: number): MathError {
  const upper = name.toUpperCase();
  const instead = Object.hasOwn(FUNCTIONS, upper) ? `: write ${upper}` : `: use one of ${known()}`;
  return new MathError(at, `unknown function "${name}"${instead}`);
}

function known(): string {
  return Object.keys(FUNCTIONS).sort().join(", ");
}
