import { join } from "node:path";
import type { DataDirectoryHold } from "../journal/data-directory.ts";
import { Drawer } from "../drawing/drawer.ts";
import type { JournalStates } from "../journal/journal-states.ts";
import type { Journal } from "../journal/journal.ts";
import { AlarmEvaluator } from "../monitoring/alarm-evaluator.ts";
import { DashboardStore, ResourceTags } from "../monitoring/cloudwatch-account.ts";
import type { Subscribers } from "../monitoring/alarm-actions.ts";
import { MessageQueues } from "../monitoring/message-queues.ts";
import { Inbox } from "../monitoring/sns-mail.ts";
import { TopicSubscriptions } from "../monitoring/topic-subscriptions.ts";
import { putStackAlarms, putStackMuteRules } from "../monitoring/stack-alarms.ts";
import { type FunctionParts, localModel, type LocalModel, openFunctionParts } from "./account.ts";
import { type DeployedStackTimes, deployStacks } from "./deployed-stacks.ts";
import { EventLog } from "./event-log.ts";
import { openStageJournal, type Plan } from "./plan.ts";
import type { ChangeListener } from "../server/page-api.ts";
import type { PagePart } from "../server/wire.ts";
import { RequestLog } from "./request-log.ts";
import type { RuntimeOptions } from "./runtime-options.ts";
import { openParameters, type StageParameters } from "./stage-parameters.ts";
import type { StopList } from "./stop-list.ts";

/** Who wants to hear of changes. */
class ChangeListeners {
  readonly #listeners = new Set<ChangeListener>();

