import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { withoutUndefined } from "@wrist-agent/cloudwatch/read-definition";
import { partitionOf } from "@wrist-agent/cloudwatch/region";
import {
  type NewParameter,
  type Parameter,
  PARAMETER_TYPES,
  type Parameters,
  type ParameterType,
} from "../../parameter-store.ts";
import {
  type AwsCall,
  AwsError,
  credentialRegion,
  type Input,
  type JsonService,
  type Operation,
} from "./service.ts";
import type { ParameterFault } from "../wire.ts";
import { BY_PATH_KEYS, DEFAULT_KEY, DESCRIBE_KEYS, parameterFilter } from "./ssm-filters.ts";
import {
  hierarchyPath,
  isBelow,
  newParameterName,
  parameterNames,
  parameterPage,
  parameterPath,
  type ParameterSelector,
  parameterSelector,
  validationError,
} from "./ssm-names.ts";

const MAX_VALUE_BYTES = 4096;
const MAX_DESCRIPTION_LENGTH = 1024;

/** Members whose effect would be missed in silence. */
const UNSUPPORTED_MEMBERS = ["Tags", "Policies", "AllowedPattern"];

/**
 * Creates or overwrites a parameter.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export function putParameter(parameters: Parameters, region: string, input: Input): Parameter {
  refuseUnsupportedMembers(input);
  const name = newParameterName(input.Name);
  const existing = parameters.find(region, name);
  if (existing !== undefined && input.Overwrite !== true)
    throw new AwsError(
      "ParameterAlreadyExists",
      "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
    );
  const type = newParameterType(input.Type, existing);
  const description = newDescription(input.Description) ?? existing?.description;
  const keyId = typeof input.KeyId === "string" ? input.KeyId : existing?.keyId;
  return parameters.put(
    withoutUndefined<NewParameter>({
      region,
      name,
      type,
      value: newParameterValue(input.Value),
      description,
      keyId: type === "SecureString" ? keyId : undefined,
    }),
  );
}

function refuseUnsupportedMembers(input: Input): void {
  const given = UNSUPPORTED_MEMBERS.find((member) => input[member] !== undefined);
  if (given !== undefined) throw validationError(`the local runtime keeps no ${given}: leave the member out`);
  if (input.Tier !== undefined && input.Tier !== "Standard")
    throw validationError(`the local runtime has no tier ${JSON.stringify(input.Tier)}: use Standard`);
  if (input.DataType !== undefined && input.DataType !== "text")
    throw validationError(`the local runtime has no data type ${JSON.stringify(input.DataType)}: use text`);
}

function newDescription(description: unknown): string | undefined {
  if (typeof description !== "string") return undefined;
  if (description.length <= MAX_DESCRIPTION_LENGTH) return description;
  throw validationError(
    `1 validation error detected: Value at 'description' failed to satisfy constraint: Member must have length less than or equal to ${MAX_DESCRIPTION_LENGTH}`,
  );
}

function newParameterType(type: unknown, existing: Parameter | undefined): ParameterType {
  if (type === undefined && existing !== undefined) return existing.type;
  const known = PARAMETER_TYPES.find((one) => one === type);
  if (known === undefined) throw validationError("A parameter type is required when you create a parameter.");
  return known;
}

function newParameterValue(value: unknown): string {
  if (typeof value !== "string" || value === "")
    throw validationError(
      "1 validation error detected: Value at 'value' failed to satisfy constraint: Member must not be null",
    );
  if (Buffer.byteLength(value) > MAX_VALUE_BYTES)
    throw validationError(
      `Standard tier parameters support a maximum parameter value of ${MAX_VALUE_BYTES} characters.`,
    );
  return value;
}

/** Whose account and Region the endpoint plays. */
export interface Account {
  readonly accountId: string;
  readonly region: string;
}

const MAX_BY_PATH = 10;
const MAX_DESCRIBED = 50;
const MAX_HISTORY = 50;

/** Longer than anybody waits for a parameter. */
const SLOW_MS = 30_000;

