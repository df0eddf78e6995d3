import type { Area, BilledResource, BilledStack } from "./billed-stack.ts";
import type { Price } from "./prices.ts";

/** So much of something priced, in one month. */
export interface Usage {
  readonly area: Area;
  /** What it is for, in a few words: the line's name together with the price's item. */
  readonly what: string;
  readonly price: Price;
  readonly quantity: number;
}

/** What a meter finds in the templates. */
export interface Reading {
  readonly usages: readonly Usage[];
  /** What it had to take for granted, in sentences. */
  readonly assumed?: readonly string[];
  /** What it saw and could not count, by name and with the reason. */
  readonly notCounted?: readonly string[];
}

/** All stacks of a stage, and the traffic that they bear. */
export interface Billed {
  readonly stacks: readonly BilledStack[];
  readonly requestsPerDay: number;
}

/** A resource as a reader of the bill finds it again. */
export function placeOf({ stack, logicalId }: BilledResource): string {
  return `${stack.stackName}/${logicalId}`;
}
