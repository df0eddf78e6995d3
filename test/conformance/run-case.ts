import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import {
  type ConformanceCase,
  type ConformanceNames,
  type ConformanceStep,
  filledIn,
} from "./conformance-case.ts";
import { differences } from "./differences.ts";

type Client = Pick<cloudwatch.CloudWatchClient, "send">;

/** Runs a case by the SDK; gives each way in which an answer differs from the recorded one. */
export async function runCase(
  { steps, cleanup = [] }: ConformanceCase,
  client: Client,
  names: ConformanceNames,
): Promise<readonly string[]> {
  const found: string[] = [];
  try {
    for (const [index, step] of steps.entries())
      for (const difference of await runStep(step, client, names))
        found.push(`step ${index + 1}, ${step.call}: ${difference}`);
  } finally {
    for (const step of cleanup) await runStep(step, client, names);
  }
  return found;
}

async function runStep(
  step: ConformanceStep,
  client: Client,
  names: ConformanceNames,
): Promise<readonly string[]> {
  const answer = await answerTo(step, client, names);
  if (step.error !== undefined) return differences("error", filledIn(step.error, names), answer.error ?? {});
  if (answer.error !== undefined) return [`refused: ${JSON.stringify(answer.error)}`];
  return differences("output", filledIn(step.output ?? {}, names), answer.output);
}

interface Answer {
  readonly output?: object;
  readonly error?: { readonly code: string; readonly message: string; readonly status: number | undefined };
}

/** A failure as the SDK throws it. */
interface SdkFailure {
  readonly name: string;
  readonly message: string;
  readonly Error?: { readonly Code?: string; readonly Message?: string };
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** What the SDK says of an error without a message. */
const MADE_UP: readonly string[] = ["Unknown", "UnknownError"];

async function answerTo(step: ConformanceStep, client: Client, names: ConformanceNames): Promise<Answer> {
  const commands = cloudwatch as unknown as Readonly<Record<string, new (input: object) => never>>;
  const Command = commands[`${step.call}Command`];
  if (Command === undefined) throw new Error(`the SDK has no operation ${step.call}`);
  try {
    return { output: await client.send(new Command(filledIn(step.input, names) as object)) };
  } catch (error) {
    const { name, message, Error: old, $metadata } = error as SdkFailure;
    if ($metadata === undefined) throw error;
    const said = old?.Message ?? message;
    return {
      error: {
        code: old?.Code ?? name,
        message: MADE_UP.includes(said) ? "" : said,
        status: $metadata.httpStatusCode,
      },
    };
  }
}
