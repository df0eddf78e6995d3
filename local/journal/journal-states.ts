import type { AlarmsSnapshot } from "@wrist-agent/cloudwatch/alarms/alarms";
import type { JournalEntry, SavedAlarm } from "./journal-entry.ts";

type Of<Kind extends JournalEntry["kind"]> = Extract<JournalEntry, { readonly kind: Kind }>;

/** What is true until another entry says otherwise; such entries outlive every retention. */
type StateEntry = Of<
  | "alarms"
  | "stack-alarms"
  | "dashboard"
  | "mute-rule"
  | "confirmed"
  | "subscription"
  | "topic"
  | "queue"
  | "queue-message"
  | "anomaly-detector"
  | "insight-rule"
  | "tags"
  | "fault"
  | "schedule-run"
  | "custom-resource"
>;

/** What a custom resource is known by: stacks have the same names in every Region. */
export function customResourceKey({
  region = "",
  stackName,
  logicalId,
}: Pick<Of<"custom-resource">, "region" | "stackName" | "logicalId">): string {
  return `${region} ${stackName} ${logicalId}`;
}

/** What an entry of a kind is the state of, as a key among all states; alarms are folded apart. */
const KEYS: {
  readonly [Kind in Exclude<StateEntry["kind"], "alarms">]: (entry: Of<Kind>) => string;
} = {
  fault: () => "fault",
  confirmed: ({ subscription }) => `confirmed ${subscription}`,
  tags: ({ resourceArn }) => `tags ${resourceArn}`,
  subscription: ({ subscriptionArn }) => `subscription ${subscriptionArn}`,
  topic: ({ topicArn }) => `topic ${topicArn}`,
  queue: ({ queueArn }) => `queue ${queueArn}`,
  "queue-message": ({ queueArn, messageId }) => `queue-message ${queueArn} ${messageId}`,
  "anomaly-detector": ({ region, key }) => `anomaly-detector ${region} ${key}`,
  "insight-rule": ({ region, name }) => `insight-rule ${region} ${name}`,
  "schedule-run": ({ scheduleArn }) => `schedule-run ${scheduleArn}`,
  "custom-resource": (entry) => `custom-resource ${customResourceKey(entry)}`,
  "stack-alarms": ({ region }) => `stack-alarms ${region}`,
  dashboard: ({ name }) => `dashboard ${name}`,
  "mute-rule": ({ region, name }) => `mute-rule ${region} ${name}`,
};

/** Whether an entry is a state rather than an event. */
export function isStateEntry(entry: JournalEntry): entry is StateEntry {
  return entry.kind === "alarms" || Object.hasOwn(KEYS, entry.kind);
}

/** What was deleted leaves nothing behind, unless the templates would bring it back. */
function isDeletion(entry: StateEntry): boolean {
  if (entry.kind === "queue-message") return entry.message === undefined;
  if (entry.kind === "anomaly-detector") return entry.detector === undefined;
  if (entry.kind === "mute-rule" || entry.kind === "insight-rule") return entry.rule === undefined;
  return entry.kind === "dashboard" && entry.body === undefined;
}

const ALARM_HISTORY_MS = 30 * 86_400_000;
/** Alarms and items of history in one line of a compacted journal: no line grows with their number. */
const LINE_ITEMS = 500;

/** The alarms of a Region, folded. */
interface FoldedAlarms {
  atMs: number;
  readonly alarms: Map<string, SavedAlarm>;
  history: Of<"alarms">["history"][number][];
}

/** The last word on everything that has a state, as small as it can be written down. */
export class JournalStates {
  readonly #latest = new Map<string, StateEntry>();
  readonly #alarms = new Map<string, FoldedAlarms>();

  add(entry: StateEntry): void {
    if (entry.kind === "alarms") this.#addAlarms(entry);
    else this.#addKeyed(entry);
  }

  #addKeyed(entry: Exclude<StateEntry, Of<"alarms">>): void {
    const keyOf = KEYS[entry.kind] as (entry: StateEntry) => string;
    if (isDeletion(entry)) this.#latest.delete(keyOf(entry));
    else this.#latest.set(keyOf(entry), entry);
  }

  /** The last saved state of each alarm of a Region that is still there, and its history in order. */
  alarms(region: string): AlarmsSnapshot {
    const folded = this.#alarms.get(region);
    return { alarms: [...(folded?.alarms.values() ?? [])], history: folded?.history ?? [] };
  }

  /** The states as entries; history of alarms from before `nowMs` by 30 days is forgotten. */
  *entries(nowMs: number): Generator<JournalEntry> {
    yield* this.#latest.values();
    for (const [region, folded] of this.#alarms) {
      folded.history = folded.history.filter(({ timestampMs }) => timestampMs >= nowMs - ALARM_HISTORY_MS);
      const saved = [...folded.alarms.values()];
      const length = Math.max(saved.length, folded.history.length);
      for (let from = 0; from < length; from += LINE_ITEMS)
        yield {
          kind: "alarms",
          atMs: folded.atMs,
          region,
          alarms: saved.slice(from, from + LINE_ITEMS),
          history: folded.history.slice(from, from + LINE_ITEMS),
        };
    }
  }

  #addAlarms({ atMs, region, alarms, deleted = [], history }: Of<"alarms">): void {
    const folded = this.#alarms.get(region) ?? { atMs, alarms: new Map<string, SavedAlarm>(), history: [] };
    this.#alarms.set(region, folded);
    folded.atMs = atMs;
    for (const name of deleted) folded.alarms.delete(name);
    for (const alarm of alarms) folded.alarms.set(alarm.definition.alarmName, alarm);
    for (const item of history) folded.history.push(item);
  }
}
