import type { Grid } from "../metric.ts";
import { INSIGHT_METRICS } from "../logs/contributor-insights.ts";
import { ANOMALY_DETECTION_BAND } from "./anomaly-band.ts";
import { ARRAY_FUNCTIONS, REDUCTIONS } from "./array-functions.ts";
import { type CallNode, MathError } from "./math-expression.ts";
import {
  argumentValue,
  keywordArgument,
  mapPoints,
  type MathFunction,
  type MathValue,
  type Point,
  pointOf,
  scalarValue,
  type Scope,
  seriesValue,
  textArgument,
  wrongArgument,
} from "./math-value.ts";

type Change = (points: readonly Point[], grid: Grid) => readonly Point[];

function perSeries(change: Change): MathFunction {
  return {
    minArguments: 1,
    maxArguments: 1,
    run: (call: CallNode, scope: Scope) =>
      mapPoints(argumentValue(call, 0, { scope, types: ["TS", "TS[]"] }), (points) =>
        change(points, scope.grid),
      ),
  };
}

function perPoint(change: (value: number) => number): MathFunction {
  return perSeries((points) =>
    points.map((point) => (point === undefined ? undefined : pointOf(change(point)))),
  );
}

/** Dates are of the slots themselves, whether or not the series has a point there. */
function ofDate(part: (date: Date) => number): MathFunction {
  return {
    minArguments: 1,
    maxArguments: 1,
    run(call, scope) {
      const { line } = argumentValue(call, 0, { scope, types: ["TS"] });
      const { startMs, periodSeconds } = scope.grid;
      return seriesValue(line.points.map((_, slot) => part(new Date(startMs + slot * periodSeconds * 1000))));
    },
  };
}

/** Each point with the point before it, however many slots lie between. */
function pairwise(
  points: readonly Point[],
  join: (point: number, before: number, slots: number) => number,
): readonly Point[] {
  let before: { readonly point: number; readonly slot: number } | undefined;
  return points.map((point, slot) => {
    if (point === undefined) return undefined;
    const joined = before === undefined ? undefined : join(point, before.point, slot - before.slot);
    before = { point, slot };
    return joined;
  });
}

function runningSum(points: readonly Point[]): readonly Point[] {
  let sum = 0;
  return points.map((point) => (point === undefined ? undefined : (sum += point)));
}

/** Functions that make a series of a series, point by point or of neighbouring points. */
const POINT_FUNCTIONS: Readonly<Record<string, MathFunction>> = {
  ABS: perPoint(Math.abs),
  CEIL: perPoint(Math.ceil),
  FLOOR: perPoint(Math.floor),
  LOG: perPoint(Math.log),
  LOG10: perPoint(Math.log10),
  DIFF: perSeries((points) => pairwise(points, (point, before) => point - before)),
  DIFF_TIME: perSeries((points, { periodSeconds }) =>
    pairwise(points, (_, __, slots) => slots * periodSeconds),
  ),
  RATE: perSeries((points, { periodSeconds }) =>
    pairwise(points, (point, before, slots) => (point - before) / (slots * periodSeconds)),
  ),
  RUNNING_SUM: perSeries(runningSum),
  MINUTE: ofDate((date) => date.getUTCMinutes()),
  HOUR: ofDate((date) => date.getUTCHours()),
  DAY: ofDate((date) => date.getUTCDay() || 7),
  DATE: ofDate((date) => date.getUTCDate()),
  MONTH: ofDate((date) => date.getUTCMonth() + 1),
  YEAR: ofDate((date) => date.getUTCFullYear()),
  EPOCH: ofDate((date) => date.getTime() / 1000),
};

type Fill = (points: readonly Point[]) => readonly Point[];

/** `FILL(x, S | TS | REPEAT | LINEAR)`: puts points into gaps. */
const FILL: MathFunction = {
  minArguments: 2,
  maxArguments: 2,
  run(call, scope) {
    const value = argumentValue(call, 0, { scope, types: ["TS", "TS[]"] });
    const filler = call.args[1];
    if (filler?.kind === "keyword" && filler.name === "REPEAT") return mapPoints(value, repeat);
    if (filler?.kind === "keyword" && filler.name === "LINEAR") return mapPoints(value, linear);
    return mapPoints(value, fillWith(argumentValue(call, 1, { scope, types: ["S", "TS"] })));
  },
};

function fillWith(filler: Extract<MathValue, { readonly type: "S" | "TS" }>): Fill {
  if (filler.type === "S") return (points) => points.map((point) => point ?? pointOf(filler.number));
  return (points) => points.map((point, slot) => point ?? filler.line.points[slot]);
}

/** The last point before the gap; nothing before the first point. */
function repeat(points: readonly Point[]): readonly Point[] {
  let last: Point;
  return points.map((point) => (last = point ?? last));
}

