import type { FunctionRecords, UrlRecord } from "../function/function-records.ts";
import type { JournalEntry } from "../journal/journal-entry.ts";
import { customResourceKey } from "../journal/journal-states.ts";
import type { MadeResource } from "../lambda/custom-resources.ts";
import type { CloudWatchRegion } from "../monitoring/cloudwatch-region.ts";
import type { DashboardStore, ResourceTags } from "../monitoring/cloudwatch-account.ts";
import { NotKeptError } from "../monitoring/alarm-evaluator.ts";
import type { Inbox } from "../monitoring/sns-mail.ts";
import { journalData } from "../monitoring/vended-metrics.ts";
import type { MessageQueues } from "../monitoring/message-queues.ts";
import type { TopicSubscriptions } from "../monitoring/topic-subscriptions.ts";
import type { Fault, PagePart } from "../server/wire.ts";
import type { RequestLog } from "./request-log.ts";

/** What entries change. */
export interface EventLogParts {
  /** Writes entries down, all or none; false when they could not be. */
  readonly append: (...entries: readonly JournalEntry[]) => boolean;
  /** The Region of the function, whose metrics these are. */
  readonly home: CloudWatchRegion;
  /** Every Region that runs here, `home` among them. */
  readonly regions: readonly CloudWatchRegion[];
  /** Keeps what dashboards are drawn from. */
  readonly drawer: { readonly put: (entry: JournalEntry) => void };
  readonly dashboardStore: DashboardStore;
  readonly requests: RequestLog;
  readonly inbox: Inbox;
  readonly topicSubscriptions: TopicSubscriptions;
  readonly resourceTags: ResourceTags;
  readonly messageQueues: MessageQueues;
  readonly setFault: (fault: Fault) => void;
  /** Told after each entry which parts of the page may show it. */
  readonly changed: (parts: readonly PagePart[]) => void;
}

/** Which parts of the page show an entry. */
const SHOWN_IN: Readonly<Record<JournalEntry["kind"], readonly PagePart[]>> = {
  log: ["requests", "dashboard"],
  invocation: ["requests", "dashboard"],
  url: ["requests", "dashboard"],
  mail: ["mails", "alarms"],
  fault: ["overview"],
  confirmed: ["overview"],
  subscription: ["overview"],
  "anomaly-detector": ["dashboard"],
  "insight-rule": ["dashboard"],
  topic: ["overview"],
  queue: [],
  "queue-message": [],
  tags: [],
  metrics: ["dashboard"],
  dashboard: ["overview", "dashboard"],
  "mute-rule": ["alarms"],
  "stack-alarms": ["alarms"],
  "schedule-run": ["overview"],
  "custom-resource": ["overview"],
  alarms: ["alarms", "dashboard"],
};

type ResourcePlace = Pick<MadeResource, "region" | "stackName" | "logicalId">;

/** Everything that happens goes through here, live and at the start alike: written down, then applied. */
export class EventLog {
  readonly #parts: EventLogParts;
  readonly #confirmed = new Set<string>();
  readonly #stackAlarms = new Map<string, readonly string[]>();
  readonly #scheduleRuns = new Map<string, number>();
  readonly #customResources = new Map<string, MadeResource>();
  #oldestMs: number | undefined;

  constructor(parts: EventLogParts) {
    this.#parts = parts;
  }

  /** Writes entries down, all or none, and applies them; false when they could not be written down. */
  record(...entries: readonly JournalEntry[]): boolean {
    const isKept = this.#parts.append(...entries);
    this.#applyAll(entries);
    return isKept;
  }

  /**
   * Writes down and applies what a client asked for; what cannot be written down is refused, and did not
   * happen.
   */
  readonly keep = (...entries: readonly JournalEntry[]): void => {
    if (!this.#parts.append(...entries)) throw new NotKeptError();
    this.#applyAll(entries);
  };

  #applyAll(entries: readonly JournalEntry[]): void {
    for (const entry of entries) this.apply(entry);
    this.#parts.changed([...new Set(entries.flatMap(({ kind }) => SHOWN_IN[kind]))]);
  }

  /**
   * When the oldest request, invocation or log line came, epoch milliseconds; `undefined` before the first.
   */
  oldestMs(): number | undefined {
    return this.#oldestMs;
  }

  isConfirmed(subscriptionArn: string): boolean {
    return this.#confirmed.has(subscriptionArn);
  }

  /** The alarms that the templates put at the last start, by Region; `undefined` before the first. */
  stackAlarms(region: string): readonly string[] | undefined {
    return this.#stackAlarms.get(region);
  }

  /** When a schedule ran last, epoch milliseconds; `undefined` before the first run. */
  lastRunMs(scheduleArn: string): number | undefined {
    return this.#scheduleRuns.get(scheduleArn);
  }

