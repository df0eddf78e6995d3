import {
  BedrockClient,
  GetFoundationModelAvailabilityCommand,
  GetInferenceProfileCommand,
  GetUseCaseForModelAccessCommand,
} from "@aws-sdk/client-bedrock";
import { BedrockRuntimeClient, ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
import {
  paginateListServiceQuotas,
  type ServiceQuota,
  ServiceQuotasClient,
} from "@aws-sdk/client-service-quotas";
import { consoleAddress } from "../../../lib/config/region.ts";
import { isAccessDenied, withClient } from "../../cli/aws-calls.ts";
import { callLimits } from "../../cli/target.ts";
import { errorMessage } from "../../cli/failure.ts";

/** What Bedrock says of a model before the first question. */
export interface ModelAccess {
  /** What stands in the way, each with what to click or run. */
  readonly refusals: readonly string[];
  /** What could not be asked. */
  readonly unasked: readonly string[];
}

/** A model as a stage calls it. */
export interface AskedModel {
  readonly region: string;
  /** Id of the inference profile. */
  readonly profileId: string;
}

/** Asks Bedrock about a model. */
export interface ModelCatalog {
  readonly access: (model: AskedModel) => Promise<ModelAccess>;
  /**
   * One question with the deployer's credentials, which makes the account's subscription; why it was refused,
   * or nothing.
   */
  readonly question: (model: AskedModel) => Promise<ModelAccess>;
}

/** The model behind a profile: `us.anthropic.x` is `anthropic.x`. */
export function foundationModelOf(profileId: string): string {
  return profileId.slice(profileId.indexOf(".") + 1);
}

/** `anthropic.claude-haiku-4-5-20251001-v1:0` as quotas call it: `Claude Haiku 4.5`. */
export function quotaWords(foundationModelId: string): string {
  const [, family = "", major = "", minor = ""] =
    /^anthropic\.claude-([a-z]+)-(\d+)(?:-(\d{1,2}))?(?:-|$)/.exec(foundationModelId) ?? [];
  if (family === "") return foundationModelId;
  const name = `${family.charAt(0).toUpperCase()}${family.slice(1)}`;
  return `Claude ${name} ${minor === "" ? major : `${major}.${minor}`}`;
}

/** Bedrock, and the account's quotas. */
export function bedrockModels(): ModelCatalog {
  return { access, question };
}

type Check = (model: AskedModel) => Promise<readonly string[]>;

type NamedCheck = readonly [action: string, check: Check];

const QUOTA_CHECK: NamedCheck = ["servicequotas:ListServiceQuotas", quotaRefusals];

const CHECKS: readonly NamedCheck[] = [
  ["bedrock:GetInferenceProfile", profileRefusals],
  ["bedrock:GetFoundationModelAvailability", availabilityRefusals],
  ["bedrock:GetUseCaseForModelAccess", formRefusals],
  QUOTA_CHECK,
];

function access(model: AskedModel): Promise<ModelAccess> {
  return askAll(CHECKS, model);
}

/** The quotas of a model alone: those that are 0. */
export function modelQuotas(model: AskedModel): Promise<ModelAccess> {
  return askAll([QUOTA_CHECK], model);
}

async function askAll(checks: readonly NamedCheck[], model: AskedModel): Promise<ModelAccess> {
  const results = await Promise.all(
    checks.map(async ([action, check]): Promise<ModelAccess> => {
      try {
        return { refusals: await check(model), unasked: [] };
      } catch (error) {
        return { refusals: [], unasked: [unaskedText(action, error)] };
      }
    }),
  );
  return {
    refusals: results.flatMap(({ refusals }) => refusals),
    unasked: results.flatMap(({ unasked }) => unasked),
  };
}

function unaskedText(action: string, error: unknown): string {
  return isAccessDenied(error)
    ? `these credentials lack ${action}`
    : `${action} was not answered (${errorMessage(error) || "no reason was given"})`;
}

function withBedrock<T>(region: string, call: (client: BedrockClient) => Promise<T>): Promise<T> {
  return withClient(BedrockClient, { region, ...callLimits() }, call);
}

async function profileRefusals({ region, profileId }: AskedModel): Promise<readonly string[]> {
  const elsewhere = `choose another BEDROCK_MODEL_ID: aws bedrock list-inference-profiles --region ${region} lists them`;
  try {
    const { status } = await withBedrock(region, (client) =>
      client.send(new GetInferenceProfileCommand({ inferenceProfileIdentifier: profileId })),
    );
    return status === "ACTIVE"
      ? []
      : [`the profile ${profileId} is ${String(status)} in ${region}: ${elsewhere}`];
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "ResourceNotFoundException") throw error;
    return [`there is no profile ${profileId} in ${region}: ${elsewhere}`];
  }
}

