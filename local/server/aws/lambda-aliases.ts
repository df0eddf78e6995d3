import { type FunctionAlias, LATEST } from "../../function/function-versions.ts";
import { doubleText } from "./json-protocol.ts";
import { namedFunction, type NamedFunction, validationError } from "./lambda-names.ts";
import {
  type CalledFunction,
  calledFunction,
  type DescribedFunctions,
  functionRoute,
  invalidParameterValue,
  jsonReply,
  knownInput,
  pageOfRows,
  requireRevision,
  textMember,
  versionIn,
} from "./lambda-versions.ts";
import { type AwsCall, AwsError, type AwsReply, type Input, type RestRoute } from "./service.ts";

const ALIASES = /^\/2015-03-31\/functions\/([^/]+)\/aliases$/;
const ALIAS = /^\/2015-03-31\/functions\/([^/]+)\/aliases\/([^/]+)$/;
const PROVISIONED = /^\/2019-09-30\/functions\/([^/]+)\/provisioned-concurrency$/;

/**
 * Aliases of a function, which are the template's and may be moved.
 * https://docs.aws.amazon.com/lambda/latest/api/API_UpdateAlias.html
 */
export function aliasRoutes(functions: DescribedFunctions): readonly RestRoute[] {
  return [
    functionRoute(functions, ["GET", ALIASES], listAliases),
    {
      method: "GET",
      path: ALIAS,
      answer: ([name, alias], call) => {
        const found = calledFunction(functions, name, call);
        return jsonReply(aliasOf(found, aliasIn(found, alias)));
      },
    },
    {
      method: "PUT",
      path: ALIAS,
      answer: ([name, alias], call) => updateAlias(calledFunction(functions, name, call), alias, call),
    },
    {
      method: "GET",
      path: PROVISIONED,
      answer: ([name], call) => provisionedConcurrency(functions, name, call),
    },
  ];
}

/** Nothing is kept ready here: there is no configuration of it, whatever the template wants. */
function provisionedConcurrency(
  functions: DescribedFunctions,
  encodedName: string | undefined,
  call: AwsCall,
): AwsReply {
  const isList = call.query.get("List") === "ALL";
  if (!isList) checkAliasFirst(functions, namedFunction(encodedName, call, functions.account));
  const found = calledFunction(functions, encodedName, call);
  if (isList) return jsonReply({ ProvisionedConcurrencyConfigs: [] });
  const { qualifier = LATEST } = found.named;
  if (qualifier === LATEST)
    throw invalidParameterValue("The function resource provided must be an alias or a published version.");
  if (/^\d+$/.test(qualifier)) versionIn(found, qualifier);
  else aliasIn(found, qualifier);
  throw new AwsError(
    "ProvisionedConcurrencyConfigNotFoundException",
    "No Provisioned Concurrency Config found for this function",
    404,
  );
}

function listAliases(found: CalledFunction, call: AwsCall): AwsReply {
  const of = call.query.get("FunctionVersion");
  const all = found.book.aliases().filter(({ version }) => of === null || of === version);
  const { rows, ...next } = pageOfRows(all, call);
  return jsonReply({ Aliases: rows.map((alias) => aliasOf(found, alias)), ...next });
}

function updateAlias(found: CalledFunction, encodedName: string | undefined, call: AwsCall): AwsReply {
  const alias = aliasIn(found, encodedName);
  const input = knownInput(call, ["FunctionVersion", "RoutingConfig", "RevisionId"]);
  requireRevision(input.RevisionId, alias.revisionId);
  const wanted = textMember(input, "FunctionVersion") ?? alias.version;
  const { version } = versionIn(found, wanted);
  if (version !== wanted)
    throw invalidParameterValue(`FunctionVersion ${wanted} is an alias: give the number of a version`);
  // As in Lambda: without a RoutingConfig the weights stay as they are.
  const weights = input.RoutingConfig === undefined ? alias.weights : weightsIn(found, version, input);
  return jsonReply(aliasOf(found, found.book.moveAlias(alias.name, version, weights)));
}

/**
 * One other published version at most.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
 */
function weightsIn(
  found: CalledFunction,
  version: string,
  { RoutingConfig }: Input,
): FunctionAlias["weights"] {
  const config: Readonly<Record<string, unknown>> =
    typeof RoutingConfig === "object" && RoutingConfig !== null ? { ...RoutingConfig } : {};
  const weights = Object.entries({ ...(config.AdditionalVersionWeights as Record<string, unknown> | null) });
  const [first] = weights;
  if (first === undefined) return {};
  if (weights.length > 1)
    throw invalidParameterValue("Number of items in AdditionalVersionWeights cannot be greater than 1");
  const [other, weight] = first;
  if (!/^[0-9]+$/.test(other))
    throw wrongWeights(first, `Map keys must satisfy constraint: [${KEY_CONSTRAINT}]`);
  if (typeof weight !== "number" || !(weight >= 0 && weight <= 1))
    throw wrongWeights(first, `Map value must satisfy constraint: [${WEIGHT_CONSTRAINT}]`);
  if (version === LATEST)
    throw invalidParameterValue("$LATEST is not supported for an alias pointing to more than 1 version");
  if (other === version)
    throw invalidParameterValue(
      `Invalid function version ${other}. Function version ${other} is already included in routing configuration.`,
    );
  for (const each of [version, other]) versionIn(found, each);
  return { [other]: weight };
}

/** An alias is looked for before its function. */
function checkAliasFirst(
  { describe }: DescribedFunctions,
  { functionArn, functionName, qualifier }: NamedFunction,
): void {
  if (qualifier === undefined || qualifier === LATEST || /^\d+$/.test(qualifier)) return;
  if (describe(functionName) === undefined) throw aliasNotFound(functionArn, qualifier);
}

function aliasNotFound(functionArn: string, name: string): AwsError {
  return new AwsError("ResourceNotFoundException", `Cannot find alias arn: ${functionArn}:${name}`, 404);
}

const KEY_CONSTRAINT =
  "Member must have length less than or equal to 1024, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+";
const WEIGHT_CONSTRAINT =
  "Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null";

function wrongWeights([version, weight]: readonly [string, unknown], constraint: string): AwsError {
  const shown = typeof weight === "number" ? doubleText(weight) : JSON.stringify(weight);
  return validationError([
    `Value '{${version}=${shown}}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: ${constraint}`,
  ]);
}

function aliasIn({ book, named }: CalledFunction, encodedName: string | undefined): FunctionAlias {
  const name = decodeURIComponent(encodedName ?? "");
  const alias = book.aliases().find((each) => each.name === name);
  if (alias !== undefined) return alias;
  throw aliasNotFound(named.functionArn, name);
}

function aliasOf(
  { named: { functionArn } }: CalledFunction,
  { name, version, weights, revisionId }: FunctionAlias,
): object {
  return {
    AliasArn: `${functionArn}:${name}`,
    Name: name,
    FunctionVersion: version,
    Description: "",
    ...(Object.keys(weights).length > 0 && { RoutingConfig: { AdditionalVersionWeights: weights } }),
    RevisionId: revisionId,
  };
}