  /** A custom resource as an earlier start made it; `undefined` when none did. */
  customResource(place: ResourcePlace): MadeResource | undefined {
    const { stackName, logicalId } = place;
    const made = this.#customResources;
    return made.get(customResourceKey(place)) ?? made.get(customResourceKey({ stackName, logicalId }));
  }

  /** The ports of the function side, stamped with the time of receipt. */
  functionRecords(now: () => number): FunctionRecords {
    return {
      log: (event) => void this.record({ kind: "log", atMs: now(), event }),
      invocation: (record) => void this.record({ kind: "invocation", atMs: now(), record }),
      url: (record) => this.#recordUrl(record, now()),
    };
  }

  /** A request that is not kept is answered 500, and counts as such. */
  #recordUrl(record: UrlRecord, atMs: number): boolean {
    const entry: JournalEntry = { kind: "url", atMs, record };
    const isKept = this.#parts.append(entry);
    this.apply(isKept ? entry : { ...entry, record: { ...record, status: 500 } });
    this.#parts.changed(SHOWN_IN.url);
    return isKept;
  }

  /** Applies an entry that is written down already. */
  apply(entry: JournalEntry): void {
    this.#parts.drawer.put(entry);
    this.replay(entry);
  }

  /** Applies an entry of before, which whoever draws reads for itself. */
  replay(entry: JournalEntry): void {
    const { home, requests } = this.#parts;
    this.#noteOldest(entry);
    switch (entry.kind) {
      case "log":
        home.put(journalData(entry));
        home.insights.rules.log(entry.event, entry.atMs);
        requests.log(entry.event);
        break;
      case "invocation":
        home.put(journalData(entry));
        requests.invocation(entry.record);
        break;
      case "url":
        home.put(journalData(entry));
        requests.url(entry.record);
        break;
      default:
        this.#applyState(entry);
    }
  }

  #applyState(entry: Exclude<JournalEntry, { kind: "log" | "invocation" | "url" }>): void {
    const { regions, inbox, setFault } = this.#parts;
    switch (entry.kind) {
      case "mail":
        inbox.deliver(entry.mail);
        break;
      case "fault":
        setFault(entry.fault);
        break;
      case "confirmed":
        this.#confirmed.add(entry.subscription);
        break;
      case "metrics":
        regions.find((region) => region.home.region === entry.region)?.put(journalData(entry));
        break;
      case "dashboard":
        this.#applyDashboard(entry);
        break;
      case "mute-rule":
        this.#applyMuteRule(entry);
        break;
      case "stack-alarms":
        this.#stackAlarms.set(entry.region, entry.alarmNames);
        break;
      case "schedule-run":
        this.#scheduleRuns.set(entry.scheduleArn, entry.atMs);
        break;
      case "custom-resource":
        this.#customResources.set(customResourceKey(entry), entry);
        break;
      case "alarms":
        // The engine has this state already; at the start it is restored as a whole.
        break;
      default:
        this.#applyResource(entry);
    }
  }

  /** Applies what the API made of a resource that is no alarm and no dashboard. */
  #applyResource(
    entry: Extract<
      JournalEntry,
      {
        kind:
          | "subscription"
          | "topic"
          | "queue"
          | "queue-message"
          | "tags"
          | "anomaly-detector"
          | "insight-rule";
      }
    >,
  ): void {
    switch (entry.kind) {
      case "subscription":
        this.#parts.topicSubscriptions.apply(entry);
        break;
      case "anomaly-detector":
      case "insight-rule":
        this.#parts.regions.find(({ home }) => home.region === entry.region)?.learn(entry);
        break;
      case "topic":
        this.#parts.topicSubscriptions.applyTopic(entry);
        break;
      case "queue":
      case "queue-message":
        this.#parts.messageQueues.apply(entry);
        break;
      case "tags":
        this.#parts.resourceTags.apply(entry.resourceArn, entry.tags);
        break;
    }
  }

  #noteOldest({ kind, atMs }: JournalEntry): void {
    if (kind === "log" || kind === "invocation" || kind === "url") this.#oldestMs ??= atMs;
  }

  #applyMuteRule({ region, name, rule }: Extract<JournalEntry, { kind: "mute-rule" }>): void {
    const alarms = this.#parts.regions.find(({ home }) => home.region === region)?.alarms;
    if (rule === undefined) alarms?.deleteMuteRule(name);
    else alarms?.putMuteRule(rule);
  }

  #applyDashboard({ name, body, atMs }: Extract<JournalEntry, { kind: "dashboard" }>): void {
    const { dashboardStore } = this.#parts;
    if (body === undefined) dashboardStore.delete(name);
    else dashboardStore.put({ name, body, modifiedMs: atMs });
  }
}
