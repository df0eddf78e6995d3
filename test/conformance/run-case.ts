import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as lambda from "@aws-sdk/client-lambda";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import * as ssm from "@aws-sdk/client-ssm";
import {
  type ConformanceCase,
  type ConformanceNames,
  type ConformanceService,
  type ConformanceStep,
  filledIn,
} from "./conformance-case.ts";
import { differences } from "./differences.ts";

/** A client of any of the services. */
interface Client {
  send(command: never): Promise<object>;
}

/** The client of a service. */
export type ClientOf = (service: ConformanceService) => Client;

const SDK: Readonly<Record<ConformanceService, object>> = { cloudwatch, lambda, logs, sns, sqs, ssm };

/** Runs a case by the SDK; gives each way in which an answer differs from the recorded one. */
export async function runCase(
  { steps, cleanup = [] }: ConformanceCase,
  clientOf: ClientOf,
  given: ConformanceNames,
): Promise<readonly string[]> {
  const found: string[] = [];
  const kept: Record<string, string> = {};
  const names = { ...given, kept };
  const run = async (step: ConformanceStep): Promise<readonly string[]> => {
    const answer = await answerTo(step, clientOf, names);
    const output = (answer.output ?? {}) as Readonly<Record<string, unknown>>;
    for (const [name, member] of Object.entries(step.keep ?? {})) kept[name] = String(output[member]);
    return stepDifferences(step, answer, names);
  };
  try {
    for (const [index, step] of steps.entries())
      for (const difference of await run(step)) found.push(`step ${index + 1}, ${step.call}: ${difference}`);
  } finally {
    for (const step of cleanup) await run(step);
  }
  return found;
}

function stepDifferences(step: ConformanceStep, answer: Answer, names: ConformanceNames): readonly string[] {
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

async function answerTo(step: ConformanceStep, clientOf: ClientOf, names: ConformanceNames): Promise<Answer> {
  const service = step.service ?? "cloudwatch";
  const commands = SDK[service] as Readonly<Record<string, new (input: object) => never>>;
  const Command = commands[`${step.call}Command`];
  if (Command === undefined) throw new Error(`the SDK has no operation ${step.call}`);
  try {
    return { output: await clientOf(service).send(new Command(filledIn(step.input, names) as object)) };
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
