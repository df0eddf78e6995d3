import { createHash } from "node:crypto";
import { AwsError } from "./aws-error.ts";
import type { Input, JsonService } from "./service.ts";

/** A parameter of the Parameter Store. */
export interface Parameter {
  readonly name: string;
  readonly type: "String" | "StringList" | "SecureString";
  readonly value: string;
  readonly version: number;
  /** Epoch milliseconds. */
  readonly modifiedMs: number;
}

/** Where parameters are kept. */
export interface Parameters {
  find(name: string): Parameter | undefined;
}

/** Whose account and Region the endpoint plays. */
export interface Account {
  readonly accountId: string;
  readonly region: string;
}

const NAMES_MOST = 10;

/** SSM's operations on parameters. */
export function ssmService(parameters: Parameters, account: Account): JsonService {
  const answer = (selector: string, input: Input): object => {
    const parameter = select(parameters, selector);
    return { ...view(parameter, account, input.WithDecryption === true), ...selectorOf(selector) };
  };
  return {
    protocol: "json",
    version: "1.1",
    targetPrefix: "AmazonSSM",
    operations: {
      GetParameter: (input) => ({ Parameter: answer(nameOf(input.Name), input) }),
      GetParameters: (input) => {
        const names = namesOf(input.Names);
        const found = names.filter((name) => isKnown(parameters, name));
        return {
          Parameters: found.map((name) => answer(name, input)),
          InvalidParameters: names.filter((name) => !found.includes(name)),
        };
      },
    },
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

function isKnown(parameters: Parameters, selector: string): boolean {
  const { name, version } = parts(selector);
  const parameter = parameters.find(name);
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

function select(parameters: Parameters, selector: string): Parameter {
  const { name, version } = parts(selector);
  const parameter = parameters.find(name);
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
