import { isJsonObject, parseJson, parseJsonObject } from "@wrist-agent/cloudwatch/json";
import { settingsStage } from "../../../lib/config/stage.ts";
import { OPERATOR_PARAMETERS } from "../../../lambda/contract/runtime-parameters.ts";
import { BILLING_REGION, BILLING_STACK, DELIVERY_STACK, namesOf } from "../../../lib/names.ts";
import type { ReadBackup } from "./backup-directory.ts";
import type { Manifest } from "./manifest.ts";
import {
  type ParameterCopy,
  type SecretParameter,
  type StackCopy,
  STAGE_FILE,
  type StageTopic,
  stageTopics,
} from "./stage-content.ts";

/** Who is to hear of a topic again. */
export interface WantedSubscription extends StageTopic {
  readonly address: string;
}

/** What a backup says of the stage that is to be again. */
export interface StageToRestore {
  readonly manifest: Manifest;
  /** In clear; none where they were left out. */
  readonly secrets: readonly SecretParameter[];
  /** What earlier deploys were given, by names after `-c`. */
  readonly settings: Readonly<Record<string, string>>;
  /** What an operator had set at run time. */
  readonly runtime: readonly { readonly name: string; readonly value: string }[];
  readonly subscriptions: readonly WantedSubscription[];
  readonly alarmNames: readonly string[];
  readonly dashboardNames: readonly string[];
  readonly stackNames: readonly string[];
  /** The stage's file when the backup was made; missing where there was none. */
  readonly stageFile: string | undefined;
}

/** Reads what a restore needs; `secrets` were opened before. */
export function stageToRestore(backup: ReadBackup, secrets: readonly SecretParameter[]): StageToRestore {
  const { manifest, files } = backup;
  const names = namesOf(manifest.stage);
  const parameters = list(files["parameters.json"]) as readonly ParameterCopy[];
  const settings = parameters.filter(({ name }) => name.startsWith(names.settingsPrefix));
  return {
    manifest,
    secrets,
    settings: Object.assign({}, ...settings.map(({ value }) => textMembers(value))) as Record<string, string>,
    runtime: OPERATOR_PARAMETERS.flatMap((each) => {
      const name = `${names.parameterPrefix}${each}`;
      const value = parameters.find((one) => one.name === name)?.value;
      return value === undefined ? [] : [{ name, value }];
    }),
    subscriptions: list(files["subscriptions.json"]) as readonly WantedSubscription[],
    alarmNames: list(files["alarms.json"]).flatMap(regionAlarmNames),
    dashboardNames: Object.keys(files).flatMap((path) => /^dashboards\/(.+)\.json$/.exec(path)?.[1] ?? []),
    stackNames: (list(files["stacks.json"]) as readonly StackCopy[]).map(({ stackName }) => stackName),
    stageFile: files[STAGE_FILE],
  };
}

/** Each file was checked against its checksum: what a backup wrote is what is read. */
function list(text: string | undefined): readonly unknown[] {
  const parsed = parseJson(text ?? "[]");
  return Array.isArray(parsed) ? (parsed as unknown[]) : [];
}

