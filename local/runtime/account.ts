import type { Clock } from "@wrist-agent/cloudwatch/clock";
import type { ApplicationInferenceProfile } from "../assembly/emulated.ts";
import type { Drawer } from "../drawing/drawer.ts";
import { sessionTokenOf } from "../function/execution-environment.ts";
import { codeBytes, codeHash } from "../function/function-versions.ts";
import { AsyncInvocations } from "../lambda/async-invocations.ts";
import { CustomResources } from "../lambda/custom-resources.ts";
import { Functions, type FunctionWithVersions } from "../lambda/functions.ts";
import { Scheduler } from "../lambda/scheduler.ts";
import { seededRandom } from "../random.ts";
import { FaultInjector } from "../model/fault-injector.ts";
import type { StandInModel } from "../model/stand-in-model.ts";
import type { ConverseModel } from "../server/aws/converse-model.ts";
import type { AlarmEvaluator } from "../monitoring/alarm-evaluator.ts";
import {
  cloudWatchAccount,
  type ResourceTags,
  tagsPort,
  type DashboardStore,
} from "../monitoring/cloudwatch-account.ts";
import type { Subscribers } from "../monitoring/alarm-actions.ts";
import { type MessageQueues, type QueueOperations, queuesPort } from "../monitoring/message-queues.ts";
import { functionEventsForMessage, publishedEntries } from "../monitoring/sns-publisher.ts";
import { subscriptionsPort, type TopicSubscriptions } from "../monitoring/topic-subscriptions.ts";
import type { Parameters } from "../parameter-store.ts";
import { bedrockRuntimeService } from "../server/aws/bedrock-runtime.ts";
import { cloudwatchService } from "../server/aws/cloudwatch.ts";
import type { DescribedFunction } from "../server/aws/lambda-versions.ts";
import { lambdaService } from "../server/aws/lambda.ts";
import type { LogGroup } from "../server/aws/log-groups.ts";
import { logsService } from "../server/aws/logs.ts";
import { codeDeployService, customResourceService, stsService } from "../server/aws/minor-services.ts";
import type { AwsCall, AwsService } from "../server/aws/service.ts";
import { type Publication, snsService } from "../server/aws/sns.ts";
import { sqsService } from "../server/aws/sqs.ts";
import { ssmService } from "../server/aws/ssm.ts";
import type { ParameterFault } from "../server/wire.ts";
import type { EventLog } from "./event-log.ts";
import { drawOneWidget } from "./page-views.ts";
import { type LocalAddress, type Plan, withLocalAddress } from "./plan.ts";
import type { RuntimeOptions } from "./runtime-options.ts";

/** The functions, and who invokes them besides the Function URL. */
export interface FunctionParts {
  readonly functions: Functions;
  readonly invocations: AsyncInvocations;
  readonly scheduler: Scheduler;
  readonly customResources: CustomResources;
}

/** What AWS gives a new account; a laptop starts no more environments at once either. */
const NEW_ACCOUNT_CONCURRENCY = 10;

/** Lays out the functions of the templates; nothing of them starts yet. */
export function openFunctionParts(
  plan: Plan,
  eventLog: EventLog,
  { clock, log, concurrency = NEW_ACCOUNT_CONCURRENCY }: RuntimeOptions,
): FunctionParts {
  const functions = new Functions(plan.functions, {
    clock,
    account: { count: 0, limit: concurrency },
    records: eventLog.functionRecords(() => clock.now()),
  });
  const invocations = new AsyncInvocations({
    clock,
    functions,
    configs: plan.emulated.eventInvokeConfigs,
    dropped: (message, cause) => log?.(message, cause),
  });
  const scheduler = new Scheduler(plan.schedules, {
    clock,
    lastRunMs: (scheduleArn) => eventLog.lastRunMs(scheduleArn),
    ran: (scheduleArn, atMs) => eventLog.record({ kind: "schedule-run", atMs, scheduleArn }),
    invoke: (functionArn, event) => invocations.deliver({ functionArn, event }),
    clockWentBack: (scheduleArn) =>
      log?.("the clock of this machine went back: a schedule is set by what it shows now", scheduleArn),
  });
  const customResources = new CustomResources(plan.emulated.customResources, {
    functions,
    before: (source) => eventLog.customResource(source),
    made: (resource) => eventLog.record({ kind: "custom-resource", atMs: clock.now(), ...resource }),
  });
  return { functions, invocations, scheduler, customResources };
}

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
  let standIn: Promise<StandInModel> | undefined;
  // Its reader of dictated times is large, and nobody who waits for the start has asked it anything.
  const load = async (): Promise<StandInModel> => {
    const loaded = await import("../model/stand-in-model.ts");
    return new loaded.StandInModel({ random, faults, latency });
  };
  const converse: ConverseModel["converse"] = async (call) => (await (standIn ??= load())).converse(call);
  const copiedFrom = (arn: string): string | undefined =>
    profiles.find(({ profileArn }) => profileArn === arn)?.source;
  return { faults, services: model === "scripted" ? [bedrockRuntimeService({ converse }, copiedFrom)] : [] };
}

