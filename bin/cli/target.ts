import { type Command, Option } from "commander";
import { DEFAULT_STAGE, isStage, type Stage, STAGES } from "../../lib/config/stage.ts";
import { readRunning } from "../../local/journal/data-directory.ts";
import { Failure, UsageError } from "./failure.ts";
import { dataOption, readPage, runningSystem } from "./running-system.ts";
import { askAtTerminal, type AskOperator, isYes } from "./terminal.ts";

/** Where a command of the operator works. */
export interface TargetOptions {
  readonly stage?: string;
  readonly local?: true;
  readonly aws?: true;
  readonly region?: string;
  readonly data: string;
}

/** What every SDK client of a command is made with. */
export interface ClientConfig extends Partial<CallLimits> {
  readonly region?: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** A stage, running here or deployed. */
export interface Target {
  readonly stage: Stage;
  /** For messages: `development on this machine`, `production in AWS`. */
  readonly where: string;
  readonly isLocal: boolean;
  readonly client: ClientConfig;
}

/** Adds what {@link targetOf} reads to a command. */
export function addTargetOptions(command: Command): Command {
  return command
    .option(
      "--stage <stage>",
      `stage: ${STAGES.join(", ")} (default: the running system's, else ${DEFAULT_STAGE})`,
    )
    .addOption(
      new Option("--local", "the system that runs on this machine (default when one runs)").conflicts("aws"),
    )
    .option("--aws", "the deployed stage, also while a system runs here")
    .option("--region <region>", "its Region in AWS (default: that of the AWS profile)")
    .addOption(dataOption());
}

/** The running system when there is one and nothing else is asked for, else the deployed stage. */
export async function resolveTarget(options: TargetOptions): Promise<Target> {
  const running = options.aws === true ? undefined : await readRunning(options.data);
  if (options.local !== true && running === undefined) return deployedTarget(options);
  const { awsEndpoint, stage, ...found } = await runningSystem(options.data);
  if (options.stage !== undefined && options.stage !== stage)
    throw new UsageError(
      `${stage} runs on this machine, not ${options.stage}: leave --stage out, or say --aws for the deployed one`,
    );
  const { region } = await readPage({ awsEndpoint, stage, ...found }, "/api/overview");
  return {
    stage: requireStage(stage),
    where: `${stage} on this machine`,
    isLocal: true,
    client: {
      ...callLimits(),
      region,
      endpoint: awsEndpoint,
      // The local endpoint believes everybody.
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    },
  };
}

/** Credentials, Region and `AWS_ENDPOINT_URL` come from where every AWS tool takes them. */
function deployedTarget({ stage = DEFAULT_STAGE, region }: TargetOptions): Target {
  return {
    stage: requireStage(stage),
    where: `${stage} in AWS`,
    isLocal: false,
    client: { ...callLimits(), ...(region !== undefined && { region }) },
  };
}

function requireStage(text: string): Stage {
  if (isStage(text)) return text;
  throw new UsageError(`unknown stage "${text}": use one of ${STAGES.join(", ")}`);
}

/** What an SDK client rejected with, in words that say where and what to do. */
export function awsFailure(error: unknown, { where, isLocal }: Target, action?: string): Failure {
  const waited = action === undefined ? "" : `, waiting for ${action}`;
  const name = error instanceof Error ? error.name : "";
  // The lines after the first are the SDK's advice to whoever writes code with it.
  const [message = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
  const broken = connectionAdvice(error);
  // The SDK calls a broken connection a timeout too.
  if (isTimeout(error) && broken === undefined)
    return new Failure(`${where}: no answer came within ${CALL_LIMIT_SECONDS} s${waited}`, { cause: error });
  const advice = broken ?? (isLocal ? undefined : credentialAdvice(name, message));
  return new Failure(
    `${where}: ${name === "" ? message : `${name}: ${message}`}${advice === undefined ? "" : `: ${advice}`}`,
    { cause: error },
  );
}

const THROTTLED = "AWS takes no more questions for a moment: try again in a minute";

const CUT = "the connection broke before the answer was complete: try again";

const UNREACHABLE = "nothing answers at that address: look at the network, AWS_ENDPOINT_URL and the Region";

/** What to do where no answer of AWS came, or AWS has enough of questions; by the error's name or code. */
const CONNECTION_REMEDIES: Readonly<Record<string, string>> = {
  Throttling: THROTTLED,
  ThrottlingException: THROTTLED,
  ThrottledException: THROTTLED,
  TooManyRequestsException: THROTTLED,
  RequestLimitExceeded: THROTTLED,
  ECONNRESET: CUT,
  EPIPE: CUT,
  ECONNREFUSED: UNREACHABLE,
  ENOTFOUND: UNREACHABLE,
  EAI_AGAIN: UNREACHABLE,
};

/**
 * Whether a failure may be over at the next question: throttling, a broken connection, no answer, a fault of
 * AWS.
 */
export function isPassing(error: unknown): boolean {
  const cause = error instanceof Failure ? error.cause : error;
  if (connectionAdvice(cause) !== undefined || isTimeout(cause)) return true;
  const { $metadata: metadata } = (cause ?? {}) as {
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  return (metadata?.httpStatusCode ?? 0) >= 500;
}

function connectionAdvice(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { name, code = "" } = error as NodeJS.ErrnoException;
  const key = [name, code].find((each) => Object.hasOwn(CONNECTION_REMEDIES, each));
  return key === undefined ? undefined : CONNECTION_REMEDIES[key];
}

const SIGN_IN = "set AWS_PROFILE, or sign in with aws sso login";

/** What to do about credentials that AWS, or the SDK before it, did not take; by the error's name. */
const CREDENTIAL_REMEDIES: Readonly<Record<string, string>> = {
  CredentialsProviderError: `${SIGN_IN}, and name the Region with --region`,
  ExpiredToken: "sign in again with aws sso login",
  ExpiredTokenException: "sign in again with aws sso login",
  InvalidClientTokenId: SIGN_IN,
  UnrecognizedClientException: SIGN_IN,
  InvalidSignatureException:
    "the secret does not belong to the access key, or the clock of this machine is wrong",
};

function credentialAdvice(name: string, message: string): string | undefined {
  if (/region is missing/i.test(message)) return CREDENTIAL_REMEDIES.CredentialsProviderError;
  return Object.hasOwn(CREDENTIAL_REMEDIES, name) ? CREDENTIAL_REMEDIES[name] : undefined;
}

/** The line that calls another command of the operator on the same target. */
export function targetCommand({ stage, isLocal, client }: Target, words: string): string {
  if (isLocal) return `npm run cli -- ${words}`;
  const region = client.region === undefined ? "" : ` --region ${client.region}`;
  return `npm run cli -- ${words} --aws --stage ${stage}${region}`;
}

/**
 * How long one call to AWS may take before it is given up: a hanging endpoint must not hold a command for
 * ever.
 */
const CALL_LIMIT_SECONDS = 20;

/** Part of an SDK client's configuration. */
interface CallLimits {
  readonly maxAttempts: number;
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: true;
  };
}

/**
 * Part of an SDK client's configuration that gives up a call after {@link CALL_LIMIT_SECONDS}, or `seconds`.
 */
export function callLimits(seconds: number = CALL_LIMIT_SECONDS): CallLimits {
  return {
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: 5_000,
      requestTimeout: seconds * 1_000,
      throwOnRequestTimeout: true,
    },
  };
}

/** Whether a call failed because nothing answered in time. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === "TimeoutError";
}

/** What a person is asked before a deployed stage is changed. */
export interface ChangeQuestion {
  readonly target: Target;
  /** `change the token of production`. */
  readonly change: string;
  /** Given with `--yes`. */
  readonly yes: true | undefined;
}

/**
 * Asks before a deployed stage is changed; a system on this machine is changed at once.
 *
 * Throws where nobody can be asked and `--yes` was not given, and where the answer is no.
 */
export async function confirmDeployedChange(
  { target, change, yes }: ChangeQuestion,
  ask: AskOperator | undefined = askAtTerminal(),
): Promise<void> {
  if (target.isLocal || yes === true) return;
  if (ask === undefined)
    throw new UsageError("this is not a terminal, so it cannot ask: pass --yes to change it without asking");
  const answer = await ask(`${target.where}: ${change}? (y/n) `, new AbortController().signal);
  if (!isYes(answer)) throw new Failure("nothing was changed");
}
