import { AwsError } from "../aws-error.ts";
import type { Reader } from "./reader.ts";

/** One page of a list; `NextToken` is there while more follows. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly NextToken?: string;
}

/** The page that `NextToken` asks for, of `MaxRecords` items where the operation has such a member. */
export function page<T>(all: readonly T[], read: Reader, most: number): Page<T> {
  const start = offsetOf(read);
  const end = start + (read.number("MaxRecords") ?? most);
  return { items: all.slice(start, end), ...nextToken(end, all.length) };
}

/** Where the page begins that `NextToken` asks for. */
export function offsetOf(read: Reader): number {
  const token = read.text("NextToken");
  if (token === undefined) return 0;
  const start = /^from (\d+)$/.exec(Buffer.from(token, "base64").toString())?.[1];
  if (start === undefined) throw new AwsError("InvalidNextToken", "The NextToken is invalid.");
  return Number(start);
}

/** The token of the next page, while there is one. */
export function nextToken(end: number, total: number): { readonly NextToken?: string } {
  return end < total ? { NextToken: Buffer.from(`from ${end}`).toString("base64") } : {};
}
