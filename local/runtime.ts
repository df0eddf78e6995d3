import { join, resolve } from "node:path";

import { readLogLine } from "@wrist-agent/cloudwatch/logs/log-line";
import type { DashboardView } from "@wrist-agent/cloudwatch/dashboards/dashboard-view";
import { drawingCode } from "./drawing/drawer.ts";
import { workerCode } from "./function/execution-environment.ts";
import { holdDataDirectory } from "./journal/data-directory.ts";
import { subscriptionConfirmations } from "./monitoring/sns-publisher.ts";
import { CUSTOM_RESOURCE_PATH } from "./server/aws/minor-services.ts";
import { pageFiles } from "./server/page-bundle.ts";
import { startPageServer } from "./server/page-server.ts";
import type { DashboardQuery, PagePort } from "./server/page-api.ts";
import type { AlarmRow, Fault, Mail, Overview, Question, RequestRow } from "./server/wire.ts";
import { startEvaluationScheduler } from "./monitoring/alarm-evaluator.ts";
import { openCore, type Core, type PreparedStart } from "./runtime/core.ts";
import { localAddress, readPlan } from "./runtime/plan.ts";
import type { RuntimeOptions } from "./runtime/runtime-options.ts";
import { serveEndpoints, type EndpointAddresses } from "./runtime/endpoints.ts";
import { StopList } from "./runtime/stop-list.ts";
import { alarmDetail } from "./runtime/alarm-detail.ts";
import { alarmRows } from "./runtime/alarm-rows.ts";
import { changeSubscription, feedMetrics, setAlarmState } from "./runtime/page-actions.ts";
import { drawDashboard, drawnView, storedMetricNames } from "./runtime/page-views.ts";

/** Where the running system is reached. */
export interface Addresses extends EndpointAddresses {
  readonly page: string;
}

/** The whole system, running. */
export interface Runtime {
  readonly addresses: Addresses;
  /** The current one: a rotation changes it. */
  readonly token: string;
  readonly stage: string;
  readonly stackNames: readonly string[];
  /** Everything of the templates that does nothing here, by name. */
  readonly notices: readonly string[];
  overview(): Overview;
  alarms(): readonly AlarmRow[];
  /** Newest first; the latest 50 unless `limit` says otherwise. */
  requests(limit?: number, after?: number): readonly RequestRow[];
  /** Newest first. */
  mails(): readonly Mail[];
  /** `undefined` when no template has a dashboard of that name. */
  dashboard(query: DashboardQuery): Promise<DashboardView | undefined>;
  /** Names of the metrics that have data, by namespace. */
  metricsSeen(): Readonly<Record<string, readonly string[]>>;
  /** Makes the stand-in misbehave, also after a restart, until it is set to `off`. */
  setFault(fault: Fault): void;
  /** Resolves when no function runs for the clock, an alarm or a topic: what nobody else waits for. */
  settled(): Promise<void>;
  /** Stops everything in the reverse order of its start. Safe to call twice. */
  stop(): Promise<void>;
}

/** Does what every function needs and no template changes: for who has to wait for a synthesis. */
export function prepareRuntime(): void {
  // What cannot be bundled fails the first invocation, which asks for it again.
  workerCode().catch(() => undefined);
}

/** Bundles what a page needs, once the start is over: whoever opens one asks again, and hears a failure. */
function preparePage(): void {
  for (const bundled of [pageFiles(), drawingCode()]) bundled.catch(() => undefined);
}

/** Starts the system that the templates describe; a start that fails stops what had started. */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const stops = new StopList();
  try {
    return await new Starting(options, stops).start();
  } catch (error) {
    await stops.stop();
    throw error;
  }
}

const HOUR_MS = 3_600_000;
const FAULT_TIMER_MS = 1000;

/** One start, step by step; each step says how it is undone. */
class Starting {
  readonly #options: RuntimeOptions;
  readonly #stops: StopList;

  constructor(options: RuntimeOptions, stops: StopList) {
    this.#options = { ...options, dataDirectory: resolve(options.dataDirectory) };
    this.#stops = stops;
  }

