import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import { createHash } from "node:crypto";
import { NO_VALUE } from "./intrinsics.ts";
import { partitionOf, urlSuffix } from "@wrist-agent/cloudwatch/region";
import { type Template, type TemplateParameter } from "./template.ts";

/** Where a stack is. */
interface StackPlace {
  readonly stackName: string;
  readonly region: string;
  readonly accountId: string;
}

/** The ARN of a stack; its UUID is made up from what the stack is called, as nobody deployed it. */
export function stackIdOf({ stackName, region, accountId }: StackPlace): string {
  const hex = createHash("sha256").update(`${region}/${stackName}`).digest("hex");
  const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)];
  return `arn:${partitionOf(region)}:cloudformation:${region}:${accountId}:stack/${stackName}/${uuid.join("-")}`;
}

/** The value of a pseudo parameter; `undefined` for a name that is none. */
export function pseudoParameter({ stackName, region, accountId }: StackPlace, name: string): unknown {
  const values: Readonly<Record<string, unknown>> = {
    "AWS::AccountId": accountId,
    "AWS::Region": region,
    "AWS::Partition": partitionOf(region),
    "AWS::URLSuffix": urlSuffix(region),
    "AWS::StackName": stackName,
    "AWS::StackId": stackIdOf({ stackName, region, accountId }),
    "AWS::NotificationARNs": [],
    "AWS::NoValue": NO_VALUE,
  };
  return values[name];
}

/** The value of a parameter, given or its default; `undefined` where only a deployment knows it. */
export function parameterValue({ Type = "String", Default }: TemplateParameter, given: unknown): unknown {
  const value = given ?? (Type.startsWith("AWS::SSM::Parameter::") ? undefined : Default);
  return isList(Type) && typeof value === "string" ? value.split(",").map((entry) => entry.trim()) : value;
}

/**
 * A readable value for a parameter of which nobody gave one; `undefined` for a number, which cannot be made
 * up.
 */
export function parameterStandIn(name: string, { Type = "String" }: TemplateParameter): unknown {
  if (Type.includes("Number")) return undefined;
  return isList(Type) ? [`<${name}>`] : `<${name}>`;
}

function isList(type: string): boolean {
  return type === "CommaDelimitedList" || type.includes("List<");
}

/** Puts the given values of dynamic references in their places: `ssm:/name` for `{{resolve:ssm:/name}}`. */
export function withDynamicReferences(
  value: unknown,
  given: Readonly<Record<string, string>> | undefined,
): unknown {
  if (given === undefined) return value;
  if (typeof value === "string")
    return value.replaceAll(/\{\{resolve:([^}]*)\}\}/g, (whole, name: string) => given[name] ?? whole);
  if (Array.isArray(value)) return value.map((each) => withDynamicReferences(each, given));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, withDynamicReferences(each, given)]),
  );
}

/** Logical ids that several templates use: their stand-ins must differ. */
export function logicalIdsInSeveral(templates: readonly Template[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const { Resources = {} } of templates)
    for (const id of Object.keys(Resources)) (seen.has(id) ? shared : seen).add(id);
  return shared;
}
