import { AGENT_ENVIRONMENT } from "../contract/environment.ts";
import type { MetricsProfile } from "../contract/metrics.ts";
import { REQUEST_LIMITS } from "../contract/request.ts";
import { canonicalTimeZone } from "../contract/zoned-format.ts";
import type { ModelChoices } from "./runtime-parameters.ts";
import { chooseModel, type ModelChoice } from "./model.ts";

/** What the agent was deployed with. */
export interface AgentSettings {
  readonly stage: string;
  readonly region: string;
  /** Version of the function that Lambda runs. */
  readonly version: string;
  readonly tokenParameterName: string;
  readonly tokenTtlMs: number;
  readonly timeZone: string;
  readonly textCharacters: number;
  readonly metricsProfile: MetricsProfile;
  /** Empty where no parameters are read. */
  readonly parameterPrefix: string;
  readonly parameterTtlMs: number;
  readonly hasSpendBreaker: boolean;
  /** Models that the parameter `model-id` may name, the deployed one among them. */
  readonly choices: ModelChoices;
  /** Missing when {@link faults} says why. */
  readonly model?: ModelChoice;
  /**
   * What is wrong with the deployment; every request that needs a model ends as `config` while there is one.
   */
  readonly faults: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const TOKEN_TTL_SECONDS = 300;
const PARAMETER_TTL_SECONDS = 60;

/** Reads the environment; a mistake in it becomes a fault, so that the first request can say so. */
export function agentSettings(environment: Environment): AgentSettings {
  const read = (name: keyof typeof AGENT_ENVIRONMENT): string =>
    environment[AGENT_ENVIRONMENT[name]]?.trim() ?? "";
  const own = ownProfile(read("modelId"), read("inferenceProfileArn"));
  const model = attemptRead(() => own(chooseModel(read("modelId"), read("modelRows"))));
  const timeZone = attemptRead(() => validTimeZone(read("timeZone")));
  const stage = read("stage");
  return {
    stage: stage === "" ? "unknown" : stage,
    region: read("bedrockRegion") || (environment.AWS_REGION ?? ""),
    version: environment.AWS_LAMBDA_FUNCTION_VERSION ?? "$LATEST",
    tokenParameterName: read("tokenParameterName"),
    tokenTtlMs: positiveInteger(read("tokenTtlSeconds"), TOKEN_TTL_SECONDS) * 1000,
    timeZone: "value" in timeZone ? timeZone.value : "UTC",
    textCharacters: positiveInteger(read("textCharacters"), REQUEST_LIMITS.textCharactersDefault),
    metricsProfile: read("metricsProfile") === "full" ? "full" : "default",
    parameterPrefix: read("parameterPrefix"),
    parameterTtlMs: positiveInteger(read("parameterTtlSeconds"), PARAMETER_TTL_SECONDS) * 1000,
    hasSpendBreaker: read("spendBreaker") === "true",
    choices: choicesOf([read("modelId"), ...read("modelChoices").split(",")], (id) =>
      own(chooseModel(id, read("modelRows"))),
    ),
    ...("value" in model ? { model: model.value } : {}),
    faults: [
      ...faultOf(model),
      ...faultOf(timeZone),
      ...(stage === "" ? [`${AGENT_ENVIRONMENT.stage} is empty; set it to the stage's name`] : []),
    ],
  };
}

/** Models that the agent does not know are no choice: a parameter that names one is refused by name. */
function choicesOf(profileIds: readonly string[], choose: (id: string) => ModelChoice): ModelChoices {
  const known = profileIds
    .map((id) => attemptRead(() => choose(id.trim())))
    .flatMap((choice) => ("value" in choice ? [choice.value] : []));
  return new Map(known.map((choice) => [choice.profileId, choice]));
}

/** Has the deployed model called through the stage's own profile; others chosen at run time have none. */
function ownProfile(modelId: string, arn: string): (choice: ModelChoice) => ModelChoice {
  return (choice) => (arn !== "" && choice.profileId === modelId ? { ...choice, calledAs: arn } : choice);
}

type Attempt<T> = { readonly value: T } | { readonly fault: string };

function attemptRead<T>(read: () => T): Attempt<T> {
  try {
    return { value: read() };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

function faultOf(result: Attempt<unknown>): readonly string[] {
  return "fault" in result ? [result.fault] : [];
}

function validTimeZone(name: string): string {
  const zone = canonicalTimeZone(name || "UTC");
  if (zone !== undefined) return zone;
  throw new Error(
    `time zone "${name}" is unknown; set ${AGENT_ENVIRONMENT.timeZone} to an IANA name, such as Europe/Berlin`,
  );
}

function positiveInteger(text: string, otherwise: number): number {
  const number = Number(text);
  return Number.isInteger(number) && number > 0 ? number : otherwise;
}