/** SSM, Lambda and STS, CodeDeploy to refuse, and the address where functions answer for custom resources. */
export function accountServices({
  plan,
  parameters,
  functions,
  invocations,
  customResources,
  model,
  address,
}: AccountApiParts): readonly AwsService[] {
  const { accountId, region } = plan.home.home;
  const account = { accountId, region };
  const describe = (kept: FunctionWithVersions | undefined): DescribedFunction | undefined =>
    describedFunction(kept, plan, address);
  const lambda = lambdaService({
    find: (target) => functions.find(target),
    send: (found, event, requestId) => void invocations.send(found, event, requestId),
    account,
    describe: (name) => describe(functions.findWithVersions({ name })),
    list: () => functions.all().flatMap((kept) => describe(kept) ?? []),
  });
  const answers = customResourceService((id, answer) => customResources.answer(id, answer));
  const agent = plan.front?.source.definition.functionName;
  const agentToken = agent === undefined ? undefined : sessionTokenOf(agent);
  const faultOf = ({ headers }: AwsCall): ParameterFault | undefined =>
    agentToken !== undefined && headers["x-amz-security-token"] === agentToken
      ? model.faults.drawForParameters()
      : undefined;
  return [
    ssmService(parameters, account, faultOf),
    stsService(account),
    lambda,
    codeDeployService(),
    answers,
  ];
}

/** A function as the API describes it, its URL where it is answered. */
function describedFunction(
  kept: FunctionWithVersions | undefined,
  { emulated }: Plan,
  address: LocalAddress,
): DescribedFunction | undefined {
  if (kept === undefined) return undefined;
  const { source, book } = kept;
  const { codeDirectory, functionName } = source.definition;
  return {
    source,
    book,
    codeSha256: () => codeHash(codeDirectory),
    codeBytes: () => codeBytes(codeDirectory),
    permissions: emulated.permissions.filter((permission) => permission.functionName === functionName),
    urls: emulated.urls
      .filter(({ functionArn }) => functionArn === source.functionArn)
      .map((url) => ({ ...url, url: withLocalAddress(url.url, address) })),
  };
}

/** What the account's APIs show and change. */
interface AccountApiParts extends Pick<FunctionParts, "functions" | "invocations" | "customResources"> {
  readonly plan: Plan;
  readonly parameters: Parameters;
  readonly model: Pick<LocalModel, "faults">;
  readonly address: LocalAddress;
}

/** What the monitoring API shows and changes. */
interface MonitoringApiParts {
  readonly plan: Plan;
  readonly dashboardStore: DashboardStore;
  readonly alarmEvaluator: AlarmEvaluator;
  readonly eventLog: EventLog;
  readonly drawer: Pick<Drawer, "logsAnswer" | "metricsAnswer" | "draw">;
  readonly invocations: Pick<FunctionParts["invocations"], "deliver">;
  readonly topicSubscriptions: TopicSubscriptions;
  readonly resourceTags: ResourceTags;
  readonly messageQueues: MessageQueues;
  readonly queueOperations: QueueOperations;
  readonly subscribers: Subscribers;
}

/** The groups of the templates and those that functions write to, whether or not they have. */
function logGroups({ functions, emulated, home }: Plan): readonly LogGroup[] {
  const own = emulated.logGroups.filter(({ region }) => region === home.home.region);
  const names = new Set(own.map(({ logGroupName }) => logGroupName));
  const others = functions
    .map(({ definition }) => ({ logGroupName: definition.logGroupName }))
    .filter(({ logGroupName }) => !names.has(logGroupName));
  return [...own, ...others];
}

/** CloudWatch in every Region that runs here, its Logs, SNS and SQS. */
export function cloudWatchServices(system: MonitoringApiParts, clock: Clock): readonly AwsService[] {
  const now = (): number => clock.now();
  const { plan, alarmEvaluator, eventLog, dashboardStore, invocations } = system;
  const record = eventLog.keep;
  const { subscribers, topicSubscriptions } = system;
  const { accountId, region: homeRegion } = plan.home.home;
  const publish = (publication: Publication): void => {
    record(...publishedEntries(publication, subscribers, now()));
    for (const delivery of functionEventsForMessage(publication, subscribers, now()))
      void invocations.deliver(delivery);
  };
  const tags = tagsPort(system.resourceTags, { record, now });
  return [
    cloudwatchService(
      cloudWatchAccount({
        regions: plan.regions,
        home: plan.home,
        alarmEvaluator,
        dashboardStore,
        tags,
        readMetrics: (call) => system.drawer.metricsAnswer(call),
        drawWidget: (request) => drawOneWidget(system.drawer, plan, request),
        record,
        now,
      }),
    ),
    logsService({ account: plan.home.home, groups: logGroups(plan), createdMs: now() }, (call) =>
      system.drawer.logsAnswer(call),
    ),
    snsService({
      home: { accountId, region: homeRegion },
      get topics() {
        return subscribers.topics;
      },
      subscriptions: subscriptionsPort(topicSubscriptions, {
        record,
        now,
        runs: subscribers.runs,
        hasQueue: (queueArn) => subscribers.queueAt(queueArn) !== undefined,
      }),
      tags,
      publish,
    }),
    sqsService(
      queuesPort(system.messageQueues, system.queueOperations, { accountId, homeRegion, tags, clock }),
    ),
  ];
}
