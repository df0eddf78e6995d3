import { present } from "../../cloudwatch/definition/present.ts";
import { readProperties } from "../resource/property-reader.ts";
import type { ResolvedResource } from "../template/resolve-stacks.ts";
import { isObject } from "../template/template.ts";

/** A resource that a function makes. */
export interface CustomResourceSource {
  readonly stackName: string;
  readonly stackId: string;
  readonly logicalId: string;
  readonly resourceType: string;
  /** ARN of the function. */
  readonly serviceToken: string;
  /** As the function gets them: every number and truth value is a text. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Whether CloudFormation leaves a type to a function. */
export function isCustomResource(type: string): boolean {
  return type.startsWith("Custom::") || type === "AWS::CloudFormation::CustomResource";
}

/** Reads a custom resource. */
export function customResourceOf(resource: ResolvedResource): CustomResourceSource {
  const { stackName, logicalId, type, region, accountId } = resource;
  const read = readProperties(resource);
  return present<CustomResourceSource>({
    ...{ stackName, logicalId, resourceType: type },
    stackId: `arn:aws:cloudformation:${region}:${accountId}:stack/${stackName}/local`,
    serviceToken: read.required("ServiceToken", read.text("ServiceToken")),
    properties: asTexts(resource.properties()) as Readonly<Record<string, unknown>>,
  });
}

function asTexts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asTexts);
  if (!isObject(value)) return typeof value === "string" ? value : String(value);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asTexts(member)]));
}