/** The fault that a reading meets; `undefined` for one that is answered as it should be. */
type FaultOf = (call: AwsCall) => ParameterFault | undefined;

/** A reading under a fault: late, throttled, or as in a Region without parameters. */
function faulty(read: (input: Input, store: RegionParameters) => object, faultOf: FaultOf) {
  return async (input: Input, store: RegionParameters, call: AwsCall): Promise<object> => {
    const fault = faultOf(call);
    if (fault === "parameter-throttled") throw new AwsError("ThrottlingException", "Rate exceeded");
    if (fault === "parameter-slow") await sleep(SLOW_MS, undefined, { signal: call.signal });
    return read(input, fault === "parameter-missing" ? { ...store, parameters: NO_PARAMETERS } : store);
  };
}

type ReadParameters = Pick<Parameters, "list" | "versions">;

const NO_PARAMETERS: ReadParameters = { list: () => [], versions: () => [] };

/** SSM's operations on parameters, in the Region that a call is signed for. */
export function ssmService(
  parameters: Parameters,
  account: Account,
  faultOf: FaultOf = () => undefined,
): JsonService {
  const storeOf = (call: AwsCall): RegionParameters => {
    const region = credentialRegion(call) ?? account.region;
    return { parameters, region, account: { ...account, region } };
  };
  const reading = (read: (input: Input, store: RegionParameters) => object): Operation => {
    const answer = faulty(read, faultOf);
    return (input, call) => answer(input, storeOf(call), call);
  };
  return {
    protocol: "json",
    version: "1.1",
    targetPrefix: "AmazonSSM",
    operations: {
      GetParameter: reading((input, store) => ({ Parameter: foundParameter(store, input.Name, input) })),
      GetParameters: reading((input, store) => getParameters(store, input)),
      GetParametersByPath: reading((input, store) => getParametersByPath(store, input)),
      DescribeParameters: reading((input, store) => describeParameters(store, input)),
      GetParameterHistory: reading((input, store) => getParameterHistory(store, input)),
      PutParameter: (input, call) => {
        const { version } = putParameter(parameters, storeOf(call).region, input);
        return { Version: version, Tier: "Standard" };
      },
      DeleteParameter: (input, call) => {
        const { name } = parameterSelector(input.Name);
        if (parameters.delete(storeOf(call).region, name)) return {};
        throw new AwsError("ParameterNotFound", "");
      },
      DeleteParameters: (input, call) => {
        const { region } = storeOf(call);
        const names = parameterNames(input.Names);
        const deleted = names.filter((name) => parameters.delete(region, parameterSelector(name).name));
        return {
          DeletedParameters: deleted,
          InvalidParameters: names.filter((name) => !deleted.includes(name)),
        };
      },
    },
  };
}

/** The parameters of the Region of a call. */
interface RegionParameters {
  readonly parameters: ReadParameters;
  readonly region: string;
  readonly account: Account;
}

function foundParameter(store: RegionParameters, selector: unknown, input: Input): object {
  const asked = parameterSelector(selector);
  const parameter = selectedParameter(store, asked);
  return {
    ...parameterView(parameter, store.account, input.WithDecryption === true),
    ...(asked.shownName !== undefined && { Name: asked.shownName }),
    ...(asked.version !== undefined && { Selector: `:${asked.version}` }),
  };
}

function getParameters(store: RegionParameters, input: Input): object {
  const names = parameterNames(input.Names);
  const known = names.filter((name) => hasParameter(store, parameterSelector(name)));
  return {
    Parameters: known.map((name) => foundParameter(store, name, input)),
    InvalidParameters: names.filter((name) => !known.includes(name)),
  };
}

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html */
function getParametersByPath({ parameters, region, account }: RegionParameters, input: Input): object {
  const path = hierarchyPath(input.Path);
  const depth = input.Recursive === true ? "Recursive" : "OneLevel";
  const below = parameters
    .list(region)
    .filter(({ name }) => isBelow(name, path, depth))
    .filter(parameterFilter(input, BY_PATH_KEYS));
  const { items, ...next } = parameterPage(below, input, MAX_BY_PATH);
  const isDecrypted = input.WithDecryption === true;
  return { Parameters: items.map((parameter) => parameterView(parameter, account, isDecrypted)), ...next };
}

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html */
function describeParameters({ parameters, region, account }: RegionParameters, input: Input): object {
  const found = parameters.list(region).filter(parameterFilter(input, DESCRIBE_KEYS));
  const { items, ...next } = parameterPage(found, input, MAX_DESCRIBED);
  return { Parameters: items.map((parameter) => parameterMetadata(parameter, account)), ...next };
}

