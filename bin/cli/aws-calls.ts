import { type CloudFormationClient, DescribeStacksCommand, type Stack } from "@aws-sdk/client-cloudformation";
import { InvokeCommand, LambdaClient, ResourceNotFoundException } from "@aws-sdk/client-lambda";
import {
  GetParameterCommand,
  type GetParameterCommandInput,
  type Parameter,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { tokenDocumentOf } from "../../lambda/contract/token.ts";
import { errorMessage, Failure } from "./failure.ts";
import { awsFailure, callLimits, type ClientConfig, isTimeout, type Target } from "./target.ts";

/** One question to AWS. */
export interface AwsCall {
  readonly target: Target;
  /** IAM action that it needs: `lambda:UpdateAlias`. */
  readonly action: string;
  /** What it is done to, for the sentence about a missing permission: `log group /aws/lambda/agent`. */
  readonly on?: string;
  /** What the refusals mean that are answers here, by the error's name. */
  readonly meaning?: Readonly<Record<string, string>>;
}

/** Waits for an answer of AWS; a refusal becomes a Failure that says what is missing. */
export async function awsAnswer<T>(
  { target, action, on, meaning = {} }: AwsCall,
  answer: Promise<T>,
): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Failure) throw error;
    const name = awsErrorName(error);
    if (name === "AbortError") throw new Failure("interrupted: nothing was changed", { cause: error });
    const words = Object.hasOwn(meaning, name) ? meaning[name] : undefined;
    if (words !== undefined) throw new Failure(`${target.where} ${words}`, { cause: error });
    if (isAccessDenied(error))
      throw new MissingPermission(
        `${target.where}: these credentials lack ${action}${on === undefined ? "" : ` on ${on}`} (${errorMessage(error)})`,
        { cause: error },
      );
    throw awsFailure(error, target, action);
  }
}

/** Asks when it is first called; every call gets that answer. */
export function askedOnce<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => (answer ??= ask());
}

/** A client of the AWS SDK. */
export interface SdkClient {
  destroy(): void;
}

/** Acts with a client that is closed afterwards. */
export async function withClient<Client extends SdkClient, T>(
  make: new (config: ClientConfig) => Client,
  config: ClientConfig,
  act: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new make(config);
  try {
    return await act(client);
  } finally {
    client.destroy();
  }
}

/** A parameter; `undefined` where there is none. */
export async function findParameter(
  client: SSMClient,
  wanted: GetParameterCommandInput,
): Promise<Parameter | undefined> {
  try {
    return (await client.send(new GetParameterCommand(wanted))).Parameter;
  } catch (error) {
    if (awsErrorName(error) === "ParameterNotFound") return undefined;
    throw error;
  }
}

/** AWS does not let these credentials do it; the message names the IAM action, and on what. */
export class MissingPermission extends Failure {}

/** Whether the credentials may not do it. */
export function isAccessDenied(error: unknown): boolean {
  const name = awsErrorName(error);
  // SNS has a name of its own for it.
  return name.startsWith("AccessDenied") || name.startsWith("AuthorizationError");
}

/** The name that AWS gave an error. */
export function awsErrorName(error: unknown): string {
  return error instanceof Error ? error.name : "";
}

/** A function to call, and what it means when it is not there. */
interface InvokedFunction {
  readonly functionName: string;
  readonly whenMissing: string;
}

/** Calls a function of a stage and waits for its answer; its failure is ours. */
export async function invokeFunction(
  target: Target,
  called: InvokedFunction,
  order: object,
): Promise<unknown> {
  // Once: a call whose answer was lost may have done its work.
  const client = new LambdaClient({ ...target.client, ...callLimits(INVOKE_LIMIT_SECONDS), maxAttempts: 1 });
  try {
    const command = new InvokeCommand({ FunctionName: called.functionName, Payload: JSON.stringify(order) });
    const { FunctionError, Payload } = await client.send(command);
    const answer: unknown = Payload === undefined ? undefined : JSON.parse(Payload.transformToString());
    if (FunctionError !== undefined)
      throw new Failure(`${called.functionName} failed: ${functionErrorText(answer)}`);
    return answer;
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (error instanceof ResourceNotFoundException)
      throw new Failure(`${target.where} has no function ${called.functionName}: ${called.whenMissing}`, {
        cause: error,
      });
    if (isAnswerLost(error))
      throw new LostAnswer(
        `${target.where}: no answer of ${called.functionName} came: ${errorMessage(error)}`,
        {
          cause: error,
        },
      );
    throw awsFailure(error, target, "lambda:InvokeFunction");
  } finally {
    client.destroy();
  }
}

/** A function was called, and nobody knows whether it did its work. */
export class LostAnswer extends Failure {}

/** Longer than the longest of the functions that are called, the rotation's minute. */
const INVOKE_LIMIT_SECONDS = 75;

/** Time-outs and broken connections; a refusal of AWS has a status. */
function isAnswerLost(error: unknown): boolean {
  if (isTimeout(error)) return true;
  const { $metadata: metadata } = error as { readonly $metadata?: { readonly httpStatusCode?: number } };
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return metadata?.httpStatusCode === undefined && /^(ECONNRESET|EPIPE|ETIMEDOUT)$/.test(code);
}

/** The version of a parameter, which each write raises; nothing where it cannot be read. */
export async function parameterVersion(target: Target, name: string): Promise<number | undefined> {
  return withClient(SSMClient, target.client, async (client) => {
    const found = await client.send(new GetParameterCommand({ Name: name }));
    return found.Parameter?.Version;
  }).catch(() => undefined);
}

function functionErrorText(answer: unknown): string {
  const members: Readonly<Record<string, unknown>> =
    typeof answer === "object" && answer !== null ? { ...answer } : {};
  return typeof members.errorMessage === "string" ? members.errorMessage : JSON.stringify(answer);
}

/** The token that a stage accepts now, from its parameter; `region` is the target's when missing. */
export async function currentToken(target: Target, parameterName: string, region?: string): Promise<string> {
  const client = new SSMClient({ ...target.client, ...(region !== undefined && { region }) });
  try {
    const command = new GetParameterCommand({ Name: parameterName, WithDecryption: true });
    const { Parameter } = await client.send(command);
    const document = tokenDocumentOf(Parameter?.Value ?? "");
    if (document === undefined) throw new Failure(`${target.where}: ${parameterName} holds no token`);
    return document.current;
  } catch (error) {
    throw error instanceof Failure ? error : awsFailure(error, target, "ssm:GetParameter");
  } finally {
    client.destroy();
  }
}

/**
 * A stack as DescribeStacks answers it; `undefined` where there is none: CloudFormation has no error of its
 * own for that.
 */
export async function describeStack(
  client: CloudFormationClient,
  StackName: string,
): Promise<Stack | undefined> {
  try {
    return (await client.send(new DescribeStacksCommand({ StackName }))).Stacks?.[0];
  } catch (error) {
    if (awsErrorName(error) === "ValidationError" && errorMessage(error).includes("does not exist"))
      return undefined;
    throw error;
  }
}

/** Values of a stack's outputs by their keys. */
export function stackOutputs({ Outputs = [] }: Pick<Stack, "Outputs">): Readonly<Record<string, string>> {
  return Object.fromEntries(Outputs.map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]));
}

/** Values of a stack's tags by their keys. */
export function stackTags({ Tags = [] }: Pick<Stack, "Tags">): Readonly<Record<string, string>> {
  return Object.fromEntries(Tags.map(({ Key = "", Value = "" }) => [Key, Value]));
}