async function availabilityRefusals({ region, profileId }: AskedModel): Promise<readonly string[]> {
  const modelId = foundationModelOf(profileId);
  const found = await withBedrock(region, (client) =>
    client.send(new GetFoundationModelAvailabilityCommand({ modelId })),
  );
  const catalog = `${consoleAddress(region)}/bedrock/home?region=${region}#/model-catalog`;
  return [
    ...(found.regionAvailability === "NOT_AVAILABLE" ? [`${modelId} is not available in ${region}`] : []),
    ...(found.authorizationStatus === "NOT_AUTHORIZED"
      ? [
          `this account may not use ${modelId}: ask whoever manages the organisation's policies, or look at ${catalog}`,
        ]
      : []),
    ...(found.entitlementAvailability === "NOT_AVAILABLE"
      ? [
          `this account has no entitlement to ${modelId}: open it in the catalog, ${catalog}, and ask it one question there`,
        ]
      : []),
    ...(found.agreementAvailability?.status === "ERROR"
      ? [
          `the subscription to ${modelId} failed (${found.agreementAvailability.errorMessage ?? "no reason"}): the account needs a payment method, ${catalog}`,
        ]
      : []),
  ];
}

/** Anthropic asks what its models are used for, once per account or organisation. */
async function formRefusals({ region, profileId }: AskedModel): Promise<readonly string[]> {
  if (!foundationModelOf(profileId).startsWith("anthropic.")) return [];
  try {
    await withBedrock(region, (client) => client.send(new GetUseCaseForModelAccessCommand({})));
    return [];
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "ResourceNotFoundException") throw error;
    return [
      `Anthropic's form on the use of its models is not filled in: open any of them in ${consoleAddress(region)}/bedrock/home?region=${region}#/model-catalog, or use aws bedrock put-use-case-for-model-access`,
    ];
  }
}

async function quotaRefusals({ region, profileId }: AskedModel): Promise<readonly string[]> {
  const words = quotaWords(foundationModelOf(profileId));
  const isGlobal = profileId.startsWith("global.");
  const quotas = await bedrockQuotas(region);
  return quotas
    .filter(({ QuotaName = "", Value }) => Value === 0 && isQuotaOf(QuotaName, words))
    .filter(({ QuotaName = "" }) => /^global /i.test(QuotaName) === isGlobal)
    .map(
      ({ QuotaName = "", QuotaCode = "" }) =>
        `the quota "${QuotaName}" is 0: aws service-quotas request-service-quota-increase --region ${region} --service-code bedrock --quota-code ${QuotaCode} --desired-value 10`,
    );
}

function bedrockQuotas(region: string): Promise<readonly ServiceQuota[]> {
  return withClient(ServiceQuotasClient, { region, ...callLimits() }, async (client) => {
    const all: ServiceQuota[] = [];
    for await (const { Quotas = [] } of paginateListServiceQuotas({ client }, { ServiceCode: "bedrock" }))
      all.push(...Quotas);
    return all;
  });
}

function isQuotaOf(quotaName: string, words: string): boolean {
  return (
    /cross-region model inference (requests|tokens) per (minute|day)/i.test(quotaName) &&
    new RegExp(`${words.replaceAll(".", "\\.")}($|[^.\\d])`).test(quotaName)
  );
}

/** https://docs.aws.amazon.com/bedrock/latest/userguide/model-access.html */
const MARKETPLACE =
  "the first question of an account subscribes to the model through AWS Marketplace: it takes aws-marketplace:Subscribe and aws-marketplace:ViewSubscriptions, and a payment method. " +
  "Ask it once with credentials that have them, in the console's playground for example; afterwards nobody needs them";

async function question({ region, profileId }: AskedModel): Promise<ModelAccess> {
  const messages = [{ role: "user" as const, content: [{ text: "Say yes." }] }];
  const command = new ConverseCommand({ modelId: profileId, messages, inferenceConfig: { maxTokens: 5 } });
  try {
    await withClient(BedrockRuntimeClient, { region, ...callLimits() }, (client) => client.send(command));
    return { refusals: [], unasked: [] };
  } catch (error) {
    const message = errorMessage(error);
    if (/aws-marketplace|payment/i.test(message))
      return { refusals: [`${message}: ${MARKETPLACE}`], unasked: [] };
    return { refusals: [], unasked: [`one question to ${profileId} was not answered (${message})`] };
  }
}
