import type { AlarmRow } from "../../server/wire.ts";
import type { AlarmState } from "../views.ts";

type Item = AlarmRow["history"][number];

/** A line of an alarm's history. */
export type HistoryLine =
  | {
      readonly kind: "change";
      readonly timeMs: number;
      readonly from: AlarmState;
      readonly to: AlarmState;
      /** How long it stayed so; missing while it still does. */
      readonly lastedMs?: number;
    }
  /** An action of a change; the topic's name stands for its ARN. */
  | { readonly kind: "told"; readonly timeMs: number; readonly done: boolean; readonly name: string }
  | { readonly kind: "other"; readonly timeMs: number; readonly text: string };

const CHANGE = /^Alarm updated from (OK|ALARM|INSUFFICIENT_DATA) to (OK|ALARM|INSUFFICIENT_DATA)$/;
const ACTION = /^(Successfully executed|Failed to execute) action (?:arn:[^:]*:[^:]*:[^:]*:[^:]*:)?(.+)$/;

/** CloudWatch's history of an alarm, newest first, as lines that say how long each state lasted. */
export function readHistory(history: readonly Item[]): readonly HistoryLine[] {
  let nextChangeMs: number | undefined;
  return history.map((item) => {
    const line = readLine(item, nextChangeMs);
    if (line.kind === "change") nextChangeMs = item.timeMs;
    return line;
  });
}

function readLine({ timeMs, summary }: Item, nextChangeMs: number | undefined): HistoryLine {
  const change = CHANGE.exec(summary);
  if (change !== null) {
    const [from, to] = [change[1] as AlarmState, change[2] as AlarmState];
    return {
      kind: "change",
      ...{ timeMs, from, to },
      ...(nextChangeMs !== undefined && { lastedMs: nextChangeMs - timeMs }),
    };
  }
  const action = ACTION.exec(summary);
  if (action === null) return { kind: "other", timeMs, text: summary };
  return { kind: "told", timeMs, done: action[1] === "Successfully executed", name: action[2] ?? "" };
}
