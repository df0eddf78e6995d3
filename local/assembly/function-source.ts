import type { ApplicationLogLevel, FunctionDefinition, SystemLogLevel } from "../function/definition.ts";
import type { CorsConfig } from "../server/function-url-cors.ts";
import { AssemblyError } from "./assembly-error.ts";
import type { Assembly } from "./load-assembly.ts";
import { placeOf, present, readProperties, type PropertyReader } from "./property-reader.ts";
import type { ResolvedResource, ResolvedStack } from "./resolve-stacks.ts";

/** A function that callers reach through its Function URL. */
export interface FunctionSource {
  readonly definition: FunctionDefinition;
  /** Without it the URL knows nothing of CORS. */
  readonly cors?: CorsConfig;
}

const APPLICATION_LEVELS: readonly ApplicationLogLevel[] = [
  "TRACE",
  "DEBUG",
  "INFO",
  "WARN",
  "ERROR",
  "FATAL",
];
const SYSTEM_LEVELS: readonly SystemLogLevel[] = ["DEBUG", "INFO", "WARN"];

/** Reads an `AWS::Lambda::Url` together with the alias, version and function that it leads to. */
export function functionBehindUrl(
  url: ResolvedResource,
  stack: ResolvedStack,
  assetPath: Assembly["assetPath"],
): FunctionSource {
  const read = readProperties(url);
  refuseWhatUrlsLack(url, read);
  const target = read.required("TargetFunctionArn", read.text("TargetFunctionArn"));
  const source = stack.resources.find(
    (resource) => resource.type === "AWS::Lambda::Function" && isNamed(resource, target),
  );
  if (source === undefined)
    throw new AssemblyError(`${placeOf(url)} leads to ${target}, which is not in ${stack.stackName}`);
  const qualifier = read.text("Qualifier") ?? "$LATEST";
  const cors = read.object("Cors");
  return present<FunctionSource>({
    definition: {
      ...definitionOf(source, assetPath),
      qualifier,
      version: versionBehind(qualifier, source, stack),
    },
    cors: cors && corsOf(cors),
  });
}

function refuseWhatUrlsLack(url: ResolvedResource, read: PropertyReader): void {
  const authType = read.text("AuthType");
  if (authType !== "NONE")
    throw new AssemblyError(
      `${placeOf(url)} has AuthType ${authType ?? "missing"}, which is not emulated: use NONE`,
    );
  if (read.text("InvokeMode") === "RESPONSE_STREAM")
    throw new AssemblyError(
      `${placeOf(url)} has InvokeMode RESPONSE_STREAM, which is not emulated: use BUFFERED`,
    );
}

function isNamed(resource: ResolvedResource, target: string): boolean {
  return target === resource.ref() || target === resource.attribute("Arn");
}

function versionBehind(qualifier: string, source: ResolvedResource, stack: ResolvedStack): string {
  for (const resource of stack.resources) {
    if (resource.type !== "AWS::Lambda::Alias") continue;
    const read = readProperties(resource);
    if (read.text("Name") === qualifier && isNamed(source, read.text("FunctionName") ?? ""))
      return read.required("FunctionVersion", read.text("FunctionVersion"));
  }
  return qualifier;
}

type Unqualified = Omit<FunctionDefinition, "qualifier" | "version">;

function definitionOf(resource: ResolvedResource, assetPath: Assembly["assetPath"]): Unqualified {
  const read = readProperties(resource);
  const logging = read.object("LoggingConfig");
  const functionName = resource.ref();
  return present<Unqualified>({
    functionName,
    runtime: read.required("Runtime", read.text("Runtime")),
    handler: read.required("Handler", read.text("Handler")),
    codeDirectory: codeOf(resource, read, assetPath),
    // Defaults of https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html
    memoryMb: read.number("MemorySize") ?? 128,
    timeoutSeconds: read.number("Timeout") ?? 3,
    environment: read.object("Environment")?.map("Variables") ?? {},
    logGroupName: logging?.text("LogGroup") ?? `/aws/lambda/${functionName}`,
    logFormat: logging?.word("LogFormat", ["Text", "JSON"]) ?? "Text",
    applicationLogLevel: logging?.word("ApplicationLogLevel", APPLICATION_LEVELS),
    systemLogLevel: logging?.word("SystemLogLevel", SYSTEM_LEVELS),
    reservedConcurrency: read.number("ReservedConcurrentExecutions"),
    region: resource.region,
    accountId: resource.accountId,
  });
}

function codeOf(resource: ResolvedResource, read: PropertyReader, assetPath: Assembly["assetPath"]): string {
  const s3Key = read.object("Code")?.text("S3Key");
  const path = s3Key === undefined ? undefined : assetPath(s3Key);
  if (path === undefined)
    throw new AssemblyError(
      `${placeOf(resource)} has no code in this assembly: give it a file asset, not inline code or a bucket`,
    );
  return path;
}

function corsOf(read: PropertyReader): CorsConfig {
  return present<CorsConfig>({
    AllowOrigins: read.texts("AllowOrigins"),
    AllowMethods: read.texts("AllowMethods"),
    AllowHeaders: read.texts("AllowHeaders"),
    ExposeHeaders: read.texts("ExposeHeaders"),
    MaxAge: read.number("MaxAge"),
    AllowCredentials: read.flag("AllowCredentials"),
  });
}
