import { type ComponentChild, h } from "preact";
import { useEffect } from "preact/hooks";
import { type StateSentence, stateSentence } from "./alarms/state-sentence.ts";
import { clockTime, timeAgo } from "./format/time.ts";
import type { Live } from "./state/live.ts";
import { routeHash } from "./state/route.ts";

type Level = StateSentence["level"];

/** What the browser's tab shows. */
interface TabState {
  readonly level: Level;
  readonly stage: string;
  /** Unread mails. */
  readonly unread: number;
}

/** `(2) ALARM · Wrist Agent production`: unread mails, the worst, and which system it is. */
export function tabTitle({ level, stage, unread }: TabState): string {
  const count = unread > 0 ? `(${unread}) ` : "";
  return `${count}${level === "alarm" ? "ALARM · " : ""}Wrist Agent ${stage}`.trim();
}

const LEVEL_COLORS: Readonly<Record<Level, string>> = { ok: "2c9c6a", alarm: "d62728", unsure: "d9a02b" };

/** A disc in the colour of the level, as an address that the tab takes for its icon. */
export function tabIcon(level: Level): string {
  const disc = `<circle cx="8" cy="8" r="7" fill="%23${LEVEL_COLORS[level]}"/>`;
  return `data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${disc}</svg>`;
}

interface HeadlineProps {
  readonly live: Live;
  readonly nowMs: number;
  readonly unread: number;
}

/** The sentence that says how things are; the tab says it too. */
export function Headline({ live, nowMs, unread }: HeadlineProps): ComponentChild {
  const { level, pieces, sinceMs } = headlineSentence(live, nowMs);
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
      h("span", { role: "status", id: "state" }, pieces.map(linkedPiece)),
      sinceMs === undefined ? null : h("span", { class: "since" }, ` (${timeAgo(sinceMs, nowMs)})`),
    ]),
  ]);
}

function linkedPiece({ text, alarmName }: StateSentence["pieces"][number]): ComponentChild {
  if (alarmName === undefined) return text;
  return h("a", { href: routeHash({ section: "alarms", item: alarmName }), title: alarmName }, text);
}

function headlineSentence(live: Live, nowMs: number): StateSentence {
  const sinceMs = live.disconnectedSinceMs;
  if (sinceMs !== undefined) {
    const text = `Disconnected since ${clockTime(sinceMs, nowMs)}: the local runtime does not answer; what is below is old`;
    return { level: "unsure", pieces: [{ text }], sinceMs };
  }
  if (live.overview === undefined)
    return { level: "unsure", pieces: [{ text: "Asking the local runtime…" }] };
  return stateSentence(live.alarms, nowMs, live.overview.stage);
}
