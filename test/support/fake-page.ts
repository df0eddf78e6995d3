import type { PagePort, Subscribe } from "../../local/server/page-api.ts";
import type { AlarmRow, Fault, Mail, Overview, RequestRow } from "../../local/server/wire.ts";
import type { DashboardView } from "@wrist-agent/cloudwatch/dashboards/dashboard-view";

/** What a {@link FakePage} answers; tests change members and call `changed`. */
export interface PageState {
  overview: Overview;
  dashboards: readonly DashboardView[];
  alarms: readonly AlarmRow[];
  requests: readonly RequestRow[];
  mails: readonly Mail[];
}

/** A running system that is nothing but its answers. */
export interface FakePage {
  readonly state: PageState;
  readonly api: PagePort;
  readonly subscribe: Subscribe;
  readonly setFault: (fault: Fault) => void;
  /** Says that something changed. */
  changed(): void;
  /** Listeners that have not cancelled. */
  listeners(): number;
}

/** A fake of everything behind the page server. */
export function fakePage(state: PageState): FakePage {
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  return {
    state,
    changed,
    api: {
      overview: () => state.overview,
      dashboard: ({ name }) => state.dashboards.find((view) => view.name === name),
      alarms: () => state.alarms,
      requests: (limit) => state.requests.slice(0, limit),
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
    listeners: () => listeners.size,
  };
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
      notices: [],
    },
    dashboards: [],
    alarms: [],
    requests: [],
    mails: [],
  };
}
