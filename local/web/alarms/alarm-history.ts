import { type ComponentChild, h } from "preact";
import type { AlarmRow } from "../../server/wire.ts";
import { StateBadge } from "../format/alarm-urgency.ts";
import { durationText, Timestamp } from "../format/time.ts";
import type { AlarmState } from "../state/live.ts";

interface AlarmHistoryProps {
  readonly history: AlarmRow["history"];
  readonly nowMs: number;
}

/** What happened to an alarm, newest first. */
export function AlarmHistory({ history, nowMs }: AlarmHistoryProps): ComponentChild {
  const lines = parseHistory(history);
  return h("ol", { class: "history" }, [
    lines.map((line, i) =>
      h("li", { key: lines.length - i }, [
        h("span", { class: "history-time" }, h(Timestamp, { timeMs: line.timeMs, nowMs })),
        h("span", null, historyText(line)),
      ]),
    ),
  ]);
}

function historyText(line: HistoryLine): ComponentChild {
  switch (line.kind) {
    case "change": {
      const lasted =
        line.lastedMs === undefined ? " until now" : ` for ${durationText(line.lastedMs) ?? "seconds"}`;
      return [h(StateBadge, { state: line.from }), " to ", h(StateBadge, { state: line.to }), lasted];
    }
    case "action":
      return line.done ? `notified ${line.name}` : h("strong", null, `could not notify ${line.name}`);
    case "other":
      return line.text;
  }
}

type HistoryItem = AlarmRow["history"][number];

/** A line of an alarm's history. */
type HistoryLine =
  | {
      readonly kind: "change";
      readonly timeMs: number;
      readonly from: AlarmState;
      readonly to: AlarmState;
      /** How long it stayed so; missing while it still does. */
      readonly lastedMs?: number;
    }
  /** An action of a change; the topic's name stands for its ARN. */
  | { readonly kind: "action"; readonly timeMs: number; readonly done: boolean; readonly name: string }
  | { readonly kind: "other"; readonly timeMs: number; readonly text: string };

const STATE_CHANGE = /^Alarm updated from (OK|ALARM|INSUFFICIENT_DATA) to (OK|ALARM|INSUFFICIENT_DATA)$/;
const ACTION_RESULT =
  /^(Successfully executed|Failed to execute) action (?:arn:[^:]*:[^:]*:[^:]*:[^:]*:)?(.+)$/;

/** CloudWatch's history of an alarm, newest first, as lines that say how long each state lasted. */
export function parseHistory(history: readonly HistoryItem[]): readonly HistoryLine[] {
  let nextChangeMs: number | undefined;
  return history.map((item) => {
    const line = parseHistoryItem(item, nextChangeMs);
    if (line.kind === "change") nextChangeMs = item.timeMs;
    return line;
  });
}

function parseHistoryItem({ timeMs, summary }: HistoryItem, nextChangeMs: number | undefined): HistoryLine {
  const change = STATE_CHANGE.exec(summary);
  if (change !== null) {
    const [from, to] = [change[1] as AlarmState, change[2] as AlarmState];
    return {
      kind: "change",
      timeMs,
      from,
      to,
      ...(nextChangeMs !== undefined && { lastedMs: nextChangeMs - timeMs }),
    };
  }
  const action = ACTION_RESULT.exec(summary);
  if (action === null) return { kind: "other", timeMs, text: summary };
  return { kind: "action", timeMs, done: action[1] === "Successfully executed", name: action[2] ?? "" };
}