/**
 * Every version with its value, oldest first.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameterHistory.html
 */
function getParameterHistory({ parameters, region, account }: RegionParameters, input: Input): object {
  const { name } = parameterSelector(input.Name);
  const versions = parameters.versions(region, name);
  if (versions.length === 0) throw new AwsError("ParameterNotFound", "");
  const { items, ...next } = parameterPage(versions, { MaxResults: MAX_HISTORY, ...input }, MAX_HISTORY);
  const isDecrypted = input.WithDecryption === true;
  return { Parameters: items.map((version) => historyView(version, account, isDecrypted)), ...next };
}

function historyView(version: Parameter, account: Account, decrypted: boolean): object {
  return { ...versionMetadata(version, account), Value: shownValue(version, decrypted), Labels: [] };
}

function hasParameter(store: RegionParameters, selector: ParameterSelector): boolean {
  return versionOf(store, selector) !== undefined;
}

/** The version that is asked for, the newest without one. */
function versionOf(
  { parameters, region }: RegionParameters,
  { name, version }: ParameterSelector,
): Parameter | undefined {
  const versions = parameters.versions(region, name);
  return version === undefined ? versions.at(-1) : versions.find((each) => String(each.version) === version);
}

function selectedParameter(store: RegionParameters, selector: ParameterSelector): Parameter {
  const parameter = versionOf(store, selector);
  if (parameter !== undefined) return parameter;
  const { name, version } = selector;
  if (version === undefined || store.parameters.versions(store.region, name).length === 0)
    throw new AwsError("ParameterNotFound", "");
  throw new AwsError(
    "ParameterVersionNotFound",
    `Systems Manager could not find version ${version} of ${name}. Verify the version and try again.`,
  );
}

function parameterView(parameter: Parameter, account: Account, decrypted: boolean): object {
  const { name, type, version, modifiedMs } = parameter;
  return {
    Name: name,
    Type: type,
    Value: shownValue(parameter, decrypted),
    Version: version,
    LastModifiedDate: modifiedMs / 1000,
    ARN: parameterArn(name, account),
    DataType: "text",
  };
}

function parameterArn(name: string, { region, accountId }: Account): string {
  return `arn:${partitionOf(region)}:ssm:${region}:${accountId}:parameter${parameterPath(name)}`;
}

/** What is answered about a parameter without its value. */
function parameterMetadata(parameter: Parameter, account: Account): object {
  return { ...versionMetadata(parameter, account), ARN: parameterArn(parameter.name, account) };
}

function versionMetadata(parameter: Parameter, account: Account): object {
  const { name, type, version, modifiedMs, description, keyId = DEFAULT_KEY } = parameter;
  return {
    Name: name,
    Type: type,
    ...(type === "SecureString" && { KeyId: keyId }),
    LastModifiedDate: modifiedMs / 1000,
    LastModifiedUser: `arn:${partitionOf(account.region)}:iam::${account.accountId}:root`,
    ...(description !== undefined && { Description: description }),
    Version: version,
    Tier: "Standard",
    Policies: [],
    DataType: "text",
  };
}

function shownValue({ type, value }: Parameter, decrypted: boolean): string {
  return type === "SecureString" && !decrypted ? sealed(value) : value;
}

/** Stands where KMS's ciphertext would: it cannot be turned back into the value. */
function sealed(value: string): string {
  return createHash("sha256").update(value).digest("base64");
}
