import { isJsonObject, parseJsonObject } from "@wrist-agent/cloudwatch/json";
import type { Stage } from "../../../lib/config/stage.ts";
import { BILLING_NAMES, BILLING_STACK, namesOf } from "../../../lib/names.ts";
import type { TopicSubscription } from "../../cli/subscriptions.ts";
import { type BackupFiles, jsonText } from "./backup-directory.ts";

/** A stack as CloudFormation has it. */
export interface StackCopy {
  readonly stackName: string;
  readonly region: string;
  readonly status: string;
  readonly createdAt?: string;
  readonly updatedAt?: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** As it was deployed, byte by byte. */
  readonly template: string;
}

/** A parameter; the value of a SecureString is among the secrets alone. */
export interface ParameterCopy {
  readonly name: string;
  readonly type: string;
  readonly version: number;
  readonly modifiedAt?: string;
  readonly value?: string;
}

/** A SecureString in clear: it leaves memory sealed, or not at all. */
export interface SecretParameter {
  readonly name: string;
  readonly value: string;
}

/** Alarms of one Region, each as DescribeAlarms and DescribeAlarmHistory give it. */
export interface RegionAlarms {
  readonly region: string;
  readonly metricAlarms: readonly object[];
  readonly compositeAlarms: readonly object[];
  readonly history: readonly object[];
}

/** Everything of a stage that a backup keeps. */
export interface StageContent {
  readonly accountId: string;
  readonly region: string;
  readonly stacks: readonly StackCopy[];
  readonly parameters: readonly ParameterCopy[];
  readonly secrets: readonly SecretParameter[];
  readonly dashboards: readonly { readonly name: string; readonly body: string }[];
  readonly alarms: readonly RegionAlarms[];
  readonly subscriptions: readonly TopicSubscription[];
  /** The agent's alias and versions as Lambda describes them. */
  readonly agent: object;
  /** Text of the stage's file in the checkout that the backup is made from; missing where there is none. */
  readonly stageFile?: string;
}

/** Where a backup keeps the stage's file. */
export const STAGE_FILE = "stage.env";

/** The files of a backup; the SecureStrings are not among them. */
export function backupFiles(content: StageContent): BackupFiles {
  const { stacks, parameters, dashboards, alarms, subscriptions, agent, stageFile } = content;
  return {
    "stacks.json": jsonText(stacks.map(({ template: _left, ...stack }) => stack)),
    ...Object.fromEntries(
      stacks.map(({ stackName, region, template }) => [`templates/${region}/${stackName}.json`, template]),
    ),
    "parameters.json": jsonText(parameters),
    ...Object.fromEntries(dashboards.map(({ name, body }) => [`dashboards/${name}.json`, body])),
    "alarms.json": jsonText(alarms.map(({ history: _left, ...definitions }) => definitions)),
    "alarm-history.json": jsonText(alarms.map(({ region, history }) => ({ region, history }))),
    "subscriptions.json": jsonText(subscriptions),
    "assets.json": jsonText(stacks.flatMap(stackAssets)),
    "agent.json": jsonText(agent),
    ...(stageFile !== undefined && { [STAGE_FILE]: stageFile }),
  };
}

/** A topic in its Region. */
export interface StageTopic {
  readonly topic: string;
  readonly region: string;
}

/** Topics of a stage's stacks, with their Regions. */
export function stageTopics(
  stage: Stage,
  stacks: readonly Pick<StackCopy, "stackName" | "region">[],
): readonly StageTopic[] {
  const names = namesOf(stage);
  const topicsOf: Readonly<Record<string, readonly string[]>> = {
    [names.applicationStack]: [names.ownerTopic],
    [names.monitoringStack]: [names.topics.page, names.topics.ticket],
    [BILLING_STACK]: [BILLING_NAMES.topic],
  };
  return stacks.flatMap(({ stackName, region }) =>
    (topicsOf[stackName] ?? []).map((topic) => ({ topic, region })),
  );
}

/** What goes under the passphrase. */
export function secretsText(secrets: readonly SecretParameter[]): string {
  return JSON.stringify({ parameters: secrets });
}

/** The SecureStrings of an opened `secrets.json`. */
export function parseSecrets(text: string): readonly SecretParameter[] {
  const { parameters } = parseJsonObject(text) ?? {};
  if (!Array.isArray(parameters)) return [];
  return parameters.filter(
    (each): each is SecretParameter =>
      isJsonObject(each) && typeof each.name === "string" && typeof each.value === "string",
  );
}

/** The code of one function of a stack: `key` holds the hash of what was built. */
interface StackAsset {
  readonly stackName: string;
  readonly logicalId: string;
  readonly functionName?: string;
  readonly key: string;
}

/** Hashes of what each function was built from, as the CDK names them. */
function stackAssets({ stackName, template }: StackCopy): readonly StackAsset[] {
  const resources = parseJsonObject(template)?.Resources;
  if (!isJsonObject(resources)) return [];
  return Object.entries(resources).flatMap(([logicalId, resource]) => {
    if (!isJsonObject(resource) || resource.Type !== "AWS::Lambda::Function") return [];
    const properties = isJsonObject(resource.Properties) ? resource.Properties : {};
    const code = isJsonObject(properties.Code) ? properties.Code : {};
    if (typeof code.S3Key !== "string") return [];
    const { FunctionName: name } = properties;
    return [
      { stackName, logicalId, ...(typeof name === "string" && { functionName: name }), key: code.S3Key },
    ];
  });
}
