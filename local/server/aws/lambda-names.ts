import { functionArn } from "../../function/function-records.ts";
import { type AwsCall, AwsError, credentialRegion } from "./service.ts";
import type { Account } from "./ssm.ts";

/** A function as a call names it. */
export interface NamedFunction {
  readonly functionName: string;
  /** Unqualified; of the Region that the call is signed for. */
  readonly functionArn: string;
  /** An alias or a version, from the path or the query. */
  readonly qualifier?: string;
}

const NAME_PATTERN = String.raw`(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?`;
const QUALIFIER_PATTERN = String.raw`\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+`;
const MAX_QUALIFIER_LENGTH = 128;

/** The function of a path and a query, as Lambda reads a name, a partial ARN and an ARN. */
export function namedFunction(
  encodedName: string | undefined,
  { query, ...call }: AwsCall,
  account: Account,
): NamedFunction {
  const text = decodeURIComponent(encodedName ?? "");
  const asked = query.get("Qualifier") ?? undefined;
  const errors = [...qualifierErrors(asked), ...nameErrors(text)];
  if (errors.length > 0) throw validationError(errors);
  const region = credentialRegion({ query, ...call }) ?? account.region;
  const { elsewhere, functionName, suffix } = nameParts(text);
  if (elsewhere !== undefined && elsewhere !== region)
    throw new AwsError(
      "ResourceNotFoundException",
      `Functions from '${elsewhere}' are not reachable in this region ('${region}')`,
      404,
    );
  if (asked !== undefined && suffix !== undefined && asked !== suffix)
    throw new AwsError(
      "InvalidParameterValueException",
      "The derived qualifier from the function name does not match the specified qualifier.",
    );
  const qualifier = asked ?? suffix;
  const arn = functionArn({ region, accountId: account.accountId, functionName });
  return { functionName, functionArn: arn, ...(qualifier !== undefined && { qualifier }) };
}

function nameParts(text: string): {
  readonly elsewhere: string | undefined;
  readonly functionName: string;
  readonly suffix: string | undefined;
} {
  const groups = new RegExp(`^${NAME_PATTERN}$`).exec(text) ?? [];
  return { elsewhere: groups[3]?.slice(0, -1), functionName: groups[11] ?? "", suffix: groups[13] };
}

function nameErrors(name: string): readonly string[] {
  return new RegExp(`^${NAME_PATTERN}$`).test(name) ? [] : [patternError("functionName", name, NAME_PATTERN)];
}

function qualifierErrors(qualifier: string | undefined): readonly string[] {
  if (qualifier === undefined) return [];
  if (qualifier.length > MAX_QUALIFIER_LENGTH)
    return [
      `Value '${qualifier}' at 'qualifier' failed to satisfy constraint: Member must have length less than or equal to ${MAX_QUALIFIER_LENGTH}`,
    ];
  return new RegExp(`^(?:${QUALIFIER_PATTERN})$`).test(qualifier)
    ? []
    : [patternError("qualifier", qualifier, QUALIFIER_PATTERN)];
}

/** What Smithy says of a member that does not match. */
export function patternError(member: string, value: string, pattern: string): string {
  return `Value '${value}' at '${member}' failed to satisfy constraint: Member must satisfy regular expression pattern: ${pattern}`;
}

/** The refusal of members that fail their constraints. */
export function validationError(errors: readonly string[]): AwsError {
  const count = errors.length === 1 ? "1 validation error" : `${errors.length} validation errors`;
  return new AwsError("ValidationException", `${count} detected: ${errors.join("; ")}`);
}

/** The refusal of a function, a version or an alias that is not there. */
export function functionNotFound({ functionArn: unqualified, qualifier }: NamedFunction): AwsError {
  const arn = qualifier === undefined ? unqualified : `${unqualified}:${qualifier}`;
  return new AwsError("ResourceNotFoundException", `Function not found: ${arn}`, 404);
}
