import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
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

const MAX_NAME_LENGTH = 1011;
const MAX_VALUE_BYTES = 4096;

/** Members whose effect would be missed in silence. */
const UNSUPPORTED_MEMBERS = ["Tags", "Policies", "AllowedPattern"];

/** Creates or overwrites a parameter. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html */
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
  return parameters.put({ region, name, type, value: newParameterValue(input.Value) });
}

function refuseUnsupportedMembers(input: Input): void {
  const given = UNSUPPORTED_MEMBERS.find((member) => input[member] !== undefined);
  if (given !== undefined) throw validationError(`the local runtime keeps no ${given}: leave the member out`);
  if (input.Tier !== undefined && input.Tier !== "Standard")
    throw validationError(`the local runtime has no tier ${JSON.stringify(input.Tier)}: use Standard`);
  if (input.DataType !== undefined && input.DataType !== "text")
    throw validationError(`the local runtime has no data type ${JSON.stringify(input.DataType)}: use text`);
}

function newParameterName(name: unknown): string {
  if (typeof name !== "string" || name === "")
    throw validationError(
      "1 validation error detected: Value at 'name' failed to satisfy constraint: Member must not be null",
    );
  const isPath = name.includes("/");
  if (!/^[\w.\-/]+$/.test(name) || name.length > MAX_NAME_LENGTH || (isPath && !name.startsWith("/")))
    throw validationError(
      `Parameter name: can't be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_`,
    );
  if (/^\/?(?:aws|ssm)/i.test(name))
    throw validationError(`Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive).`);
  return name;
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

function validationError(message: string): AwsError {
  return new AwsError("ValidationException", message);
}

/** Whose account and Region the endpoint plays. */
export interface Account {
  readonly accountId: string;
  readonly region: string;
}

const MAX_NAMES = 10;

/** Longer than anybody waits for a parameter. */
const SLOW_MS = 30_000;

/** A way in which SSM misbehaves. */
type ParameterFault = "parameter-slow" | "parameter-throttled" | "parameter-missing";

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

const NO_PARAMETERS: Pick<Parameters, "find" | "list"> = { find: () => undefined, list: () => [] };

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
      GetParameter: reading((input, store) => ({
        Parameter: foundParameter(store, parameterName(input.Name), input),
      })),
      GetParameters: reading((input, store) => getParameters(store, input)),
      GetParametersByPath: reading((input, store) => getParametersByPath(store, input)),
      PutParameter: (input, call) => {
        const { version } = putParameter(parameters, storeOf(call).region, input);
        return { Version: version, Tier: "Standard" };
      },
      DeleteParameter: (input, call) => {
        const name = parameterName(input.Name);
        if (parameters.delete(storeOf(call).region, name)) return {};
        throw new AwsError("ParameterNotFound", "");
      },
    },
  };
}

/** The parameters of the Region of a call. */
interface RegionParameters {
  readonly parameters: Pick<Parameters, "find" | "list">;
  readonly region: string;
  readonly account: Account;
}

function foundParameter(store: RegionParameters, selector: string, input: Input): object {
  const parameter = selectedParameter(store, selector);
  return {
    ...parameterView(parameter, store.account, input.WithDecryption === true),
    ...selectorOf(selector),
  };
}

function getParameters(store: RegionParameters, input: Input): object {
  const names = parameterNames(input.Names);
  const known = names.filter((name) => hasParameter(store, name));
  return {
    Parameters: known.map((name) => foundParameter(store, name, input)),
    InvalidParameters: names.filter((name) => !known.includes(name)),
  };
}

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html */
function getParametersByPath({ parameters, region, account }: RegionParameters, input: Input): object {
  const path = parameterName(input.Path).replace(/\/$/, "");
  if (input.ParameterFilters !== undefined)
    throw new AwsError(
      "InvalidFilterKey",
      "the local runtime has no filters here: leave ParameterFilters out",
    );
  const below = parameters
    .list(region)
    .filter(({ name }) => name.startsWith(`${path}/`))
    .filter(({ name }) => input.Recursive === true || !name.slice(path.length + 1).includes("/"));
  const start = input.NextToken === undefined ? 0 : Number(input.NextToken);
  const size = typeof input.MaxResults === "number" ? input.MaxResults : MAX_NAMES;
  if (!Number.isInteger(start) || start < 0)
    throw new AwsError("InvalidNextToken", "The specified token is not valid.");
  const page = below.slice(start, start + size);
  return {
    Parameters: page.map((parameter) => parameterView(parameter, account, input.WithDecryption === true)),
    ...(start + size < below.length && { NextToken: String(start + size) }),
  };
}

function parameterName(name: unknown): string {
  if (typeof name === "string" && name !== "") return name;
  throw new AwsError(
    "ValidationException",
    "1 validation error detected: Value at 'name' failed to satisfy constraint: Member must not be null",
  );
}

function parameterNames(names: unknown): string[] {
  if (Array.isArray(names) && names.length >= 1 && names.length <= MAX_NAMES) return names.map(parameterName);
  throw new AwsError(
    "ValidationException",
    `1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length less than or equal to ${MAX_NAMES}`,
  );
}

function hasParameter({ parameters, region }: RegionParameters, selector: string): boolean {
  const { name, version } = selectorParts(selector);
  const parameter = parameters.find(region, name);
  return parameter !== undefined && (version === undefined || version === String(parameter.version));
}

/** A name may be an ARN and may end in `:version`. */
function selectorParts(selector: string): { readonly name: string; readonly version?: string } {
  const path = /^arn:[^:]*:ssm:[^:]*:[^:]*:parameter(\/.+)$/.exec(selector)?.[1] ?? selector;
  const [name = "", version] = path.split(":");
  return version === undefined ? { name } : { name, version };
}

function selectorOf(selector: string): object {
  const { version } = selectorParts(selector);
  return version === undefined ? {} : { Selector: `:${version}` };
}

function selectedParameter({ parameters, region }: RegionParameters, selector: string): Parameter {
  const { name, version } = selectorParts(selector);
  const parameter = parameters.find(region, name);
  if (parameter === undefined) throw new AwsError("ParameterNotFound", "");
  if (version !== undefined && version !== String(parameter.version))
    throw new AwsError(
      "ParameterVersionNotFound",
      `Systems Manager could not find version ${version} of ${name}. Verify the version and try again.`,
    );
  return parameter;
}

function parameterView(parameter: Parameter, { region, accountId }: Account, decrypted: boolean): object {
  const { name, type, value, version, modifiedMs } = parameter;
  return {
    Name: name,
    Type: type,
    Value: type === "SecureString" && !decrypted ? sealed(value) : value,
    Version: version,
    LastModifiedDate: modifiedMs / 1000,
    ARN: `arn:aws:ssm:${region}:${accountId}:parameter${name.startsWith("/") ? "" : "/"}${name}`,
    DataType: "text",
  };
}

/** Stands where KMS's ciphertext would: it cannot be turned back into the value. */
function sealed(value: string): string {
  return createHash("sha256").update(value).digest("base64");
}
