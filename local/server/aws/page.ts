import { AwsError } from "./aws-error.ts";
import type { Input } from "./service.ts";

/** One page of a list; `NextToken` is there while more follows. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly NextToken?: string;
}

/** The page that `NextToken` and `MaxRecords` of an input ask for. */
export function page<T>(all: readonly T[], input: Input, recordsDefault: number): Page<T> {
  const start = startOf(input.NextToken);
  const most = typeof input.MaxRecords === "number" ? input.MaxRecords : recordsDefault;
  const end = start + most;
  const items = all.slice(start, end);
  return end < all.length ? { items, NextToken: Buffer.from(`from ${end}`).toString("base64") } : { items };
}

function startOf(token: unknown): number {
  if (token === undefined) return 0;
  const start =
    typeof token === "string" && /^from (\d+)$/.exec(Buffer.from(token, "base64").toString())?.[1];
  if (start === false || start === undefined)
    throw new AwsError("InvalidNextToken", "The NextToken is invalid.");
  return Number(start);
}
