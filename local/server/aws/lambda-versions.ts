import type {
  FunctionPermission,
  FunctionSource,
  FunctionUrlSource,
} from "../../assembly/function-resources.ts";
import { type FunctionDefinition, runtimeVersionArn } from "../../function/function-records.ts";
import {
  type FunctionConfiguration,
  type FunctionVersion,
  type FunctionVersions,
  LATEST,
} from "../../function/function-versions.ts";
import { jsonInput } from "./json-protocol.ts";
import { functionNotFound, namedFunction, type NamedFunction } from "./lambda-names.ts";
import { type AwsCall, AwsError, type AwsReply, type Input, type RestRoute } from "./service.ts";
import type { Account } from "./ssm.ts";

/**
 * A function as the API describes it: what its template says, and its versions and aliases as they are now.
 */
export interface DescribedFunction {
  readonly source: FunctionSource;
  readonly book: FunctionVersions;
  /** Equal for equal code. */
  readonly codeSha256: () => string;
  readonly codeBytes: () => number;
  /** Who may invoke it, besides its account. */
  readonly permissions: readonly FunctionPermission[];
  readonly urls: readonly DescribedFunctionUrl[];
}

/** A Function URL where it is answered. */
export interface DescribedFunctionUrl extends Pick<FunctionUrlSource, "qualifier" | "cors"> {
  readonly url: string;
}

/** The functions that the API describes and changes. */
export interface DescribedFunctions {
  readonly account: Account;
  /** By name alone. */
  readonly describe: (functionName: string) => DescribedFunction | undefined;
  readonly list: () => readonly DescribedFunction[];
}

/** A function, and as what the call named it. */
export interface CalledFunction extends DescribedFunction {
  readonly named: NamedFunction;
}

/** The function that a call names. */
export function calledFunction(
  { account, describe }: DescribedFunctions,
  encodedName: string | undefined,
  call: AwsCall,
): CalledFunction {
  const named = namedFunction(encodedName, call, account);
  const found = describe(named.functionName);
  if (found?.source.functionArn !== named.functionArn) throw functionNotFound(named);
  return { ...found, named };
}

/** A route whose path begins with a function. */
export function functionRoute(
  functions: DescribedFunctions,
  [method, path]: readonly [string, RegExp],
  act: (found: CalledFunction, call: AwsCall) => AwsReply,
): RestRoute {
  return { method, path, answer: ([name], call) => act(calledFunction(functions, name, call), call) };
}

/** A JSON answer. */
export function jsonReply(body: object, status = 200): AwsReply {
  const headers = { "content-type": "application/json" };
  return { status, headers, body: Buffer.from(JSON.stringify(body)) };
}

/** Nothing more to say. */
const NO_CONTENT: AwsReply = { status: 204, headers: {}, body: Buffer.alloc(0) };

/** The body's members; one whose effect would be missed in silence is refused by name. */
export function knownInput({ body }: AwsCall, known: readonly string[]): Input {
  const input = jsonInput(body);
  const unknown = Object.keys(input).find(
    (name) => !known.includes(name) && input[name] !== undefined && input[name] !== null,
  );
  if (unknown !== undefined)
    throw invalidParameterValue(
      `the local runtime does not change ${unknown} of a function: change its template and start again`,
    );
  return input;
}

/** What a change was based on must still be so. */
export function requireRevision(given: unknown, revisionId: string): void {
  if (given === undefined || given === null || given === revisionId) return;
  throw new AwsError(
    "PreconditionFailedException",
    `The RevisionId provided does not match the latest RevisionId. Call the GetFunction/GetAlias API to retrieve the latest RevisionId`,
    412,
  );
}

/** A member that is a text, or missing. */
export function textMember(input: Input, name: string): string | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined || typeof value === "string") return value;
  throw invalidParameterValue(`${name} ${JSON.stringify(value)} is not a text`);
}

/** The caller's mistake. */
export function invalidParameterValue(message: string): AwsError {
  return new AwsError("InvalidParameterValueException", message);
}

/** One page of rows; `Marker` is the place of its first row. */
export function pageOfRows<Row>(
  rows: readonly Row[],
  { query }: AwsCall,
): { readonly rows: readonly Row[]; readonly NextMarker?: string } {
  const from = Number(query.get("Marker") ?? "0");
  const most = Number(query.get("MaxItems") ?? "50");
  if (!Number.isInteger(from) || from < 0) throw invalidParameterValue("Marker is none that this API gave");
  if (!Number.isInteger(most) || most < 1)
    throw invalidParameterValue("MaxItems is not a whole number from 1 on");
  const to = from + most;
  return { rows: rows.slice(from, to), ...(to < rows.length && { NextMarker: String(to) }) };
}

const CONFIGURATION = /^\/2015-03-31\/functions\/([^/]+)\/configuration$/;
const VERSIONS = /^\/2015-03-31\/functions\/([^/]+)\/versions$/;
const FUNCTION = /^\/2015-03-31\/functions\/([^/]+)$/;

/**
 * Whole numbers as Lambda takes them.
 * https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
 */
const LIMITS = { MemorySize: [128, 10_240], Timeout: [1, 900] } as const;

/**
 * Versions of a function, and the memory, timeout and description of its `$LATEST`.
 *
 * https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
 */
export function versionRoutes(functions: DescribedFunctions): readonly RestRoute[] {
  return [
    functionRoute(functions, ["GET", CONFIGURATION], (found) => jsonReply(configurationCalled(found))),
    functionRoute(functions, ["PUT", CONFIGURATION], updateConfiguration),
    functionRoute(functions, ["GET", VERSIONS], listVersions),
    functionRoute(functions, ["POST", VERSIONS], publishVersion),
    functionRoute(functions, ["DELETE", FUNCTION], deleteVersion),
  ];
}

