import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import { withoutUndefined } from "@wrist-agent/cloudwatch/read-definition";
import { partitionOf } from "@wrist-agent/cloudwatch/region";
import type { Assembly } from "cw-alarm-test/cloud-assembly";
import { type PropertyReader, readProperties, resourcePlace } from "cw-alarm-test/property-reader";
import type { ResolvedResource, ResolvedStack } from "cw-alarm-test/resolved-stack";
import { stackIdOf } from "cw-alarm-test/stack-values";
import { AssemblyError } from "cw-alarm-test/template";
import {
  type ApplicationLogLevel,
  type FunctionDefinition,
  runtimeRefusal,
  type SystemLogLevel,
} from "../function/function-records.ts";
import type { CorsConfig } from "../function/function-url-mapping.ts";
import { LATEST } from "../function/function-versions.ts";

/** A function of the templates whose code is in the assembly. */
export interface FunctionSource {
  readonly functionArn: string;
  /** The function as it is called without a qualifier. */
  readonly definition: FunctionDefinition;
  /** Empty where the template has none. */
  readonly description: string;
  /** `arm64` or `x86_64`; nothing here depends on it. */
  readonly architecture: string;
  readonly settings: FunctionSettings;
  /** The version behind each qualifier: `$LATEST`, published versions and aliases. */
  readonly versions: Readonly<Record<string, string>>;
}

/** What the API shows of a function and nothing here depends on. */
export interface FunctionSettings {
  readonly roleArn: string;
  readonly ephemeralStorageMb: number;
  /** `PassThrough` or `Active`. */
  readonly tracingMode: string;
  readonly tags: Readonly<Record<string, string>>;
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
export function functionSourceOf(
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
    settings: settingsOf(read),
    versions: { [LATEST]: LATEST, ...publishedVersions(resource, stack), ...aliasVersions(resource, stack) },
  };
}

/**
 * Defaults of
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html
 */
function settingsOf(read: PropertyReader): FunctionSettings {
  return {
    roleArn: read.text("Role") ?? "",
    ephemeralStorageMb: read.object("EphemeralStorage")?.number("Size") ?? 512,
    tracingMode: read.object("TracingConfig")?.text("Mode") ?? "PassThrough",
    tags: tagsOf(read),
  };
}

/** The tags that a resource lists, by key. */
export function tagsOf(read: PropertyReader): Readonly<Record<string, string>> {
  const tags = read.objects("Tags") ?? [];
  return Object.fromEntries(tags.map((tag) => [tag.text("Key") ?? "", tag.text("Value") ?? ""]));
}

/** Whether a template means this function by a name or an ARN. */
function isFunctionNamed(resource: ResolvedResource, target: string): boolean {
  return target === resource.ref() || target === resource.attribute("Arn");
}

function publishedVersions(source: ResolvedResource, stack: ResolvedStack): Readonly<Record<string, string>> {
  const own = resourcesOfFunction(source, stack, "AWS::Lambda::Version");
  return Object.fromEntries(
    own.map(([resource]) => [resource.attribute("Version"), resource.attribute("Version")]),
  );
}

function aliasVersions(source: ResolvedResource, stack: ResolvedStack): Readonly<Record<string, string>> {
  return Object.fromEntries(
    resourcesOfFunction(source, stack, "AWS::Lambda::Alias").map(([, read]) => [
      read.required("Name", read.text("Name")),
      read.required("FunctionVersion", read.text("FunctionVersion")),
    ]),
  );
}

function resourcesOfFunction(
  source: ResolvedResource,
  stack: ResolvedStack,
  type: string,
): readonly (readonly [ResolvedResource, PropertyReader])[] {
  return stack.resources
    .filter((resource) => resource.type === type)
    .map((resource) => [resource, readProperties(resource)] as const)
    .filter(([, read]) => isFunctionNamed(source, read.text("FunctionName") ?? ""));
}

type Unqualified = Omit<FunctionDefinition, "qualifier" | "version">;