  async start(): Promise<Runtime> {
    const core = openCore(await this.#prepare(), this.#options, this.#stops);
    const served = await serveEndpoints(core, this.#options, this.#stops);
    this.#confirmSubscriptions(core);
    const making = core.customResources.make(`${served.awsEndpoint}${CUSTOM_RESOURCE_PATH}`);
    const [runtime] = await Promise.all([this.#servePage(core, served), making]);
    core.ensureToken();
    const { addresses, stage } = runtime;
    this.#options.signal?.throwIfAborted();
    await core.hold.announce({ pid: process.pid, ...addresses, stage });
    core.scheduler.start();
    this.#evaluateAlarms(core);
    preparePage();
    return runtime;
  }

  async #prepare(): Promise<PreparedStart> {
    const { assemblyDirectory, dataDirectory, signal } = this.#options;
    signal?.throwIfAborted();
    const plan = await readPlan(resolve(assemblyDirectory));
    const hold = await holdDataDirectory(dataDirectory);
    this.#stops.add(hold.release);
    return { hold, plan };
  }

  #confirmSubscriptions({ eventLog, plan, alarmEvaluator }: Core): void {
    const { clock } = this.#options;
    const nowMs = clock.now();
    const unconfirmed = subscriptionConfirmations(
      plan.emulated,
      (subscription) => eventLog.isConfirmed(subscription),
      nowMs,
    );
    for (const { subscription, mail } of unconfirmed) {
      const confirmed = { kind: "confirmed", atMs: nowMs, subscription } as const;
      eventLog.record({ kind: "mail", atMs: nowMs, mail }, confirmed);
    }
    alarmEvaluator.recordChanges(nowMs);
  }

  #evaluateAlarms(core: Core): void {
    const { plan, listeners, alarmEvaluator, scheduler, drawer } = core;
    const evaluate = (dueMs: number): void => {
      this.#guarded("the alarms could not be evaluated", () => alarmEvaluator.evaluate(dueMs));
      listeners.notify(["alarms", "overview", "dashboard"]);
    };
    const { clock } = this.#options;
    const caughtUp = (dueMs: number): Promise<number | undefined> => scheduler.caughtUp(dueMs);
    this.#stops.add(clock.every(HOUR_MS, (dueMs) => drawer.retain(dueMs)));
    this.#stops.add(clock.every(FAULT_TIMER_MS, (dueMs) => endDueFault(core, dueMs)));
    this.#stops.add(startEvaluationScheduler({ regions: plan.regions, clock, caughtUp, evaluate }));
  }

  async #servePage(core: Core, served: EndpointAddresses): Promise<Runtime> {
    const { ports, model, clock, asking } = this.#options;
    const startedMs = clock.now();
    const views = this.#views(core, served, () => this.#overview(core, served, startedMs));
    const page = await startPageServer({
      port: ports.page,
      api: views,
      subscribe: (listener) => core.listeners.add(listener),
      ...(model === "scripted" && { setFault: views.setFault }),
      setAlarmState: (setting) => setAlarmState(core, setting, clock.now()),
      feedMetrics: (feed) => feedMetrics(core, feed, clock.now()),
      changeSubscription: (change) => changeSubscription(core, change, clock.now()),
      ...(served.functionUrl !== "" &&
        asking && {
          ask: (question: Question) => asking.ask(served.functionUrl, core.token(), question),
        }),
      log: (message, cause) => this.#log(message, cause),
    });
    this.#stops.add(() => page.stop());
    return {
      ...views,
      addresses: { page: page.url, ...served },
      get token() {
        return core.token();
      },
      stage: this.#options.stage,
      stackNames: core.plan.stackNames,
      get notices() {
        return noticesOf(core);
      },
      settled: () => core.invocations.settled(),
      stop: () => this.#stops.stop(),
    };
  }

  #views(core: Core, { functionUrl }: EndpointAddresses, overview: () => Overview): Views {
    const { plan, requests, inbox, eventLog } = core;
    const { clock } = this.#options;
    const address = localAddress(plan, functionUrl);
    return {
      overview,
      alarms: () => alarmRows(plan, clock.now()),
      alarm: (query) => alarmDetail(core, query, clock.now()),
      document: (path) => this.#options.document?.(path) ?? Promise.resolve(undefined),
      requests: (limit = 50, after = 0) => requests.rows(limit, after),
      request: async (requestId) => ({
        lines: (await core.drawer.linesOf(requestId))
          .filter((line) => !requests.shows(line))
          .map(({ timestampMs, message }) => ({ timeMs: timestampMs, ...readLogLine(message) })),
      }),
      mails: () => inbox.mails(),
      drawDashboard: (query) => drawDashboard(core, query, { nowMs: clock.now(), address }),
      dashboard: async (query) => {
        const drawn = await drawDashboard(core, query, { nowMs: clock.now(), address });
        return drawn && drawnView(drawn);
      },
      metricsSeen: () => storedMetricNames(plan.regions),
      setFault: (fault) => void eventLog.record({ kind: "fault", atMs: clock.now(), fault }),
    };
  }

  #overview(core: Core, served: EndpointAddresses, startedMs: number): Overview {
    const { stage, model, requestColumns, dataDirectory, clock } = this.#options;
    const { plan } = core;
    const notices = [...noticesOf(core), ...plan.regions.flatMap((region) => region.failures())];
    return {
      stage,
      model,
      requestColumns,
      startedMs,
      notices,
      ...served,
      region: plan.home.home.region,
      fault: core.model.faults.current(),
      nowMs: clock.now(),
      askModes: served.functionUrl === "" ? [] : (this.#options.asking?.modes ?? []),
      tokenCommand: `cat '${join(dataDirectory, "token").replaceAll("'", String.raw`'\''`)}'`,
      functions: plan.functions.map(({ definition }) => definition.functionName),
      schedules: core.scheduler.rows(),
      dashboards: core.dashboardStore.list().map(({ name }) => name),
    };
  }

  #guarded(message: string, act: () => unknown): void {
    try {
      act();
    } catch (cause) {
      this.#log(message, cause);
    }
  }

  #log(message: string, cause: unknown): void {
    this.#options.log?.(message, cause);
  }
}

type Views = Pick<
  Runtime,
  "overview" | "alarms" | "requests" | "mails" | "dashboard" | "metricsSeen" | "setFault"
> &
  PagePort;

/** Ends a fault whose time is over. */
function endDueFault({ model, eventLog }: Core, nowMs: number): void {
  const { kind, untilMs } = model.faults.current();
  if (kind === "off" || untilMs === undefined || untilMs > nowMs) return;
  eventLog.record({ kind: "fault", atMs: nowMs, fault: { kind: "off", rate: 1 } });
}

function noticesOf({ notices, customResources, journal }: Core): readonly string[] {
  const { failure } = journal;
  const failed = failure instanceof Error ? [`what happens now is not kept: ${failure.message}`] : [];
  return [...failed, ...notices, ...customResources.notices];
}