/** The configuration of the version that the call names, with the ARN by which it names it. */
export function configurationCalled(found: CalledFunction): object {
  const { qualifier, functionArn } = found.named;
  const configuration = configurationOf(found, versionIn(found, qualifier ?? LATEST));
  return qualifier === undefined
    ? configuration
    : { ...configuration, FunctionArn: `${functionArn}:${qualifier}` };
}

function updateConfiguration(found: CalledFunction, call: AwsCall): AwsReply {
  const input = knownInput(call, ["MemorySize", "Timeout", "Description", "RevisionId"]);
  requireRevision(input.RevisionId, versionIn(found, LATEST).revisionId);
  const changes = {
    ...numberIn(input, "MemorySize", "memoryMb"),
    ...numberIn(input, "Timeout", "timeoutSeconds"),
    ...descriptionIn(input),
  };
  return jsonReply(configurationOf(found, found.book.configure(changes)));
}

function listVersions(found: CalledFunction, call: AwsCall): AwsReply {
  const { rows, ...next } = pageOfRows(found.book.versions(), call);
  return jsonReply({ Versions: rows.map((version) => qualifiedConfiguration(found, version)), ...next });
}

function publishVersion(found: CalledFunction, call: AwsCall): AwsReply {
  const input = knownInput(call, ["CodeSha256", "Description", "RevisionId"]);
  requireRevision(input.RevisionId, versionIn(found, LATEST).revisionId);
  const hash = textMember(input, "CodeSha256");
  if (hash !== undefined && hash !== found.codeSha256())
    throw invalidParameterValue(
      `CodeSHA256 (${hash}) is different from current CodeSHA256 in $LATEST (${found.codeSha256()}). Please try again with the CodeSHA256 in $LATEST.`,
    );
  return jsonReply(configurationOf(found, found.book.publish(textMember(input, "Description"))), 201);
}

function deleteVersion(found: CalledFunction): AwsReply {
  const { qualifier } = found.named;
  if (qualifier === undefined)
    throw invalidParameterValue("the local runtime does not delete a function: take it out of its template");
  if (!/^\d+$/.test(qualifier))
    throw invalidParameterValue("Only a version may be deleted: give its number as Qualifier");
  const { version } = versionIn(found, qualifier);
  const alias = found.book.remove(version);
  if (alias === undefined) return NO_CONTENT;
  throw new AwsError(
    "ResourceConflictException",
    `Version ${version} cannot be deleted: the alias ${alias.name} points at it`,
    409,
  );
}

/** The version behind a qualifier. */
export function versionIn({ book, named }: CalledFunction, qualifier: string): FunctionVersion {
  const version = book.find(qualifier);
  if (version !== undefined) return version;
  throw functionNotFound({ ...named, qualifier });
}

function numberIn(
  input: Input,
  name: keyof typeof LIMITS,
  as: "memoryMb" | "timeoutSeconds",
): Partial<FunctionConfiguration> {
  const value = input[name] ?? undefined;
  if (value === undefined) return {};
  const [least, most] = LIMITS[name];
  if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most)
    throw invalidParameterValue(
      `${name} ${JSON.stringify(value)} is not a whole number from ${least} to ${most}`,
    );
  return { [as]: value };
}

function descriptionIn(input: Input): Partial<FunctionConfiguration> {
  const description = textMember(input, "Description");
  if (description === undefined) return {};
  if (description.length > 256) throw invalidParameterValue("Description has more than 256 characters");
  return { description };
}

/** A version with an ARN of its own, `$LATEST` too, as lists of versions have them. */
export function qualifiedConfiguration(found: DescribedFunction, version: FunctionVersion): object {
  const FunctionArn = `${found.source.functionArn}:${version.version}`;
  return { ...configurationOf(found, version), FunctionArn };
}

/**
 * https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html, as far as it is known here.
 */
export function configurationOf(
  { source, codeSha256, codeBytes }: DescribedFunction,
  version: FunctionVersion,
): object {
  const { functionArn, definition, architecture, settings } = source;
  return {
    FunctionName: definition.functionName,
    FunctionArn: version.version === LATEST ? functionArn : `${functionArn}:${version.version}`,
    Version: version.version,
    Runtime: definition.runtime,
    Role: settings.roleArn,
    Handler: definition.handler,
    CodeSize: codeBytes(),
    CodeSha256: codeSha256(),
    Description: version.description,
    MemorySize: version.memoryMb,
    Timeout: version.timeoutSeconds,
    Environment: { Variables: definition.environment },
    EphemeralStorage: { Size: settings.ephemeralStorageMb },
    TracingConfig: { Mode: settings.tracingMode },
    SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
    RuntimeVersionConfig: { RuntimeVersionArn: runtimeVersionArn(definition.region) },
    LoggingConfig: loggingOf(definition),
    LastModified: new Date(version.modifiedMs).toISOString().replace("Z", "+0000"),
    RevisionId: version.revisionId,
    Architectures: [architecture],
    PackageType: "Zip",
    State: "Active",
    LastUpdateStatus: "Successful",
  };
}

/** Levels belong to the JSON format alone. */
function loggingOf(definition: FunctionDefinition): object {
  const { logFormat, logGroupName, applicationLogLevel, systemLogLevel } = definition;
  const levels = {
    ApplicationLogLevel: applicationLogLevel ?? "INFO",
    SystemLogLevel: systemLogLevel ?? "INFO",
  };
  return { LogFormat: logFormat, ...(logFormat === "JSON" && levels), LogGroup: logGroupName };
}