function definitionOf(resource: ResolvedResource, assetPath: Assembly["assetPath"]): Unqualified {
  const read = readProperties(resource);
  const logging = read.object("LoggingConfig");
  const functionName = resource.ref();
  return withoutUndefined<Unqualified>({
    functionName,
    codeDirectory: codeDirectoryOf(resource, read, assetPath),
    runtime: runtimeOf(resource, read),
    handler: read.required("Handler", read.text("Handler")),
    // Defaults of
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html
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

function codeDirectoryOf(
  resource: ResolvedResource,
  read: PropertyReader,
  assetPath: Assembly["assetPath"],
): string {
  const s3Key = read.object("Code")?.text("S3Key");
  const path = s3Key === undefined ? undefined : assetPath(s3Key);
  if (path === undefined)
    throw new AssemblyError(
      `${resourcePlace(resource)} has no code in this assembly: give it a file asset, not inline code or a bucket`,
    );
  return path;
}

function runtimeOf(resource: ResolvedResource, read: PropertyReader): string {
  const runtime = read.required("Runtime", read.text("Runtime"));
  const refusal = runtimeRefusal(runtime);
  if (refusal !== undefined) throw new AssemblyError(`${resourcePlace(resource)} ${refusal}`);
  return runtime;
}

/** A Function URL of the templates. */
export interface FunctionUrlSource {
  readonly functionArn: string;
  /** An alias, a version or `$LATEST`. */
  readonly qualifier: string;
  /** The address that the template gives to whoever asks for it; nobody answers there. */
  readonly url: string;
  /** Without it the URL knows nothing of CORS. */
  readonly cors?: CorsConfig;
}

/** Reads an `AWS::Lambda::Url`, whose function must be in the same stack. */
export function functionUrlOf(url: ResolvedResource, stack: ResolvedStack): FunctionUrlSource {
  const read = readProperties(url);
  refuseWhatUrlsLack(url, read);
  const target = read.required("TargetFunctionArn", read.text("TargetFunctionArn"));
  const source = stack.resources.find(
    (resource) => resource.type === "AWS::Lambda::Function" && isFunctionNamed(resource, target),
  );
  if (source === undefined)
    throw new AssemblyError(`${resourcePlace(url)} leads to ${target}, which is not in ${stack.stackName}`);
  const cors = read.object("Cors");
  return withoutUndefined<FunctionUrlSource>({
    functionArn: source.attribute("Arn"),
    qualifier: read.text("Qualifier") ?? "$LATEST",
    url: url.attribute("FunctionUrl"),
    cors: cors && corsOf(cors),
  });
}

function refuseWhatUrlsLack(url: ResolvedResource, read: PropertyReader): void {
  const authType = read.text("AuthType");
  if (authType !== "NONE")
    throw new AssemblyError(
      `${resourcePlace(url)} has AuthType ${authType ?? "missing"}, which is not emulated: use NONE`,
    );
  if (read.text("InvokeMode") === "RESPONSE_STREAM")
    throw new AssemblyError(
      `${resourcePlace(url)} has InvokeMode RESPONSE_STREAM, which is not emulated: use BUFFERED`,
    );
}

function corsOf(read: PropertyReader): CorsConfig {
  return withoutUndefined<CorsConfig>({
    AllowOrigins: read.texts("AllowOrigins"),
    AllowMethods: read.texts("AllowMethods"),
    AllowHeaders: read.texts("AllowHeaders"),
    ExposeHeaders: read.texts("ExposeHeaders"),
    MaxAge: read.number("MaxAge"),
    AllowCredentials: read.flag("AllowCredentials"),
  });
}

/** A statement of a function's resource-based policy. */
export interface FunctionPermission {
  readonly functionName: string;
  /** An alias or a version; missing for the function itself. */
  readonly qualifier?: string;
  readonly sid: string;
  readonly action: string;
  readonly principal: string | Readonly<Record<string, string>>;
  readonly condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What narrows a permission: the property, the operator of the condition, and its key. */
const PERMISSION_CONDITIONS = [
  ["SourceArn", "ArnLike", "AWS:SourceArn"],
  ["SourceAccount", "StringEquals", "AWS:SourceAccount"],
  ["PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"],
  ["EventSourceToken", "StringEquals", "lambda:EventSourceToken"],
  ["FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"],
  ["InvokedViaFunctionUrl", "Bool", "lambda:InvokedViaFunctionUrl"],
] as const;

/** Reads an `AWS::Lambda::Permission`. */
export function functionPermissionOf(resource: ResolvedResource): FunctionPermission {
  const read = readProperties(resource);
  const target = read.required("FunctionName", read.text("FunctionName"));
  const [functionName = "", qualifier] = (
    /(?:^|:function:)([^:]+(?::[^:]+)?)$/.exec(target)?.[1] ?? target
  ).split(":");
  return withoutUndefined<FunctionPermission>({
    functionName,
    qualifier,
    sid: `${resource.stackName}-${resource.logicalId}`,
    action: read.required("Action", read.text("Action")),
    principal: principalOf(read.required("Principal", read.text("Principal")), resource.region),
    condition: conditionOf(read),
  });
}

function principalOf(principal: string, region: string): FunctionPermission["principal"] {
  if (principal === "*") return principal;
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:${partitionOf(region)}:iam::${principal}:root` };
  return principal.startsWith("arn:") ? { AWS: principal } : { Service: principal };
}

function conditionOf(read: PropertyReader): FunctionPermission["condition"] {
  const condition: Record<string, Record<string, string>> = {};
  for (const [property, operator, key] of PERMISSION_CONDITIONS) {
    const value = read.text(property);
    if (value !== undefined) (condition[operator] ??= {})[key] = value;
  }
  return Object.keys(condition).length === 0 ? undefined : condition;
}

/** How often Lambda tries an asynchronous event again. */
export interface EventInvokeConfig {
  /** Name or ARN of the function. */
  readonly functionName: string;
  /** An alias, a version or `$LATEST`. */
  readonly qualifier: string;
  /** 2 when missing. */
  readonly maximumRetryAttempts?: number;
  /** 6 hours when missing. */
  readonly maximumEventAgeSeconds?: number;
}

/** Reads an `AWS::Lambda::EventInvokeConfig`. */
export function eventInvokeConfigOf(resource: ResolvedResource): EventInvokeConfig {
  const read = readProperties(resource);
  if (read.has("DestinationConfig"))
    throw new AssemblyError(
      `${resourcePlace(resource)} has destinations, which are not emulated: leave them out`,
    );
  return withoutUndefined<EventInvokeConfig>({
    functionName: read.required("FunctionName", read.text("FunctionName")),
    qualifier: read.text("Qualifier") ?? "$LATEST",
    maximumRetryAttempts: read.number("MaximumRetryAttempts"),
    maximumEventAgeSeconds: read.number("MaximumEventAgeInSeconds"),
  });
}

/** A resource that a function makes. */
export interface CustomResourceSource {
  readonly region: string;
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
  const { stackName, logicalId, type, region } = resource;
  const read = readProperties(resource);
  return withoutUndefined<CustomResourceSource>({
    region,
    stackName,
    logicalId,
    resourceType: type,
    stackId: stackIdOf(resource),
    serviceToken: read.required("ServiceToken", read.text("ServiceToken")),
    properties: asTexts(resource.properties()) as Readonly<Record<string, unknown>>,
  });
}

function asTexts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asTexts);
  if (!isJsonObject(value)) return typeof value === "string" ? value : String(value);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asTexts(member)]));
}
