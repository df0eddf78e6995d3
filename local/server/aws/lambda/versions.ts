import type { Configuration, FunctionVersion } from "../../../function/version-book.ts";
import { LATEST } from "../../../function/version-book.ts";
import { AwsError } from "../aws-error.ts";
import type { AwsCall, AwsReply, Input, RestRoute } from "../service.ts";
import {
  described,
  inputOf,
  invalid,
  jsonReply,
  NO_CONTENT,
  pageOf,
  requireRevision,
  textOf,
  type DescribedFunction,
  type DescribeFunction,
} from "./function-ports.ts";

const CONFIGURATION = /^\/2015-03-31\/functions\/([^/]+)\/configuration$/;
const VERSIONS = /^\/2015-03-31\/functions\/([^/]+)\/versions$/;
const FUNCTION = /^\/2015-03-31\/functions\/([^/]+)$/;

/** Whole numbers as Lambda takes them. https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html */
const LIMITS = { MemorySize: [128, 10_240], Timeout: [1, 900] } as const;

/**
 * Versions of a function, and the memory, timeout and description of its `$LATEST`.
 *
 * https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
 */
export function versionRoutes(describe: DescribeFunction): readonly RestRoute[] {
  const route = (
    method: string,
    path: RegExp,
    act: (found: DescribedFunction, call: AwsCall) => AwsReply,
  ): RestRoute => ({ method, path, answer: ([name], call) => act(described(describe, name), call) });
  return [
    route("GET", CONFIGURATION, getConfiguration),
    route("PUT", CONFIGURATION, updateConfiguration),
    route("GET", VERSIONS, listVersions),
    route("POST", VERSIONS, publishVersion),
    route("DELETE", FUNCTION, deleteVersion),
  ];
}

function getConfiguration(found: DescribedFunction, { query }: AwsCall): AwsReply {
  const qualifier = query.get("Qualifier") ?? LATEST;
  return jsonReply(configurationOf(found, versionIn(found, qualifier)));
}

function updateConfiguration(found: DescribedFunction, call: AwsCall): AwsReply {
  const input = inputOf(call, ["MemorySize", "Timeout", "Description", "RevisionId"]);
  requireRevision(input.RevisionId, versionIn(found, LATEST).revisionId);
  const changes = {
    ...numberIn(input, "MemorySize", "memoryMb"),
    ...numberIn(input, "Timeout", "timeoutSeconds"),
    ...descriptionIn(input),
  };
  return jsonReply(configurationOf(found, found.book.configure(changes)));
}

function listVersions(found: DescribedFunction, call: AwsCall): AwsReply {
  const { rows, ...next } = pageOf(found.book.versions(), call);
  return jsonReply({ Versions: rows.map((version) => configurationOf(found, version)), ...next });
}

function publishVersion(found: DescribedFunction, call: AwsCall): AwsReply {
  const input = inputOf(call, ["CodeSha256", "Description", "RevisionId"]);
  requireRevision(input.RevisionId, versionIn(found, LATEST).revisionId);
  const hash = textOf(input, "CodeSha256");
  if (hash !== undefined && hash !== found.codeSha256())
    throw invalid(
      `CodeSHA256 (${hash}) is different from current CodeSHA256 in $LATEST (${found.codeSha256()}). Please try again with the CodeSHA256 in $LATEST.`,
    );
  return jsonReply(configurationOf(found, found.book.publish(textOf(input, "Description"))), 201);
}

function deleteVersion(found: DescribedFunction, { query }: AwsCall): AwsReply {
  const qualifier = query.get("Qualifier");
  if (qualifier === null)
    throw invalid("the local runtime does not delete a function: take it out of its template");
  if (!/^\d+$/.test(qualifier)) throw invalid("Only a version may be deleted: give its number as Qualifier");
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
export function versionIn({ book, functionArn }: DescribedFunction, qualifier: string): FunctionVersion {
  const version = book.find(qualifier);
  if (version !== undefined) return version;
  throw new AwsError("ResourceNotFoundException", `Function not found: ${functionArn}:${qualifier}`, 404);
}

function numberIn(
  input: Input,
  name: keyof typeof LIMITS,
  as: "memoryMb" | "timeoutSeconds",
): Partial<Configuration> {
  const value = input[name] ?? undefined;
  if (value === undefined) return {};
  const [least, most] = LIMITS[name];
  if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most)
    throw invalid(`${name} ${JSON.stringify(value)} is not a whole number from ${least} to ${most}`);
  return { [as]: value };
}

function descriptionIn(input: Input): Partial<Configuration> {
  const description = textOf(input, "Description");
  if (description === undefined) return {};
  if (description.length > 256) throw invalid("Description has more than 256 characters");
  return { description };
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html, as far as it is known here. */
function configurationOf(
  { functionArn, definition, architecture, codeSha256 }: DescribedFunction,
  version: FunctionVersion,
): object {
  return {
    FunctionName: definition.functionName,
    FunctionArn: version.version === LATEST ? functionArn : `${functionArn}:${version.version}`,
    Version: version.version,
    Runtime: definition.runtime,
    Handler: definition.handler,
    CodeSha256: codeSha256(),
    Description: version.description,
    MemorySize: version.memoryMb,
    Timeout: version.timeoutSeconds,
    Environment: { Variables: definition.environment },
    LoggingConfig: { LogFormat: definition.logFormat, LogGroup: definition.logGroupName },
    LastModified: new Date(version.modifiedMs).toISOString().replace("Z", "+0000"),
    RevisionId: version.revisionId,
    Architectures: [architecture],
    PackageType: "Zip",
    State: "Active",
    LastUpdateStatus: "Successful",
  };
}
