import type { Cancel } from "../clock.ts";
import type { DashboardView } from "../cloudwatch/dashboard-view.ts";
import type { AlarmRow, Mail, Overview, RequestRow } from "./wire.ts";

/** Which dashboard, and how far back from now. */
export interface DashboardQuery {
  readonly name: string;
  /** The dashboard's own range when missing. */
  readonly rangeSeconds?: number;
}

/** What the page server asks of the running system: the values of the page's API. */
export interface PagePort {
  overview(): Overview | Promise<Overview>;
  /** `undefined` when there is no dashboard of that name. */
  dashboard(query: DashboardQuery): DashboardView | undefined | Promise<DashboardView | undefined>;
  alarms(): readonly AlarmRow[] | Promise<readonly AlarmRow[]>;
  /** Newest first, at most `limit`. */
  requests(limit: number): readonly RequestRow[] | Promise<readonly RequestRow[]>;
  /** Newest first. */
  mails(): readonly Mail[] | Promise<readonly Mail[]>;
}

/** Tells `listener` of every change that a page may show: a request, an alarm, a mail, a fault, a minute gone by. */
export type Subscribe = (listener: () => void) => Cancel;
