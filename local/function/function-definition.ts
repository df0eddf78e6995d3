import { partitionOf } from "@wrist-agent/cloudwatch/region";

/** A Lambda function as its template describes it, and where its bundled code lies. */
export interface FunctionDefinition {
  readonly functionName: string;
  /** `$LATEST` or a published version's number. */
  readonly version: string;
  /** What callers ask for: an alias such as `live`, or the version itself. */
  readonly qualifier: string;
  readonly runtime: string;
  /** `file.export`, as the template spells it. */
  readonly handler: string;
  /** Absolute path of the unpacked asset. */
  readonly codeDirectory: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly logGroupName: string;
  readonly logFormat: LogFormat;
  /** With the JSON format only; INFO when missing. */
  readonly applicationLogLevel?: ApplicationLogLevel;
  /** With the JSON format only; INFO when missing. */
  readonly systemLogLevel?: SystemLogLevel;
  /** Invocations in flight at most; no bound when missing, none at all when 0. */
  readonly reservedConcurrency?: number;
  readonly region: string;
  readonly accountId: string;
}

/** `Text` is Lambda's default. */
export type LogFormat = "Text" | "JSON";

/** Smallest level of `console` lines that are kept. */
export type ApplicationLogLevel = "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR" | "FATAL";

/** Smallest level of platform lines that are kept. */
export type SystemLogLevel = "DEBUG" | "INFO" | "WARN";

/** The ARN of a function without a qualifier. */
export function functionArn({
  region,
  accountId,
  functionName,
}: Pick<FunctionDefinition, "region" | "accountId" | "functionName">): string {
  return `arn:${partitionOf(region)}:lambda:${region}:${accountId}:function:${functionName}`;
}

/** Names the version of the runtime that runs functions here, which AWS has none of. */
export function runtimeVersionArn(region: string): string {
  return `arn:${partitionOf(region)}:lambda:${region}::runtime:local`;
}

/** The ARN that a caller of the qualifier names; `context.invokedFunctionArn`. */
export function invokedFunctionArn(definition: FunctionDefinition): string {
  const { qualifier } = definition;
  const unqualified = functionArn(definition);
  return qualifier === "$LATEST" ? unqualified : `${unqualified}:${qualifier}`;
}

const OLDEST_NODE = 24;

/** Why functions of a runtime are not run here; `undefined` for Node.js from 24 on, whose handlers the worker calls. */
export function runtimeRefusal(runtime: string): string | undefined {
  const [, major = "0"] = /^nodejs(\d+)\.x$/.exec(runtime) ?? [];
  if (Number(major) >= OLDEST_NODE) return undefined;
  return `has runtime ${runtime}, which the local runtime does not run: use nodejs${OLDEST_NODE}.x`;
}
