import { createHash } from "node:crypto";
import { AwsError } from "../aws-error.ts";
import { credentialRegion } from "../credential-region.ts";
import type { AwsCall, Input, JsonService } from "../service.ts";
import type { Parameter, Parameters } from "./parameters.ts";
import { putParameter } from "./put-parameter.ts";

/** Whose account and Region the endpoint plays. */
export interface Account {
  readonly accountId: string;
  readonly region: string;
}

const NAMES_MOST = 10;

/** SSM's operations on parameters, in the Region that a call is signed for. */
export function ssmService(parameters: Parameters, account: Account): JsonService {
  const storeOf = (call: AwsCall): Store => {
    const region = credentialRegion(call) ?? account.region;
    return { parameters, region, account: { ...account, region } };
  };
  return {
    protocol: "json",
    version: "1.1",
    targetPrefix: "AmazonSSM",
    operations: {
      GetParameter: (input, call) => ({ Parameter: found(storeOf(call), nameOf(input.Name), input) }),
      GetParameters: (input, call) => getParameters(storeOf(call), input),
      GetParametersByPath: (input, call) => getParametersByPath(storeOf(call), input),
      PutParameter: (input, call) => {
        const { version } = putParameter(parameters, storeOf(call).region, input);
        return { Version: version, Tier: "Standard" };
      },
      DeleteParameter: (input, call) => {
        const name = nameOf(input.Name);
        if (parameters.delete(storeOf(call).region, name)) return {};
        throw new AwsError("ParameterNotFound", "");
      },
    },
  };
}

/** The parameters of the Region of a call. */
interface Store {
  readonly parameters: Parameters;
  readonly region: string;
  readonly account: Account;
}

function found(store: Store, selector: string, input: Input): object {
  const parameter = select(store, selector);
  return { ...view(parameter, store.account, input.WithDecryption === true), ...selectorOf(selector) };
}

function getParameters(store: Store, input: Input): object {
  const names = namesOf(input.Names);
  const known = names.filter((name) => isKnown(store, name));
  return {
    Parameters: known.map((name) => found(store, name, input)),
    InvalidParameters: names.filter((name) => !known.includes(name)),
  };
}

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html */
function getParametersByPath({ parameters, region, account }: Store, input: Input): object {
  const path = nameOf(input.Path).replace(/\/$/, "");
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
  const size = typeof input.MaxResults === "number" ? input.MaxResults : NAMES_MOST;
  if (!Number.isInteger(start) || start < 0)
    throw new AwsError("InvalidNextToken", "The specified token is not valid.");
  const page = below.slice(start, start + size);
  return {
    Parameters: page.map((parameter) => view(parameter, account, input.WithDecryption === true)),
    ...(start + size < below.length && { NextToken: String(start + size) }),
  };
}

function nameOf(name: unknown): string {
  if (typeof name === "string" && name !== "") return name;
  throw new AwsError(
    "ValidationException",
    "1 validation error detected: Value at 'name' failed to satisfy constraint: Member must not be null",
  );
}

function namesOf(names: unknown): string[] {
  if (Array.isArray(names) && names.length >= 1 && names.length <= NAMES_MOST) return names.map(nameOf);
  throw new AwsError(
    "ValidationException",
    `1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length less than or equal to ${NAMES_MOST}`,
  );
}

function isKnown({ parameters, region }: Store, selector: string): boolean {
  const { name, version } = parts(selector);
  const parameter = parameters.find(region, name);
  return parameter !== undefined && (version === undefined || version === String(parameter.version));
}

/** A name may be an ARN and may end in `:version`. */
function parts(selector: string): { readonly name: string; readonly version?: string } {
  const path = /^arn:[^:]*:ssm:[^:]*:[^:]*:parameter(\/.+)$/.exec(selector)?.[1] ?? selector;
  const [name = "", version] = path.split(":");
  return version === undefined ? { name } : { name, version };
}

function selectorOf(selector: string): object {
  const { version } = parts(selector);
  return version === undefined ? {} : { Selector: `:${version}` };
}

function select({ parameters, region }: Store, selector: string): Parameter {
  const { name, version } = parts(selector);
  const parameter = parameters.find(region, name);
  if (parameter === undefined) throw new AwsError("ParameterNotFound", "");
  if (version !== undefined && version !== String(parameter.version))
    throw new AwsError(
      "ParameterVersionNotFound",
      `Systems Manager could not find version ${version} of ${name}. Verify the version and try again.`,
    );
  return parameter;
}

function view(parameter: Parameter, { region, accountId }: Account, decrypted: boolean): object {
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
