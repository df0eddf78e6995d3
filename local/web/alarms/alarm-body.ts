import { type ComponentChild, h } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { AlarmDetail, AlarmRow, EvaluatedPeriod, Mail } from "../../server/wire.ts";
import { AlarmLink, StateBadge } from "../format/alarm-urgency.ts";
import { describedAlarm, localHref, requestsHref } from "../format/local-links.ts";
import { shortNumber } from "../format/quantity.ts";
import { LinkedText } from "../format/text.ts";
import { clockTime, Timestamp, secondTime } from "../format/time.ts";
import { FaultToMail } from "../inbox/mail-facts.ts";
import { refreshGapMs, requireSpan } from "../state/dashboard-reader.ts";
import { readApi } from "../state/live.ts";
import { RANGES, type RangeName, rangeOfSeconds, type Route, routeHash } from "../state/route.ts";
import { AlarmCharts, StateTimeline } from "./alarm-charts.ts";
import { AlarmHistory } from "./alarm-history.ts";
import { evaluatedWords } from "./evaluated-words.ts";
import { SetState } from "./set-state.ts";

interface AlarmBodyProps {
  readonly alarm: AlarmRow;
  readonly mails: readonly Mail[];
  readonly route: Route;
  readonly nowMs: number;
  readonly stage: string;
  readonly changes: number;
}

/** An alarm opened: what it means and what to do, what it saw, its states, its mails, and how it is set. */
export function AlarmBody({ alarm, mails, route, nowMs, stage, changes }: AlarmBodyProps): ComponentChild {
  const range = route.item === alarm.alarmName ? route.range : undefined;
  const { detail, error } = useAlarm(alarm.alarmName, range && RANGES[range], changes);
  const own = mails.filter(({ alarmName }) => alarmName === alarm.alarmName);
  return h("div", { class: "alarm-body" }, [
    h(AlarmWords, { alarm, stage, evaluated: detail?.evaluated ?? [], nowMs }),
    error === undefined ? null : h("p", { class: "notice", role: "alert" }, error),
    detail === undefined
      ? h("p", { class: "hint" }, error === undefined ? "Reading…" : "")
      : [
          h("div", { class: "alarm-range" }, [
            h("h4", null, "States"),
            h(RangeChoice, { alarm, route, detail }),
          ]),
          h(StateTimeline, { detail, nowMs }),
          h(AlarmCharts, { detail }),
        ],
    h("div", { class: "alarm-parts" }, [
      h("div", null, [h("h4", null, "Configuration"), h(AlarmFacts, { alarm, detail, stage, nowMs })]),
      h("div", null, [h("h4", null, "Mails"), h(AlarmMails, { mails: own, nowMs })]),
    ]),
    detail === undefined ? null : h(SetState, { alarm, actions: detail.actions }),
    alarm.history.length === 0
      ? null
      : h("details", { class: "alarm-history" }, [
          h("summary", null, "History"),
          h(AlarmHistory, { history: alarm.history, nowMs }),
        ]),
  ]);
}

interface AlarmWordsProps {
  readonly alarm: AlarmRow;
  readonly stage: string;
  readonly evaluated: readonly EvaluatedPeriod[];
  readonly nowMs: number;
}

/** What happened, what to do, where to look on this machine, and what the last evaluation saw. */
function AlarmWords({ alarm, stage, evaluated, nowMs }: AlarmWordsProps): ComponentChild {
  const { text, links } = describedAlarm(alarm.description, { timeMs: alarm.sinceMs, stage });
  const all = links.some(({ label }) => label.startsWith("Requests"))
    ? links
    : [...links, { label: "Requests of that time", href: requestsHref(alarm.sinceMs) }];
  return h("div", { class: "alarm-words" }, [
    text === ""
      ? null
      : h(
          "p",
          { class: "prose" },
          h(LinkedText, { text, localHref: (address) => localHref(address, alarm.sinceMs) }),
        ),
    h(
      "p",
      { class: "alarm-links" },
      all.map(({ label, href }) => h("a", { key: label, class: "button", href }, label)),
    ),
    h(Evaluated, { evaluated, nowMs }),
  ]);
}

/** Periods that are spelled out; the chart shows the others. */
const MAX_PERIODS = 4;

/** What the last evaluation saw, in words: the breaching periods, or the newest. */
function Evaluated({ evaluated, nowMs }: Pick<AlarmWordsProps, "evaluated" | "nowMs">): ComponentChild {
  const breaching = evaluated.filter(({ isBreaching }) => isBreaching);
  const known = evaluated.filter(({ value }) => value !== null);
  const shown = breaching.length > 0 ? breaching : known.slice(0, 1);
  if (shown.length === 0) return null;
  const more = shown.length - MAX_PERIODS;
  const line = (period: EvaluatedPeriod): ComponentChild =>
    h("li", { key: period.startMs, class: period.isBreaching ? "breaching" : "" }, [
      h("strong", null, evaluatedWords(period)),
      h(
        "span",
        { class: "hint" },
        ` ${clockTime(period.startMs, nowMs)} to ${clockTime(period.endMs, nowMs)}, ` +
          `value ${shortNumber(period.value)}${period.isBreaching ? ", breaching" : ""}`,
      ),
    ]);
  return h("div", { class: "evaluated" }, [
    h("h4", null, "The last evaluation saw"),
    h("ul", null, shown.slice(0, MAX_PERIODS).map(line)),
    more > 0 ? h("p", { class: "hint" }, `and ${more} more breaching periods`) : null,
  ]);
}

interface RangeChoiceProps {
  readonly alarm: AlarmRow;
  readonly route: Route;
  readonly detail: AlarmDetail;
}

