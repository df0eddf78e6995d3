import { CloudWatchClient, paginateListMetrics } from "@aws-sdk/client-cloudwatch";
import { GetAccountSettingsCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { Template } from "cw-alarm-test/template";
import { ROTATION_ENVIRONMENT } from "../../../lambda/contract/token.ts";
import { consoleAddress } from "../../../lib/config/region.ts";
import { BILLING_REGION } from "../../../lib/names.ts";
import { readBillingStack, type StageConnection } from "../../cli/stage-connection.ts";
import { readStageSubscriptions, type StageSubscriptions } from "../../cli/subscriptions.ts";
import { targetCommand } from "../../cli/target.ts";
import { localTime } from "../../cli/terminal.ts";
import { bedrockModels, type ModelAccess, modelQuotas } from "../deploy/model-access.ts";
import { type DrillRecord, drillRecords } from "../drill/drill-record.ts";
import { isSound } from "../drill/drill-text.ts";
import { readTokenAge } from "../status/read-deployment.ts";
import type { LiveModel } from "../status/status-report.ts";
import {
  type Check,
  failingFinding,
  type Finding,
  notHere,
  orPasses,
  passingFinding,
  type Verification,
} from "./check.ts";

/** Whether each topic has somebody who confirmed, and nobody who did not. */
export function judgeSubscriptions(
  { subscriptions, silentTopics, unreadable }: StageSubscriptions,
  command: (words: string) => string,
): readonly Finding[] {
  const topics = [...new Set(subscriptions.map(({ topic }) => topic))];
  const unheard = topics.filter(
    (topic) => !subscriptions.some((each) => each.topic === topic && each.state === "confirmed"),
  );
  const wrong = [
    ...silentTopics.map((topic) =>
      failingFinding(
        `${topic}: nobody is subscribed`,
        `${command("subscribers add ADDRESS")} subscribes one`,
      ),
    ),
    ...unheard.map((topic) =>
      failingFinding(`${topic}: nobody has confirmed, so no mail goes out`, command("subscribers resend")),
    ),
    ...subscriptions
      .filter(({ state }) => state !== "confirmed")
      .map(({ topic, address, state }) =>
        failingFinding(
          `${address} is ${state} on ${topic}`,
          state === "gone"
            ? `to subscribe it again: ${command(`subscribers resend ${address}`)}`
            : `confirm the mail "AWS Notification - Subscription Confirmation" within two days; to have it sent again: ${command("subscribers resend")}`,
        ),
      ),
    ...unreadable.map((sentence) => failingFinding(sentence, "add that permission, then verify again")),
  ];
  return orPasses(wrong, `${topics.length} topics, ${subscriptions.length} confirmed subscriptions`);
}

async function subscriptions({ stage }: Verification): Promise<readonly Finding[]> {
  return judgeSubscriptions(await readStageSubscriptions(stage), (words) =>
    targetCommand(stage.target, words),
  );
}

const BILLING_SETTING =
  'turn on "Receive CloudWatch billing alerts" once per account: https://us-east-1.console.aws.amazon.com/billing/home#/preferences; it takes some hours';

async function billing({ stage }: Verification): Promise<readonly Finding[]> {
  if (stage.target.isLocal) return [notHere("AWS/Billing")];
  const [stack, known] = await Promise.all([readBillingStack(stage), countBillingMetrics(stage)]);
  if (known > 0) return [passingFinding(`EstimatedCharges is published, ${known} metrics`)];
  return stack === undefined
    ? [passingFinding("none, and no billing stack that reads them")]
    : [failingFinding("no EstimatedCharges in us-east-1: the billing alarm sees nothing", BILLING_SETTING)];
}

function countBillingMetrics(stage: StageConnection): Promise<number> {
  const client = stage.client(CloudWatchClient, BILLING_REGION);
  const asked = { Namespace: "AWS/Billing", MetricName: "EstimatedCharges" };
  return stage.ask({ action: "cloudwatch:ListMetrics", on: `metrics in ${BILLING_REGION}` }, async () => {
    let count = 0;
    for await (const { Metrics = [] } of paginateListMetrics({ client }, asked)) count += Metrics.length;
    return count;
  });
}

/**
 * The rotation looks every day: two days beyond its turn leave room for a run that failed, as the alarm
 * token-age has it.
 */
const GRACE_DAYS = 2;

/** Where nothing changes the token by itself, a year is long enough for anybody who has seen it. */
const OLDEST_BY_HAND_DAYS = 365;

/** Whether the token is changed as often as the stage says. */
export function judgeTokenAge(
  ageDays: number | undefined,
  rotationDays: number,
  rotate: string,
): readonly Finding[] {
  if (ageDays === undefined)
    return [failingFinding("there is no token", "deploy the application stack, which makes one")];
  const oldest = rotationDays > 0 ? rotationDays + GRACE_DAYS : OLDEST_BY_HAND_DAYS;
  const days = Math.floor(ageDays);
  const turn = rotationDays > 0 ? `it is to change every ${rotationDays}` : "nothing changes it by itself";
  return days > oldest
    ? [
        failingFinding(
          `the token is ${days} days old; ${turn}`,
          `${rotate}, then give the new one to the Shortcut`,
        ),
      ]
    : [passingFinding(`${days} days; ${turn}`)];
}

/** The days of a template's rotation; 0 where there is none. */
export function rotationDaysOf({ Resources: resources = {} }: Template): number {
  for (const { Type, Properties } of Object.values(resources)) {
    const { Variables } = (Type === "AWS::Lambda::Function" ? (Properties?.Environment ?? {}) : {}) as {
      readonly Variables?: Readonly<Record<string, unknown>>;
    };
    const days = Number(Variables?.[ROTATION_ENVIRONMENT.rotationDays] ?? Number.NaN);
    if (!Number.isNaN(days)) return days;
  }
  return 0;
}

async function tokenAge({ stage, now }: Verification): Promise<readonly Finding[]> {
  const [age, template] = await Promise.all([
    readTokenAge(stage, now()),
    stage.template(stage.application()),
  ]);
  return judgeTokenAge(age?.ageDays, rotationDaysOf(template), targetCommand(stage.target, "rotate-token"));
}

/** Refusals of Bedrock or of quotas as findings; what could not be asked is no good news. */
export function judgeAccess({ refusals, unasked }: ModelAccess, good: string): readonly Finding[] {
  return orPasses(
    [
      ...refusals.map((refusal) => {
        const [what = refusal, ...remedy] = refusal.split(": ");
        return failingFinding(what, remedy.join(": ") || "ask in the console's model catalog");
      }),
      ...unasked.map((sentence) =>
        failingFinding(`not known: ${sentence}`, "add that permission, then verify again"),
      ),
    ],
    good,
  );
}

const BEDROCK = "Bedrock's control plane";

async function modelAccess({ stage, model }: Verification): Promise<readonly Finding[]> {
  if (stage.target.isLocal) return [notHere(BEDROCK)];
  const { modelId } = await model();
  return judgeAccess(
    await bedrockModels().access({ region: stage.region, profileId: modelId }),
    `${modelId} may be asked`,
  );
}

/** How near to its end a model is. */
export function judgeLifecycle(
  { modelId, lifecycle, endOfLifeMs }: LiveModel,
  region: string,
): readonly Finding[] {
  const catalog = `${consoleAddress(region)}/bedrock/home?region=${region}#/model-catalog`;
  if (lifecycle === undefined)
    return [failingFinding(`${modelId}: its lifecycle is not known`, `look at ${catalog}`)];
  if (lifecycle === "ACTIVE") return [passingFinding(`${modelId} is ACTIVE`)];
  const end = endOfLifeMs === undefined ? "" : `, until ${localTime(endOfLifeMs)}`;
  return [
    failingFinding(
      `${modelId} is ${lifecycle}${end}`,
      `set BEDROCK_MODEL_ID to another (${catalog}) and deploy`,
    ),
  ];
}

async function lifecycle({ stage, model }: Verification): Promise<readonly Finding[]> {
  return stage.target.isLocal ? [notHere(BEDROCK)] : judgeLifecycle(await model(), stage.region);
}

/** As many as one person with a watch, a probe and a deployment need at once. */
const CONCURRENCY_NEEDED = 10;

/** Whether Lambda leaves room for this function. */
export function judgeConcurrency(unreserved: number, region: string): readonly Finding[] {
  return unreserved < CONCURRENCY_NEEDED
    ? [
        failingFinding(
          `Lambda has ${unreserved} concurrent executions left in ${region}`,
          `aws service-quotas request-service-quota-increase --region ${region} --service-code lambda --quota-code L-B99A9384 --desired-value 1000`,
        ),
      ]
    : [passingFinding(`${unreserved} concurrent executions of Lambda`)];
}

async function quotas({ stage, model }: Verification): Promise<readonly Finding[]> {
  if (stage.target.isLocal) return [notHere("Service Quotas")];
  const lambda = stage.client(LambdaClient);
  const settings = await stage.ask({ action: "lambda:GetAccountSettings" }, () =>
    lambda.send(new GetAccountSettingsCommand({})),
  );
  const { modelId } = await model();
  const ofModel = await modelQuotas({ region: stage.region, profileId: modelId });
  return [
    ...judgeConcurrency(settings.AccountLimit?.UnreservedConcurrentExecutions ?? 0, stage.region),
    ...judgeAccess(ofModel, `no quota of ${modelId} is 0`),
  ];
}

/** When an alarm was last seen to reach somebody. */
export function judgeDrills(
  records: readonly DrillRecord[],
  command: (words: string) => string,
): readonly Finding[] {
  const last = records.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt)).at(-1);
  if (last === undefined)
    return [passingFinding(`none from this machine: ${command("drill --all")} makes one`)];
  const when = `${localTime(Date.parse(last.startedAt))}, ${last.alarm}`;
  return isSound(last)
    ? [passingFinding(when)]
    : [failingFinding(`${when}: it did not end well`, `${command("drill --history")} says why`)];
}

async function lastDrill({ stage, drillFile }: Verification): Promise<readonly Finding[]> {
  return judgeDrills(await drillRecords(drillFile).all(), (words) => targetCommand(stage.target, words));
}

/** What the account and its people have to give. */
export const ACCOUNT_CHECKS: readonly Check[] = [
  { id: "subscriptions", title: "every topic has a confirmed subscriber", run: subscriptions },
  { id: "billing", title: "billing metrics exist", run: billing },
  { id: "token-age", title: "the token's age", run: tokenAge },
  { id: "quotas", title: "quotas", run: quotas },
  { id: "model-access", title: "access to the model", run: modelAccess },
  { id: "model-lifecycle", title: "the model's lifecycle", run: lifecycle },
  { id: "last-drill", title: "the last drill", run: lastDrill },
];
