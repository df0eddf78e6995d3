import type { FunctionDefinition } from "../../../function/definition.ts";
import type { VersionBook } from "../../../function/version-book.ts";
import { AwsError } from "../aws-error.ts";
import { jsonInput } from "../json-protocol.ts";
import type { AwsCall, AwsReply, Input } from "../service.ts";

/** A function as the API describes it: what its template says, and its versions and aliases as they are now. */
export interface DescribedFunction {
  readonly functionArn: string;
  readonly definition: FunctionDefinition;
  readonly architecture: string;
  readonly book: VersionBook;
  /** Equal for equal code. */
  readonly codeSha256: () => string;
}

/** The functions that the API describes and changes, by name, partial ARN or ARN. */
export type DescribeFunction = (name: string) => DescribedFunction | undefined;

/** The function of a path. */
export function described(describe: DescribeFunction, encodedName: string | undefined): DescribedFunction {
  const name = decodeURIComponent(encodedName ?? "");
  const found = describe(name);
  if (found === undefined)
    throw new AwsError("ResourceNotFoundException", `Function not found: ${name}`, 404);
  return found;
}

/** A JSON answer. */
export function jsonReply(body: object, status = 200): AwsReply {
  const headers = { "content-type": "application/json" };
  return { status, headers, body: Buffer.from(JSON.stringify(body)) };
}

/** Nothing more to say. */
export const NO_CONTENT: AwsReply = { status: 204, headers: {}, body: Buffer.alloc(0) };

/** The body's members; one whose effect would be missed in silence is refused by name. */
export function inputOf({ body }: AwsCall, known: readonly string[]): Input {
  const input = jsonInput(body);
  const unknown = Object.keys(input).find(
    (name) => !known.includes(name) && input[name] !== undefined && input[name] !== null,
  );
  if (unknown !== undefined)
    throw invalid(
      `the local runtime does not change ${unknown} of a function: change its template and start again`,
    );
  return input;
}

/** What a change was based on must still be so. */
export function requireRevision(given: unknown, revisionId: string): void {
  if (given === undefined || given === null || given === revisionId) return;
  throw new AwsError(
    "PreconditionFailedException",
    `The RevisionId provided does not match the latest RevisionId. Call the GetFunction/GetAlias API to retrieve the latest RevisionId`,
    412,
  );
}

/** A member that is a text, or missing. */
export function textOf(input: Input, name: string): string | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined || typeof value === "string") return value;
  throw invalid(`${name} ${JSON.stringify(value)} is not a text`);
}

/** The caller's mistake. */
export function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterValueException", message);
}

/** One page of rows; `Marker` is the place of its first row. */
export function pageOf<Row>(
  rows: readonly Row[],
  { query }: AwsCall,
): { readonly rows: readonly Row[]; readonly NextMarker?: string } {
  const from = Number(query.get("Marker") ?? "0");
  const most = Number(query.get("MaxItems") ?? "50");
  if (!Number.isInteger(from) || from < 0) throw invalid("Marker is none that this API gave");
  if (!Number.isInteger(most) || most < 1) throw invalid("MaxItems is not a whole number from 1 on");
  const to = from + most;
  return { rows: rows.slice(from, to), ...(to < rows.length && { NextMarker: String(to) }) };
}
