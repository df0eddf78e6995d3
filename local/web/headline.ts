import { h, type ComponentChild } from "preact";
import { useEffect } from "preact/hooks";
import { stateSentence, type StateSentence } from "./alarms/state-sentence.ts";
import type { Live } from "./live.ts";
import { hashOf } from "./route.ts";
import { tabIcon, tabTitle } from "./tab.ts";
import { ago, clockTime } from "./words/time.ts";

interface Props {
  readonly live: Live;
  readonly nowMs: number;
  readonly unread: number;
}

/** The sentence that says how things are; the tab says it too. */
export function Headline({ live, nowMs, unread }: Props): ComponentChild {
  const { level, pieces, sinceMs } = headline(live, nowMs);
  const { overview } = live;
  const stage = overview?.stage ?? "";
  useEffect(() => {
    document.title = tabTitle({ level, stage, unread });
    document.querySelector("link[rel=icon]")?.setAttribute("href", tabIcon(level));
  }, [level, stage, unread]);
  const where = overview === undefined ? "" : `${stage} · ${overview.region} · on this machine`;
  return h("div", { class: `headline level-${level}` }, [
    h("h1", null, ["Wrist Agent ", h("span", { class: "hint" }, where)]),
    h("p", { class: "sentence" }, [
      h("span", { role: "status", id: "state" }, pieces.map(linked)),
      sinceMs === undefined ? null : h("span", { class: "since" }, ` (${ago(sinceMs, nowMs)})`),
    ]),
  ]);
}

function linked({ text, alarmName }: StateSentence["pieces"][number]): ComponentChild {
  if (alarmName === undefined) return text;
  return h("a", { href: hashOf({ section: "alarms", item: alarmName }), title: alarmName }, text);
}

function headline(live: Live, nowMs: number): StateSentence {
  const sinceMs = live.disconnectedSinceMs;
  if (sinceMs !== undefined) {
    const text = `Disconnected since ${clockTime(sinceMs, nowMs)}: the local runtime does not answer; what is below is old`;
    return { level: "unsure", pieces: [{ text }], sinceMs };
  }
  if (live.overview === undefined)
    return { level: "unsure", pieces: [{ text: "Asking the local runtime…" }] };
  return stateSentence(live.alarms, nowMs, live.overview.stage);
}
