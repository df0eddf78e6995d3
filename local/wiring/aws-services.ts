import type { ApplicationInferenceProfile } from "../assembly/resource/inference-profile.ts";
import type { DashboardView } from "../cloudwatch/dashboard-view.ts";
import type { JournalEntry } from "../journal/entry.ts";
import { codeHash } from "../function/code-hash.ts";
import { FaultInjector } from "../model/fault-injector.ts";
import { seededRandom } from "../model/random.ts";
import { StandInModel } from "../model/stand-in-model.ts";
import { deliveriesOf, mailsOf } from "../mail/post-office.ts";
import { bedrockRuntimeService } from "../server/aws/bedrock/bedrock-runtime.ts";
import type { AwsService } from "../server/aws/service.ts";
import { codeDeployService } from "../server/aws/codedeploy.ts";
import { customResourceAnswers } from "../server/aws/custom-resource-answers.ts";
import type { DescribedFunction } from "../server/aws/lambda/function-ports.ts";
import { lambdaService } from "../server/aws/lambda/lambda-service.ts";
import { cloudwatchService } from "../server/aws/cloudwatch/cloudwatch-service.ts";
import { snsService, type Publication } from "../server/aws/sns.ts";
import type { Parameters } from "../server/aws/ssm/parameters.ts";
import { ssmService } from "../server/aws/ssm/ssm-service.ts";
import { stsService } from "../server/aws/sts.ts";
import type { AlarmDesk } from "./cloudwatch/alarm-desk.ts";
import { cloudWatchAccount } from "./cloudwatch/cloud-watch-account.ts";
import type { FunctionSide } from "./functions/function-side.ts";
import type { Ledger } from "./ledger.ts";
import type { Plan } from "./open-system.ts";
import type { RuntimeOptions } from "./runtime-options.ts";
import { drawnBody, type DashboardSources } from "./views.ts";

/** The model behind the AWS endpoint, as far as it is local, and the switch of its faults. */
export interface LocalModel {
  readonly faults: FaultInjector;
  readonly services: readonly AwsService[];
}

/** The stand-in, or nothing where the real model is asked. */
export function localModel(
  { model, latency, clock }: RuntimeOptions,
  profiles: readonly ApplicationInferenceProfile[],
): LocalModel {
  const random = seededRandom(clock.now());
  const faults = new FaultInjector(random);
  const standIn = new StandInModel({ random, faults, latency });
  const copiedFrom = (arn: string): string | undefined =>
    profiles.find(({ profileArn }) => profileArn === arn)?.source;
  return { faults, services: model === "scripted" ? [bedrockRuntimeService(standIn, copiedFrom)] : [] };
}

/** SSM, Lambda and STS, CodeDeploy to refuse, and the address where functions answer for custom resources. */
export function accountServices({
  plan,
  parameters,
  functions,
  invocations,
  customResources,
}: AccountSide): readonly AwsService[] {
  const { accountId, region } = plan.home.home;
  const account = { accountId, region };
  const lambda = lambdaService({
    find: (target) => functions.find(target),
    send: (found, event, requestId) => void invocations.send(found, event, requestId),
    describe: (name) => describedFunction(functions, name),
  });
  const answers = customResourceAnswers((id, answer) => customResources.answer(id, answer));
  return [ssmService(parameters, account), stsService(account), lambda, codeDeployService(), answers];
}

function describedFunction(
  functions: FunctionSide["functions"],
  name: string,
): DescribedFunction | undefined {
  const kept = functions.kept({ name });
  if (kept === undefined) return undefined;
  const { functionArn, definition, architecture } = kept.source;
  const codeSha256 = (): string => codeHash(definition.codeDirectory);
  return { functionArn, definition, architecture, book: kept.book, codeSha256 };
}

/** What the account's APIs show and change. */
export interface AccountSide extends Pick<FunctionSide, "functions" | "invocations" | "customResources"> {
  readonly plan: Plan;
  readonly parameters: Parameters;
}

/** What the monitoring API shows and changes. */
export interface Monitored extends DashboardSources {
  readonly desk: AlarmDesk;
  readonly ledger: Ledger;
  readonly invocations: Pick<FunctionSide["invocations"], "deliver">;
}

/** CloudWatch in every Region that runs here, and SNS. */
export function cloudWatchServices(system: Monitored, now: () => number): readonly AwsService[] {
  const { plan, desk, ledger, shelf, invocations } = system;
  const record = (entry: JournalEntry): void => ledger.record(entry);
  const draw = (body: string): DashboardView =>
    drawnBody(system, { name: "draft", body, startMs: now() - DRAFT_RANGE_MS, endMs: now() });
  const { topics, subscriptions } = plan.emulated;
  const publish = (publication: Publication): void => {
    for (const mail of mailsOf(publication, plan.subscribers, now()))
      record({ kind: "mail", atMs: now(), mail });
    for (const delivery of deliveriesOf(publication, plan.subscribers, now()))
      void invocations.deliver(delivery);
  };
  return [
    cloudwatchService(
      cloudWatchAccount({ regions: plan.regions, home: plan.home, desk, shelf, draw, record, now }),
    ),
    snsService({ topics, subscriptions, publish }),
  ];
}

/** A body that is put is drawn over a short range: only what it has that nobody knows is of interest. */
const DRAFT_RANGE_MS = 300_000;