/** On the line between the points on both sides of the gap; nothing outside of them. */
function linear(points: readonly Point[]): readonly Point[] {
  const filled = [...points];
  let from: number | undefined;
  points.forEach((point, to) => {
    if (point === undefined) return;
    const start = from === undefined ? point : (points[from] ?? point);
    for (let slot = (from ?? to) + 1; slot < to; slot++)
      filled[slot] = start + ((point - start) * (slot - (from ?? to))) / (to - (from ?? to));
    from = to;
  });
  return filled;
}

type Branch = Extract<MathValue, { readonly type: "S" | "TS" }>;

/**
 * `IF(condition, a[, b])`: 0 is false. Without a condition there is no point. A chosen series that has no
 * point gives 0, except after a number in the first branch: so says AWS's table of examples.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#using-IF-expressions
 */
const IF: MathFunction = {
  minArguments: 2,
  maxArguments: 3,
  run(call, scope) {
    const condition = argumentValue(call, 0, { scope, types: ["S", "TS"] });
    const [yes, no] = branches(call, scope);
    if (condition.type === "S") return wholeBranch(call, condition.number === 0 ? no : yes, scope);
    const otherwise = yes?.type === "S" ? undefined : 0;
    return seriesValue(
      condition.line.points.map((point, slot) => {
        if (point === undefined) return undefined;
        return branchPoint(point === 0 ? no : yes, slot, otherwise);
      }),
    );
  },
};

function branches(call: CallNode, scope: Scope): readonly [Branch | undefined, Branch | undefined] {
  const branch = (index: number): Branch | undefined =>
    call.args.length > index ? argumentValue(call, index, { scope, types: ["S", "TS"] }) : undefined;
  return [branch(1), branch(2)];
}

function branchPoint(branch: Branch | undefined, slot: number, missing: Point): Point {
  if (branch === undefined) return undefined;
  return branch.type === "S" ? pointOf(branch.number) : (branch.line.points[slot] ?? missing);
}

/** A scalar condition takes one branch as it is, which must be a series. */
function wholeBranch(call: CallNode, branch: Branch | undefined, scope: Scope): MathValue {
  if (call.args.slice(1).some((node) => scope.evaluate(node).type !== "TS"))
    throw new MathError(call.at, "IF with a scalar condition (S) takes series (TS) as branches");
  return branch ?? seriesValue(new Array<undefined>(scope.grid.slots).fill(undefined));
}

const PERIOD: MathFunction = {
  minArguments: 1,
  maxArguments: 1,
  run(call, scope) {
    const node = call.args[0];
    if (node?.kind === "id" && scope.isMetric(node.name)) return scalarValue(scope.grid.periodSeconds);
    throw wrongArgument(call, 0, "expected the id of a metric");
  },
};

/** `INSIGHT_RULE_METRIC("rule", "UniqueContributors")`; the metric's name may stand without quotes. */
const INSIGHT_RULE_METRIC: MathFunction = {
  minArguments: 2,
  maxArguments: 2,
  run(call, scope) {
    const [, named] = call.args;
    const name = textArgument(call, 0);
    const metric = named?.kind === "text" ? named.text : keywordArgument(call, 1, INSIGHT_METRICS);
    const known = INSIGHT_METRICS.find((each) => each === metric);
    if (known === undefined) throw wrongArgument(call, 1, `expected ${INSIGHT_METRICS.join(", ")}`);
    const { insights } = scope;
    if (insights?.find(name) === undefined)
      throw wrongArgument(call, 0, `there is no Contributor Insights rule "${name}" here`);
    return seriesValue(insights.points(name, known, scope.grid));
  },
};

const TIME_SERIES: MathFunction = {
  minArguments: 1,
  maxArguments: 1,
  run(call, scope) {
    const { number } = argumentValue(call, 0, { scope, types: ["S"] });
    return seriesValue(new Array<number | undefined>(scope.grid.slots).fill(pointOf(number)));
  },
};

/** Every function of metric math that is evaluated here. */
const FUNCTIONS: Readonly<Record<string, MathFunction>> = {
  ...POINT_FUNCTIONS,
  ...REDUCTIONS,
  ...ARRAY_FUNCTIONS,
  ANOMALY_DETECTION_BAND,
  FILL,
  IF,
  INSIGHT_RULE_METRIC,
  PERIOD,
  TIME_SERIES,
};

/** Functions of CloudWatch that need something which is not on this machine. */
const OFFLINE: Readonly<Record<string, string>> = {
  DB_PERF_INSIGHTS: "database performance insights",
  LAMBDA: "custom data sources",
  SERVICE_QUOTA: "service quotas",
};

/** The function that the call names, once it has as many arguments as it needs. */
export function findMathFunction({ name, args, at }: CallNode): MathFunction {
  if (Object.hasOwn(OFFLINE, name))
    throw new MathError(at, `${name} is not evaluated here: there are no ${OFFLINE[name] ?? ""} offline`);
  const found = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (found === undefined) throw unknownFunction(name, at);
  const { minArguments: least, maxArguments: most } = found;
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