  add(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  notify(parts: readonly PagePart[]): void {
    for (const listener of this.#listeners) listener(parts);
  }
}

/** What is known before anything is served. */
export interface PreparedStart {
  readonly hold: DataDirectoryHold;
  readonly plan: Plan;
}

/** What remembers and decides. */
export interface Core extends PreparedStart, FunctionParts, StageParameters, DeployedStackTimes {
  readonly eventLog: EventLog;
  readonly journal: Pick<Journal, "failure">;
  readonly requests: RequestLog;
  readonly inbox: Inbox;
  readonly topicSubscriptions: TopicSubscriptions;
  readonly resourceTags: ResourceTags;
  readonly messageQueues: MessageQueues;
  readonly subscribers: Subscribers;
  readonly model: LocalModel;
  readonly listeners: ChangeListeners;
  readonly drawer: Drawer;
  /** When the oldest entry came, epoch milliseconds; `undefined` while there is none. */
  readonly oldestMs: () => number | undefined;
  readonly dashboardStore: DashboardStore;
  readonly alarmEvaluator: AlarmEvaluator;
  readonly notices: readonly string[];
}

/** Brings back what was written down, then writes on; live and replayed entries take the same way. */
export function openCore(ground: PreparedStart, options: RuntimeOptions, stops: StopList): Core {
  const { plan } = ground;
  const model = localModel(options, plan.emulated.inferenceProfiles);
  const listeners = new ChangeListeners();
  const drawer = new Drawer(plan.home.home.region, plan.home.home.accountId);
  stops.add(() => drawer.stop());
  const requests = openRequestLog(plan, options);
  const kept = emptyState(plan);
  const parts = { requests, drawer, ...kept };
  const eventLog = new EventLog({
    ...parts,
    append: (...entries) => opened.journal.append(...entries),
    home: plan.home,
    regions: plan.regions,
    setFault: (fault) => model.faults.set(fault),
    changed: (parts) => listeners.notify(parts),
  });
  const opened = openStageJournal(options, (entry) => eventLog.replay(entry));
  drawer.replay(opened.past);
  stops.add(() => opened.journal.close());
  const unreadable = restoreAlarms(plan, opened.states);
  const side = openFunctionParts(plan, eventLog, options);
  // Its clock runs from here on, and would keep a process alive whose start fails.
  stops.add(() => side.invocations.stop());
  const subscribers = liveSubscribers(plan, kept);
  const alarmEvaluator = new AlarmEvaluator({
    regions: plan.regions,
    subscribers,
    record: (...entries) => eventLog.record(...entries),
    deliver: (delivery) => void side.invocations.deliver(delivery),
    requestsJudged: () => requests.judged(),
  });
  const refused = deployAlarms(plan, eventLog, options.clock.now());
  kept.dashboardStore.putTemplates(plan.emulated.dashboards, options.clock.now());
  const account = openParameters(plan, options);
  const deployed = deployStacks(stacksFile(options), plan.stacks, options.clock.now());
  const core = {
    ...ground,
    ...parts,
    ...side,
    ...account,
    ...deployed,
    listeners,
    eventLog,
    model,
    subscribers,
    alarmEvaluator,
    oldestMs: () => eventLog.oldestMs(),
  };
  const notices = [
    ...plan.notices,
    ...refused,
    ...opened.notices,
    ...unreadable,
    ...account.parameterNotices,
    ...deployed.stackNotices,
  ];
  return { ...core, journal: opened.journal, notices };
}

/** What the templates say and the journal adds to. */
function emptyState({ emulated }: Plan) {
  return {
    inbox: new Inbox(),
    dashboardStore: new DashboardStore(),
    topicSubscriptions: new TopicSubscriptions(emulated.subscriptions, emulated.topics),
    resourceTags: new ResourceTags(emulated.tags),
    messageQueues: new MessageQueues(emulated.queues),
  };
}

function openRequestLog({ front }: Plan, { requestColumns }: RuntimeOptions): RequestLog {
  const synthetic = requestColumns.filter(({ role }) => role === "synthetic");
  return new RequestLog({
    logGroupName: front?.source.definition.logGroupName,
    syntheticFields: synthetic.map(({ field }) => field),
  });
}

function stacksFile({ dataDirectory, stage }: RuntimeOptions): string {
  return join(dataDirectory, stage, "stacks.json");
}

/** Who hears of what, as it is at the time of asking. */
function liveSubscribers(
  { subscribers: { runs } }: Plan,
  { topicSubscriptions, messageQueues }: Pick<Core, "topicSubscriptions" | "messageQueues">,
): Subscribers {
  return {
    runs,
    queueAt: (queueArn) => messageQueues.find(queueArn),
    get topics() {
      return topicSubscriptions.topics();
    },
    get subscriptions() {
      return topicSubscriptions.confirmed();
    },
  };
}

/** Brings the alarms of before back; gives a text for each that nothing can be made of. */
function restoreAlarms({ regions }: Plan, states: JournalStates): readonly string[] {
  return regions.flatMap(({ alarms, home }) =>
    alarms
      .restore(states.alarms(home.region))
      .map(
        ({ alarmName, error }) => `alarm ${alarmName} of an earlier start is left out: ${errorText(error)}`,
      ),
  );
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Puts the templates' alarms over what was written down, and writes down which they are. */
function deployAlarms({ regions, emulated }: Plan, eventLog: EventLog, nowMs: number): readonly string[] {
  const before = (region: string): readonly string[] | undefined => eventLog.stackAlarms(region);
  const refused = putStackAlarms({ regions, sources: emulated.alarms, before }, nowMs);
  for (const { home } of regions) {
    const own = emulated.alarms.filter(({ region }) => region === home.region);
    const alarmNames = own.map(({ definition }) => definition.alarmName);
    if (alarmNames.length === 0 && before(home.region) === undefined) continue;
    if (JSON.stringify(before(home.region)) === JSON.stringify(alarmNames)) continue;
    eventLog.record({ kind: "stack-alarms", atMs: nowMs, region: home.region, alarmNames });
  }
  return [...refused, ...putStackMuteRules(regions, emulated.muteRules, nowMs)];
}
