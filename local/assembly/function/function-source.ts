import {
  runtimeRefusal,
  type ApplicationLogLevel,
  type FunctionDefinition,
  type SystemLogLevel,
} from "../../function/definition.ts";
import { LATEST } from "../../function/version-book.ts";
import { AssemblyError } from "../assembly-error.ts";
import type { Assembly } from "../load-assembly.ts";
import { present } from "../../cloudwatch/definition/present.ts";
import { placeOf, readProperties, type PropertyReader } from "../resource/property-reader.ts";
import type { ResolvedResource, ResolvedStack } from "../template/resolve-stacks.ts";

/** A function of the templates whose code is in the assembly. */
export interface FunctionSource {
  readonly functionArn: string;
  /** The function as it is called without a qualifier. */
  readonly definition: FunctionDefinition;
  /** Empty where the template has none. */
  readonly description: string;
  /** `arm64` or `x86_64`; nothing here depends on it. */
  readonly architecture: string;
  /** The version behind each qualifier: `$LATEST`, published versions and aliases. */
  readonly versions: Readonly<Record<string, string>>;
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

/** Reads an `AWS::Lambda::Function` together with its versions and aliases. */
export function functionOf(
  resource: ResolvedResource,
  stack: ResolvedStack,
  assetPath: Assembly["assetPath"],
): FunctionSource {
  const read = readProperties(resource);
  return {
    functionArn: resource.attribute("Arn"),
    definition: { ...definitionOf(resource, assetPath), qualifier: LATEST, version: LATEST },
    description: read.text("Description") ?? "",
    architecture: read.texts("Architectures")?.[0] ?? "x86_64",
    versions: { [LATEST]: LATEST, ...publishedOf(resource, stack), ...aliasesOf(resource, stack) },
  };
}

/** Whether a template means this function by a name or an ARN. */
export function isNamed(resource: ResolvedResource, target: string): boolean {
  return target === resource.ref() || target === resource.attribute("Arn");
}

function publishedOf(source: ResolvedResource, stack: ResolvedStack): Readonly<Record<string, string>> {
  const own = ownedBy(source, stack, "AWS::Lambda::Version");
  return Object.fromEntries(
    own.map(([resource]) => [resource.attribute("Version"), resource.attribute("Version")]),
  );
}

function aliasesOf(source: ResolvedResource, stack: ResolvedStack): Readonly<Record<string, string>> {
  return Object.fromEntries(
    ownedBy(source, stack, "AWS::Lambda::Alias").map(([, read]) => [
      read.required("Name", read.text("Name")),
      read.required("FunctionVersion", read.text("FunctionVersion")),
    ]),
  );
}

function ownedBy(
  source: ResolvedResource,
  stack: ResolvedStack,
  type: string,
): readonly (readonly [ResolvedResource, PropertyReader])[] {
  return stack.resources
    .filter((resource) => resource.type === type)
    .map((resource) => [resource, readProperties(resource)] as const)
    .filter(([, read]) => isNamed(source, read.text("FunctionName") ?? ""));
}

type Unqualified = Omit<FunctionDefinition, "qualifier" | "version">;

function definitionOf(resource: ResolvedResource, assetPath: Assembly["assetPath"]): Unqualified {
  const read = readProperties(resource);
  const logging = read.object("LoggingConfig");
  const functionName = resource.ref();
  return present<Unqualified>({
    functionName,
    codeDirectory: codeOf(resource, read, assetPath),
    runtime: runtimeOf(resource, read),
    handler: read.required("Handler", read.text("Handler")),
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

function runtimeOf(resource: ResolvedResource, read: PropertyReader): string {
  const runtime = read.required("Runtime", read.text("Runtime"));
  const refusal = runtimeRefusal(runtime);
  if (refusal !== undefined) throw new AssemblyError(`${placeOf(resource)} ${refusal}`);
  return runtime;
}
