import { h, type ComponentChild } from "preact";
import type { AlarmRow } from "../../server/wire.ts";
import { span } from "../words/time.ts";
import { When } from "../words/when.ts";
import { StateBadge } from "./badges.ts";
import { readHistory, type HistoryLine } from "./history-words.ts";

interface Props {
  readonly history: AlarmRow["history"];
  readonly nowMs: number;
}

/** What happened to an alarm, newest first. */
export function AlarmHistory({ history, nowMs }: Props): ComponentChild {
  const lines = readHistory(history);
  return h("ol", { class: "history" }, [
    lines.map((line, i) =>
      h("li", { key: lines.length - i }, [
        h("span", { class: "history-time" }, h(When, { timeMs: line.timeMs, nowMs })),
        h("span", null, wordsOf(line)),
      ]),
    ),
  ]);
}

function wordsOf(line: HistoryLine): ComponentChild {
  switch (line.kind) {
    case "change": {
      const lasted = line.lastedMs === undefined ? " until now" : ` for ${span(line.lastedMs) ?? "seconds"}`;
      return [h(StateBadge, { state: line.from }), " to ", h(StateBadge, { state: line.to }), lasted];
    }
    case "told":
      return line.done ? `told ${line.name}` : h("strong", null, `could not tell ${line.name}`);
    case "other":
      return line.text;
  }
}
