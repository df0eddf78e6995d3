import { MathError } from "../math-error.ts";
import { argument, type MathFunction, type Scope } from "../scope.ts";
import type { CallNode } from "../syntax.ts";
import { pointOf, series, type Point, type Value } from "../value.ts";

type Branch = Extract<Value, { readonly type: "S" | "TS" }>;

/**
 * `IF(condition, a[, b])`: 0 is false. Without a condition there is no point. A chosen series that has no point
 * gives 0, except after a number in the first branch: so says AWS's table of examples.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#using-IF-expressions
 */
export const IF: MathFunction = {
  least: 2,
  most: 3,
  run(call, scope) {
    const condition = argument(call, 0, { scope, types: ["S", "TS"] });
    const [yes, no] = branches(call, scope);
    if (condition.type === "S") return wholeBranch(call, condition.number === 0 ? no : yes, scope);
    const otherwise = yes?.type === "S" ? undefined : 0;
    return series(
      condition.line.points.map((point, slot) => {
        if (point === undefined) return undefined;
        return branchPoint(point === 0 ? no : yes, slot, otherwise);
      }),
    );
  },
};

function branches(call: CallNode, scope: Scope): readonly [Branch | undefined, Branch | undefined] {
  const branch = (index: number): Branch | undefined =>
    call.args.length > index ? argument(call, index, { scope, types: ["S", "TS"] }) : undefined;
  return [branch(1), branch(2)];
}

function branchPoint(branch: Branch | undefined, slot: number, missing: Point): Point {
  if (branch === undefined) return undefined;
  return branch.type === "S" ? pointOf(branch.number) : (branch.line.points[slot] ?? missing);
}

/** A scalar condition takes one branch as it is, which must be a series. */
function wholeBranch(call: CallNode, branch: Branch | undefined, scope: Scope): Value {
  if (call.args.slice(1).some((node) => scope.evaluate(node).type !== "TS"))
    throw new MathError(call.at, "IF with a scalar condition (S) takes series (TS) as branches");
  return branch ?? series(new Array<undefined>(scope.grid.slots).fill(undefined));
}