function RangeChoice({ alarm, route, detail }: RangeChoiceProps): ComponentChild {
  const shown = rangeOfSeconds(Math.round((detail.endMs - detail.startMs) / 1000));
  const link = (range: RangeName): ComponentChild => {
    const href = routeHash({ ...route, section: "alarms", item: alarm.alarmName, range });
    return h("a", { key: range, href, "aria-current": range === shown ? "true" : undefined }, range);
  };
  return h(
    "nav",
    { class: "chips", "aria-label": "Time range of the alarm" },
    (Object.keys(RANGES) as RangeName[]).map(link),
  );
}

interface AlarmFactsProps {
  readonly alarm: AlarmRow;
  readonly detail: AlarmDetail | undefined;
  readonly stage: string;
  readonly nowMs: number;
}

function AlarmFacts({ alarm, detail, stage, nowMs }: AlarmFactsProps): ComponentChild {
  const { condition, stateReason, stackName, causes, notifiedBy, suppression, noDataHere } = alarm;
  const facts: readonly (readonly [string, ComponentChild])[] = [
    ["Reason", stateReason],
    ...(noDataHere === undefined ? [] : [["No data", noDataHere] as const]),
    ["Condition", h("code", null, condition)],
    ...(causes === undefined ? [] : [["Can be raised by", alarmLinks(causes, stage)] as const]),
    ["Actions", actionWords(alarm, detail)],
    ...(suppression === undefined ? [] : [["Suppressed", h("strong", null, suppression)] as const]),
    ...(notifiedBy === undefined || notifiedBy.length === 0
      ? []
      : [["Notified by", alarmLinks(notifiedBy, stage)] as const]),
    ["Last tested", lastTested(detail, nowMs)],
    ["Stack", stackName],
  ];
  return h(
    "dl",
    null,
    facts.map(([name, value]) => [h("dt", null, name), h("dd", null, value)]),
  );
}

function actionWords({ notifiedBy }: AlarmRow, detail: AlarmDetail | undefined): ComponentChild {
  if (detail === undefined) return "…";
  const set = detail.actions.filter(({ targets }) => targets.length > 0);
  const words = set.map(({ state, targets }, i) => [
    i === 0 ? "" : ", ",
    h(StateBadge, { state }),
    ` ${targets.join(", ")}`,
  ]);
  if (notifiedBy !== undefined) return ["disabled", set.length === 0 ? "" : ": ", words];
  return set.length === 0 ? "none" : words;
}

function lastTested(detail: AlarmDetail | undefined, nowMs: number): ComponentChild {
  if (detail === undefined) return "…";
  if (detail.lastSet === null) return "not within the 30 days of its history";
  const { timeMs, state, reason } = detail.lastSet;
  return [h(Timestamp, { timeMs, nowMs }), " set to ", h(StateBadge, { state }), `: ${reason}`];
}

function alarmLinks(names: readonly string[], stage: string): ComponentChild {
  return names.map((alarmName, i) => [
    i === 0 ? "" : ", ",
    h(AlarmLink, { key: alarmName, alarmName, stage }),
  ]);
}

/** Mails that are listed; the inbox has the others. */
const MAX_MAILS = 6;

/** The mails that an alarm caused, newest first, each with the time from the fault to it. */
function AlarmMails({ mails, nowMs }: { mails: readonly Mail[]; nowMs: number }): ComponentChild {
  if (mails.length === 0) return h("p", { class: "hint" }, "It has caused no mail.");
  const more = mails.length - MAX_MAILS;
  return h("div", null, [
    h(
      "ul",
      { class: "alarm-mails" },
      mails
        .slice(0, MAX_MAILS)
        .map((mail) =>
          h("li", { key: mail.id }, [
            h("a", { href: routeHash({ section: "inbox", item: mail.id }) }, mail.subject),
            h("span", { class: "hint" }, ` ${secondTime(mail.timeMs, nowMs)} to ${mail.to}`),
            h(FaultToMail, { mail, nowMs }),
          ]),
        ),
    ),
    more > 0 ? h("p", { class: "hint" }, `and ${more} more in the inbox`) : null,
  ]);
}

/** An opened alarm on its way. */
interface LoadedAlarm {
  /** The one of before while another span is on its way. */
  readonly detail?: AlarmDetail;
  readonly error?: string;
}

/** Everything of an alarm, read again when `changes` counts on; over its own range when none is given. */
function useAlarm(alarmName: string, rangeSeconds: number | undefined, changes: number): LoadedAlarm {
  const [loaded, setLoaded] = useState<LoadedAlarm>({});
  const read = useRef({ key: "", atMs: 0, gapMs: 0 });
  const key = `${alarmName} ${rangeSeconds ?? ""}`;
  useEffect(() => {
    let isCurrent = true;
    const isNew = read.current.key !== key;
    const load = async (): Promise<void> => {
      read.current = { ...read.current, key, atMs: performance.now() };
      const range = rangeSeconds === undefined ? "" : `&range=${rangeSeconds}`;
      try {
        const detail = await readApi("/api/alarm", `?name=${encodeURIComponent(alarmName)}${range}`);
        requireSpan(detail);
        read.current.gapMs = refreshGapMs((detail.endMs - detail.startMs) / 1000);
        if (isCurrent) setLoaded({ detail });
      } catch (cause) {
        // Without a connection the last view stays: the top of the page says that it is old.
        if (isCurrent && !(cause instanceof TypeError)) setLoaded({ error: (cause as Error).message });
      }
    };
    const waitMs = isNew ? 0 : read.current.atMs + read.current.gapMs - performance.now();
    const timer = setTimeout(() => void load(), Math.max(0, waitMs));
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [key, changes]);
  return loaded;
}
