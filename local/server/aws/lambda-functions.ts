import { pathToFileURL } from "node:url";
import { LATEST } from "../../function/function-versions.ts";
import { functionNotFound, namedFunction, patternError, validationError } from "./lambda-names.ts";
import {
  type CalledFunction,
  configurationCalled,
  configurationOf,
  type DescribedFunction,
  type DescribedFunctions,
  type DescribedFunctionUrl,
  functionRoute,
  jsonReply,
  pageOfRows,
  qualifiedConfiguration,
} from "./lambda-versions.ts";
import { type AwsCall, AwsError, type AwsReply, credentialRegion, type RestRoute } from "./service.ts";

const FUNCTIONS = /^\/2015-03-31\/functions\/?$/;
const FUNCTION = /^\/2015-03-31\/functions\/([^/]+)$/;
const POLICY = /^\/2015-03-31\/functions\/([^/]+)\/policy$/;
const CONCURRENCY = /^\/2019-09-30\/functions\/([^/]+)\/concurrency$/;
const URL_CONFIG = /^\/2021-10-31\/functions\/([^/]+)\/url$/;
const URL_CONFIGS = /^\/2021-10-31\/functions\/([^/]+)\/urls$/;

/** The functions themselves: their code, concurrency, permissions and URLs. */
export function functionRoutes(functions: DescribedFunctions): readonly RestRoute[] {
  return [
    { method: "GET", path: FUNCTIONS, answer: (_, call) => listFunctions(functions, call) },
    functionRoute(functions, ["GET", FUNCTION], getFunction),
    functionRoute(functions, ["GET", CONCURRENCY], getConcurrency),
    { method: "GET", path: POLICY, answer: ([name], call) => getPolicy(orGone(functions, name, call)) },
    { method: "GET", path: URL_CONFIG, answer: ([name], call) => getUrlConfig(functions, name, call) },
    { method: "GET", path: URL_CONFIGS, answer: ([name], call) => listUrlConfigs(functions, name, call) },
  ];
}

/** A function that is not there is no reason to name it, where Lambda looks for something of it. */
function orGone(
  functions: DescribedFunctions,
  encodedName: string | undefined,
  call: AwsCall,
): CalledFunction {
  return calledOr(functions, encodedName, { call, refusal: gone() });
}

function calledOr(
  functions: DescribedFunctions,
  encodedName: string | undefined,
  { call, refusal }: { readonly call: AwsCall; readonly refusal: AwsError },
): CalledFunction {
  const named = namedFunction(encodedName, call, functions.account);
  const found = functions.describe(named.functionName);
  if (found?.source.functionArn !== named.functionArn) throw refusal;
  return { ...found, named };
}

function gone(message = "The resource you requested does not exist."): AwsError {
  return new AwsError("ResourceNotFoundException", message, 404);
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html */
function listFunctions({ account, list }: DescribedFunctions, call: AwsCall): AwsReply {
  const wanted = call.query.get("FunctionVersion");
  if (wanted !== null && wanted !== "ALL")
    throw validationError([
      `Value '${wanted}' at 'functionVersion' failed to satisfy constraint: Member must satisfy enum value set: [ALL]`,
    ]);
  const region = credentialRegion(call) ?? account.region;
  const all = list()
    .filter(({ source }) => source.definition.region === region)
    .flatMap((found) => (wanted === "ALL" ? everyVersion(found) : [latestOf(found)]));
  const { rows, ...next } = pageOfRows(all, call);
  return jsonReply({ Functions: rows, ...next });
}

function everyVersion(found: DescribedFunction): readonly object[] {
  return found.book.versions().map((version) => qualifiedConfiguration(found, version));
}

function latestOf(found: DescribedFunction): object {
  const latest = found.book.find(LATEST);
  return latest === undefined ? {} : configurationOf(found, latest);
}

/**
 * https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html; the code is where the assembly has it.
 */
function getFunction(found: CalledFunction): AwsReply {
  const { definition, settings } = found.source;
  const { reservedConcurrency } = definition;
  return jsonReply({
    Configuration: configurationCalled(found),
    Code: { RepositoryType: "S3", Location: pathToFileURL(definition.codeDirectory).href },
    ...(Object.keys(settings.tags).length > 0 && { Tags: settings.tags }),
    ...(reservedConcurrency !== undefined && {
      Concurrency: { ReservedConcurrentExecutions: reservedConcurrency },
    }),
  });
}

function getConcurrency({ source }: CalledFunction): AwsReply {
  const { reservedConcurrency } = source.definition;
  return jsonReply(
    reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency },
  );
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html */
function getPolicy({ named, book, permissions }: CalledFunction): AwsReply {
  const { qualifier, functionArn } = named;
  const own = permissions.filter((permission) => permission.qualifier === qualifier);
  const version = book.find(qualifier ?? LATEST);
  if (own.length === 0 || version === undefined) throw gone();
  const Resource = qualifier === undefined ? functionArn : `${functionArn}:${qualifier}`;
  const Statement = own.map(({ sid, principal, action, condition }) => ({
    Sid: sid,
    Effect: "Allow",
    Principal: principal,
    Action: action,
    Resource,
    ...(condition !== undefined && { Condition: condition }),
  }));
  const Policy = JSON.stringify({ Version: "2012-10-17", Id: "default", Statement });
  return jsonReply({ Policy, RevisionId: version.revisionId });
}

const ALIAS_PATTERN = String.raw`((?!^\d+$)^[0-9a-zA-Z-_]+$)`;

/** A URL belongs to the function or to an alias, never to a version. */
function getUrlConfig(
  functions: DescribedFunctions,
  encodedName: string | undefined,
  call: AwsCall,
): AwsReply {
  const asked = call.query.get("Qualifier");
  if (asked !== null && !new RegExp(ALIAS_PATTERN).test(asked))
    throw validationError([patternError("qualifier", asked, ALIAS_PATTERN)]);
  const found = orGone(functions, encodedName, call);
  const url = found.urls.find(({ qualifier }) => qualifier === (found.named.qualifier ?? LATEST));
  if (url === undefined) throw gone();
  return jsonReply(urlConfigOf(found, url));
}

function listUrlConfigs(
  functions: DescribedFunctions,
  encodedName: string | undefined,
  call: AwsCall,
): AwsReply {
  const found = calledOr(functions, encodedName, { call, refusal: gone("Function does not exist") });
  const { rows, ...next } = pageOfRows(found.urls, call);
  return jsonReply({ FunctionUrlConfigs: rows.map((url) => urlConfigOf(found, url)), ...next });
}

function urlConfigOf({ source, named, book }: CalledFunction, url: DescribedFunctionUrl): object {
  const { qualifier, cors } = url;
  const latest = book.find(LATEST);
  if (latest === undefined) throw functionNotFound(named);
  const made = new Date(latest.modifiedMs).toISOString();
  return {
    FunctionUrl: url.url,
    FunctionArn: qualifier === LATEST ? source.functionArn : `${source.functionArn}:${qualifier}`,
    AuthType: "NONE",
    ...(cors !== undefined && { Cors: cors }),
    CreationTime: made,
    LastModifiedTime: made,
    InvokeMode: "BUFFERED",
  };
}
