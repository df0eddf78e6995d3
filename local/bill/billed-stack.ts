import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import { type Template, type TemplateResource } from "cw-alarm-test/template";
import type { Price } from "./prices.ts";

/** A stack as the bill reads it: what is written in its template, references unresolved. */
export interface BilledStack {
  readonly stackName: string;
  readonly template: Template;
}

/** Whom a line of the bill is for: those who ask, or those who watch. */
export type BillArea = "agent" | "monitoring";

/** A resource together with the stack that refers to it. */
export interface BilledResource {
  readonly stack: BilledStack;
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Every resource of a stack, or those of one type. */
export function stackResources(stack: BilledStack, type?: string): readonly BilledResource[] {
  return Object.entries(stack.template.Resources ?? {})
    .filter(([, resource]) => type === undefined || resource.Type === type)
    .map(([logicalId, resource]) => billed(stack, logicalId, resource));
}

function billed(stack: BilledStack, logicalId: string, resource: TemplateResource): BilledResource {
  return { stack, logicalId, type: resource.Type, properties: resource.Properties ?? {} };
}

const WATCHING = ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::Budgets::Budget"];

/** A stack that holds alarms, dashboards or a budget is monitoring, with everything in it. */
export function billAreaOf(stack: BilledStack): BillArea {
  return stackResources(stack).some(({ type }) => WATCHING.includes(type)) ? "monitoring" : "agent";
}

/** The resources that a value refers to, as Ref, GetAtt or inside Sub; each once, in order. */
export function referencesIn(stack: BilledStack, value: unknown): readonly BilledResource[] {
  const ids = new Set(logicalIdsIn(value));
  return stackResources(stack).filter(({ logicalId }) => ids.has(logicalId));
}

function logicalIdsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(logicalIdsIn);
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, argument]) => {
    if (name === "Ref" && typeof argument === "string") return [argument];
    if (name === "Fn::GetAtt") return [getAttOf(argument)];
    if (name === "Fn::Sub") return [...subOf(argument), ...logicalIdsIn(argument)];
    return logicalIdsIn(argument);
  });
}

function getAttOf(argument: unknown): string {
  const first: unknown = Array.isArray(argument) ? argument[0] : argument;
  return typeof first === "string" ? (first.split(".")[0] ?? "") : "";
}

function subOf(argument: unknown): readonly string[] {
  const text: unknown = Array.isArray(argument) ? argument[0] : argument;
  if (typeof text !== "string") return [];
  return [...text.matchAll(/\$\{([A-Za-z0-9]+)/g)].map(([, id = ""]) => id);
}

/** Text as it is written, with every reference left as an empty place; `undefined` for what is no text. */
export function templateText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (!isJsonObject(value)) return undefined;
  const join = value["Fn::Join"];
  if (!Array.isArray(join) || !Array.isArray(join[1])) return undefined;
  const parts: readonly unknown[] = join[1];
  return parts.map((part) => templateText(part) ?? "").join(String(join[0]));
}

/** A number as CloudFormation takes it, which may be written as text. */
export function templateNumber(value: unknown): number | undefined {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/** So much of something priced, in one month. */
export interface Usage {
  readonly area: BillArea;
  /** What it is for, in a few words: the line's name together with the price's item. */
  readonly what: string;
  readonly price: Price;
  readonly quantity: number;
}

/** What a meter finds in the templates. */
export interface MeterReading {
  readonly usages: readonly Usage[];
  /** What it had to take for granted, in sentences. */
  readonly assumed?: readonly string[];
  /** What it saw and could not count, by name and with the reason. */
  readonly notCounted?: readonly string[];
}

/** All stacks of a stage, and the traffic that they bear. */
export interface BilledStage {
  readonly stacks: readonly BilledStack[];
  readonly requestsPerDay: number;
}

/** A resource as a reader of the bill finds it again. */
export function billedPlace({ stack, logicalId }: BilledResource): string {
  return `${stack.stackName}/${logicalId}`;
}
