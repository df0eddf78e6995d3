import { javaDouble } from "./aws-text.ts";

/** A number that AWS writes as a Java double: `50.0`. */
export interface JavaDouble {
  readonly double: number;
}

/** What {@link awsJson} can write; `undefined` members are left out. */
export type AwsJson = string | number | boolean | null | JavaDouble | readonly AwsJson[] | AwsJsonObject;

/** A JSON object, members in the order in which AWS writes them. */
export interface AwsJsonObject {
  readonly [name: string]: AwsJson | undefined;
}

/** JSON text as AWS's Java services write it: compact, doubles with their point. */
export function awsJson(value: AwsJson): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isArray(value)) return `[${value.map(awsJson).join(",")}]`;
  if (isDouble(value)) return javaDouble(value.double);
  const members = Object.entries(value).flatMap(([name, member]) =>
    member === undefined ? [] : [`${JSON.stringify(name)}:${awsJson(member)}`],
  );
  return `{${members.join(",")}}`;
}

function isArray(value: object): value is readonly AwsJson[] {
  return Array.isArray(value);
}

function isDouble(value: object): value is JavaDouble {
  return "double" in value && typeof value.double === "number";
}
