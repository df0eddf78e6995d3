import type {
  ChangeListener,
  DashboardTexts,
  MetricFeed,
  PagePort,
  Subscribe,
} from "../../local/server/page-api.ts";
import {
  type AlarmDetail,
  type AlarmRow,
  type AlarmStateSetting,
  type Fault,
  type Mail,
  type Overview,
  PAGE_PARTS,
  type Question,
  type QuestionAnswer,
  type RequestDetail,
  type RequestRow,
  type SubscriptionRequest,
} from "../../local/server/wire.ts";
import type { DashboardView } from "@wrist-agent/cloudwatch/dashboards/dashboard-view";

/** What a {@link FakePage} answers; tests change members and call `changed`. */
export interface PageState {
  overview: Overview;
  dashboards: readonly DashboardView[];
  alarms: readonly AlarmRow[];
  requests: readonly RequestRow[];
  mails: readonly Mail[];
  /** By request id. */
  details: Readonly<Record<string, RequestDetail>>;
  /** By alarm name. */
  alarmDetails: Readonly<Record<string, AlarmDetail>>;
  /** By path below docs/. */
  documents: Readonly<Record<string, string>>;
}

/** A running system that is nothing but its answers. */
export interface FakePage {
  readonly state: PageState;
  readonly api: PagePort;
  readonly subscribe: Subscribe;
  readonly setFault: (fault: Fault) => void;
  readonly setAlarmState: (setting: AlarmStateSetting) => string | undefined;
  readonly changeSubscription: (request: SubscriptionRequest) => string | undefined;
  /** What was fed. */
  readonly feeds: readonly MetricFeed[];
  readonly feedMetrics: (feed: MetricFeed) => string | undefined;
  /**
   * Answers as the agent would: an event called Dentist, and a refusal for a text that begins with `refuse`.
   */
  readonly ask: (question: Question) => Promise<QuestionAnswer>;
  readonly questions: readonly Question[];
  /** What was asked of subscriptions. */
  readonly subscriptionRequests: readonly SubscriptionRequest[];
  /** Says that something changed. */
  changed(): void;
  /** Listeners that have not cancelled. */
  listeners(): number;
}

/** A fake of everything behind the page server. */
export function fakePage(state: PageState): FakePage {
  const listeners = new Set<ChangeListener>();
  const subscriptionRequests: SubscriptionRequest[] = [];
  const questions: Question[] = [];
  const feeds: MetricFeed[] = [];
  const changed = (): void => {
    for (const listener of listeners) listener(PAGE_PARTS);
  };
  return {
    state,
    changed,
    api: {
      overview: () => state.overview,
      drawDashboard: ({ name }) => dashboardTexts(state.dashboards.find((view) => view.name === name)),
      alarms: () => state.alarms,
      alarm: ({ alarmName }) => Promise.resolve(state.alarmDetails[alarmName]),
      document: (path) => Promise.resolve(state.documents[path]),
      requests: (limit, after = 0) =>
        state.requests.filter(({ sequence }) => sequence > after).slice(0, limit),
      request: (requestId) => Promise.resolve(state.details[requestId] ?? { lines: [] }),
      mails: () => state.mails,
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    setFault: (fault) => {
      state.overview = { ...state.overview, fault };
      changed();
    },
    questions,
    ask: (question) => {
      questions.push(question);
      const refused = { status: 400, milliseconds: 3, fields: { error: "text is too long" } };
      const fields = {
        action: question.mode ?? "note",
        title: "Dentist",
        startISO: "2026-11-27T14:00:00-08:00",
      };
      return Promise.resolve(
        question.text.startsWith("refuse") ? refused : { status: 200, milliseconds: 640, fields },
      );
    },
    subscriptionRequests,
    changeSubscription: (request) => {
      subscriptionRequests.push(request);
      return undefined;
    },
    feeds,
    feedMetrics: (feed) => {
      feeds.push(feed);
      return feed.region === "us-west-2" ? undefined : `Region ${feed.region} is none that runs here`;
    },
    setAlarmState: (setting) => {
      if (!state.alarms.some(({ alarmName }) => alarmName === setting.alarmName))
        return `no alarm is called ${setting.alarmName}`;
      const { alarmName, state: set, reason } = setting;
      state.alarms = state.alarms.map((alarm) =>
        alarm.alarmName === alarmName ? { ...alarm, state: set, stateReason: reason } : alarm,
      );
      const detail = state.alarmDetails[alarmName];
      const lastSet = { timeMs: state.overview.nowMs, state: set, reason };
      if (detail !== undefined)
        state.alarmDetails = { ...state.alarmDetails, [alarmName]: { ...detail, lastSet } };
      changed();
      return undefined;
    },
    listeners: () => listeners.size,
  };
}

function dashboardTexts(view: DashboardView | undefined): DashboardTexts | undefined {
  if (view === undefined) return undefined;
  const { widgets, ...frame } = view;
  return { frame: JSON.stringify(frame), widgets: widgets.map((widget) => JSON.stringify(widget)) };
}

/** A system that has just started: no dashboard, no alarm, no request, no mail. */
export function quietState(nowMs: number): PageState {
  return {
    overview: {
      stage: "development",
      region: "us-west-2",
      model: "scripted",
      fault: { kind: "off", rate: 1 },
      nowMs,
      startedMs: nowMs - 60_000,
      functionUrl: "http://127.0.0.1:7701/",
      tokenCommand: "npm run -s cli -- token",
      awsEndpoint: "http://127.0.0.1:7702",
      dashboards: [],
      functions: [],
      schedules: [],
      requestColumns: [],
      askModes: ["note", "reminder", "event"],
      notices: [],
    },
    dashboards: [],
    alarms: [],
    requests: [],
    mails: [],
    details: {},
    alarmDetails: {},
    documents: {},
  };
}
