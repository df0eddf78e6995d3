import { AwsError } from "../aws-error.ts";
import type { Input } from "../service.ts";
import { PARAMETER_TYPES, type Parameter, type Parameters, type ParameterType } from "./parameters.ts";

const NAME_MOST = 1011;
const VALUE_BYTES_MOST = 4096;

/** Members whose effect would be missed in silence. */
const NOT_KEPT = ["Tags", "Policies", "AllowedPattern"];

/** Creates or overwrites a parameter. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html */
export function putParameter(parameters: Parameters, region: string, input: Input): Parameter {
  refuseWhatIsNotKept(input);
  const name = nameOf(input.Name);
  const existing = parameters.find(region, name);
  if (existing !== undefined && input.Overwrite !== true)
    throw new AwsError(
      "ParameterAlreadyExists",
      "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
    );
  const type = typeOf(input.Type, existing);
  return parameters.put({ region, name, type, value: valueOf(input.Value) });
}

function refuseWhatIsNotKept(input: Input): void {
  const given = NOT_KEPT.find((member) => input[member] !== undefined);
  if (given !== undefined) throw invalid(`the local runtime keeps no ${given}: leave the member out`);
  if (input.Tier !== undefined && input.Tier !== "Standard")
    throw invalid(`the local runtime has no tier ${JSON.stringify(input.Tier)}: use Standard`);
  if (input.DataType !== undefined && input.DataType !== "text")
    throw invalid(`the local runtime has no data type ${JSON.stringify(input.DataType)}: use text`);
}

function nameOf(name: unknown): string {
  if (typeof name !== "string" || name === "")
    throw invalid(
      "1 validation error detected: Value at 'name' failed to satisfy constraint: Member must not be null",
    );
  const isPath = name.includes("/");
  if (!/^[\w.\-/]+$/.test(name) || name.length > NAME_MOST || (isPath && !name.startsWith("/")))
    throw invalid(
      `Parameter name: can't be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_`,
    );
  if (/^\/?(?:aws|ssm)/i.test(name))
    throw invalid(`Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive).`);
  return name;
}

function typeOf(type: unknown, existing: Parameter | undefined): ParameterType {
  if (type === undefined && existing !== undefined) return existing.type;
  const known = PARAMETER_TYPES.find((one) => one === type);
  if (known === undefined) throw invalid("A parameter type is required when you create a parameter.");
  return known;
}

function valueOf(value: unknown): string {
  if (typeof value !== "string" || value === "")
    throw invalid(
      "1 validation error detected: Value at 'value' failed to satisfy constraint: Member must not be null",
    );
  if (Buffer.byteLength(value) > VALUE_BYTES_MOST)
    throw invalid(
      `Standard tier parameters support a maximum parameter value of ${VALUE_BYTES_MOST} characters.`,
    );
  return value;
}

function invalid(message: string): AwsError {
  return new AwsError("ValidationException", message);
}
