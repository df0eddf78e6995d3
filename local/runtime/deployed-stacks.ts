import { isJsonObject, parseJsonObject } from "@wrist-agent/cloudwatch/json";
import type { StackContents } from "../assembly/stack-contents.ts";
import { readOwnFile, replaceOwnFile } from "../own-file.ts";
import type { ServedStack } from "../server/aws/cloudformation.ts";
import { type LocalAddress, withLocalAddress } from "./plan.ts";

/** When a stack was first run on a data directory, and when a start last brought another template of it. */
export interface StackTimes {
  readonly createdMs: number;
  readonly updatedMs?: number;
}

interface KeptTimes extends StackTimes {
  readonly templateHash: string;
}

/** The times of the stacks by their ids, and why they could not be kept. */
export interface DeployedStackTimes {
  readonly stackTimes: ReadonlyMap<string, StackTimes>;
  readonly stackNotices: readonly string[];
}

/**
 * The times of the stacks as CloudFormation would have them: a start with other templates is an update, one
 * with the same is none. They are kept in `file`, which a start replaces as a whole; a file that cannot be
 * read starts over.
 */
export function deployStacks(
  file: string,
  stacks: readonly StackContents[],
  nowMs: number,
): DeployedStackTimes {
  const before = readTimes(file);
  const stackTimes = new Map<string, KeptTimes>();
  for (const { stackId, templateHash } of stacks)
    stackTimes.set(stackId, timesNow(before.get(stackId), templateHash, nowMs));
  try {
    replaceOwnFile(file, `${JSON.stringify(Object.fromEntries([...before, ...stackTimes]))}\n`);
    return { stackTimes, stackNotices: [] };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { stackTimes, stackNotices: [`when the stacks were deployed is not kept: ${reason}`] };
  }
}

/** The stacks as CloudFormation shows them; the Function URL is the one that is served here. */
export function servedStacks(
  stacks: readonly StackContents[],
  stackTimes: ReadonlyMap<string, StackTimes>,
  address: LocalAddress,
): readonly ServedStack[] {
  return stacks.map((stack) => ({
    ...stack,
    createdMs: 0,
    ...stackTimes.get(stack.stackId),
    outputs: stack.outputs.map((output) => ({ ...output, value: withLocalAddress(output.value, address) })),
  }));
}

function timesNow(before: KeptTimes | undefined, templateHash: string, nowMs: number): KeptTimes {
  if (before === undefined) return { templateHash, createdMs: nowMs };
  if (before.templateHash === templateHash) return before;
  return { templateHash, createdMs: before.createdMs, updatedMs: nowMs };
}

function readTimes(file: string): ReadonlyMap<string, KeptTimes> {
  const kept = Object.entries(parseJsonObject(readOwnFile(file) ?? "") ?? {});
  return new Map(kept.flatMap(([stackId, value]) => (isKeptTimes(value) ? [[stackId, value] as const] : [])));
}

function isKeptTimes(value: unknown): value is KeptTimes {
  if (!isJsonObject(value)) return false;
  const { templateHash, createdMs, updatedMs } = value;
  return (
    typeof templateHash === "string" &&
    typeof createdMs === "number" &&
    (updatedMs === undefined || typeof updatedMs === "number")
  );
}