function textMembers(value: string | undefined): Readonly<Record<string, string>> {
  const members = Object.entries(parseJsonObject(value ?? "{}") ?? {});
  return Object.fromEntries(
    members.filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function regionAlarmNames(region: unknown): readonly string[] {
  const { metricAlarms, compositeAlarms } = isJsonObject(region) ? region : {};
  return [metricAlarms, compositeAlarms]
    .flatMap((alarms) => (Array.isArray(alarms) ? (alarms as unknown[]) : []))
    .flatMap((alarm) =>
      isJsonObject(alarm) && typeof alarm.AlarmName === "string" ? [alarm.AlarmName] : [],
    );
}

/** A step of a restore, and what it will do, in words for the person who is asked. */
export interface PlannedStep {
  readonly id: "secrets" | "application" | "monitoring" | "billing" | "runtime" | "subscriptions" | "verify";
  readonly words: string;
}

/** Where it is restored to. */
export interface RestorePlace {
  readonly accountId: string;
  readonly region: string;
  /** A system on this machine has its stacks already. */
  readonly isLocal: boolean;
  /** Whether the account has its billing stack. */
  readonly hasBilling: boolean;
}

/** Every step that a restore takes, in order. */
export function plannedSteps(stage: StageToRestore, place: RestorePlace): readonly PlannedStep[] {
  const { secrets, stackNames } = stage;
  const steps: (PlannedStep | false)[] = [
    secrets.length > 0 && {
      id: "secrets",
      words: `put ${secrets.map(({ name }) => name).join(", ")} back as SecureString, so that the Shortcut's token stays`,
    },
    ...deploySteps(stackNames, place),
    restoredRuntime(stage, place).length > 0 && {
      id: "runtime",
      words: `set what was set at run time: ${restoredRuntime(stage, place)
        .map(({ name, value }) => `${name} = ${value}`)
        .join(", ")}`,
    },
    restoredSubscriptions(stage, place).length > 0 && {
      id: "subscriptions",
      words: `subscribe who the deploy does not: ${addressWords(stage)}`,
    },
    {
      id: "verify",
      words: "ask the URL one question, and compare alarms, dashboards and subscriptions with the backup",
    },
  ];
  return steps.filter((step) => step !== false);
}

function deploySteps(
  stackNames: readonly string[],
  { isLocal, hasBilling, region }: RestorePlace,
): readonly (PlannedStep | false)[] {
  if (isLocal) return [];
  return [
    { id: "application", words: `deploy the application stack in ${region}: function, URL, log group` },
    {
      id: "monitoring",
      words: `deploy the monitoring stack in ${region}: alarms, dashboards, topics, probe`,
    },
    stackNames.includes(BILLING_STACK) &&
      !hasBilling && { id: "billing", words: `deploy ${BILLING_STACK}, one per account, which is not there` },
  ];
}

function addressWords({ subscriptions }: StageToRestore): string {
  return [...new Set(subscriptions.map(({ address }) => address))].join(", ");
}

/** A model of another geography is of no use there, so it stays as deployed. */
export function restoredRuntime(
  { runtime, manifest }: StageToRestore,
  { region }: Pick<RestorePlace, "region">,
): StageToRestore["runtime"] {
  return region === manifest.region ? runtime : runtime.filter(({ name }) => !name.endsWith("/model-id"));
}

/** The same topics, those of the stage's Region where it is now. */
export function restoredSubscriptions(
  { subscriptions, manifest }: StageToRestore,
  { region }: Pick<RestorePlace, "region">,
): readonly WantedSubscription[] {
  return subscriptions.map(({ topic, address, region: was }) => ({
    topic,
    address,
    region: was === manifest.region ? region : was,
  }));
}

/** Every topic that the stage has where it is now. */
export function restoredTopics(
  { manifest, stackNames }: StageToRestore,
  { region }: Pick<RestorePlace, "region">,
): readonly StageTopic[] {
  const { applicationStack, monitoringStack } = namesOf(manifest.stage);
  return stageTopics(manifest.stage, [
    { stackName: applicationStack, region },
    { stackName: monitoringStack, region },
    ...(stackNames.includes(BILLING_STACK) ? [{ stackName: BILLING_STACK, region: BILLING_REGION }] : []),
  ]);
}

/** Settings to deploy with: the backup's, in the place that is wanted, under what the person gives now. */
export function restoredContext(
  { settings }: StageToRestore,
  { region }: Pick<RestorePlace, "region">,
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  // The Regions of then hold the lost one, which no deploy could reach.
  const { regions: _left, ...kept } = settings;
  return { ...kept, region, ...given };
}

/** What a person should know before the answer, besides the steps. */
export function planNotices(
  stage: StageToRestore,
  place: RestorePlace,
  stageFileHere: string | undefined,
): readonly string[] {
  const { manifest, runtime, stageFile, stackNames, settings } = stage;
  const left = runtime.length - restoredRuntime(stage, place).length;
  const notices: (string | false)[] = [
    manifest.secrets !== "none" &&
      stage.secrets.length === 0 &&
      "the secrets are not put back: the stage's own token, or a new one, is what the Shortcut must be given",
    left > 0 && "the model that was chosen at run time is left as deployed: it is of another Region",
    settings.regions !== undefined &&
      !place.isLocal &&
      `the stage had the Regions ${settings.regions}; it is restored in ${place.region} alone`,
    !place.isLocal &&
      stageFile !== stageFileHere &&
      `.env.${settingsStage(manifest.stage)} of this checkout differs from the backup's ${STAGE_FILE}: what is here is deployed; copy the backup's over it first if that is wanted`,
    stackNames.includes(DELIVERY_STACK) &&
      !place.isLocal &&
      `${DELIVERY_STACK} (roles for GitHub) is not restored: npm run deploy -- --only delivery --stage ${manifest.stage}`,
  ];
  return notices.filter((notice) => notice !== false);
}
