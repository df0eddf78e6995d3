import type { DataDirectoryHold } from "../journal/data-directory.ts";
import { Inbox } from "../mail/inbox.ts";
import { localModel, type LocalModel } from "./aws-services.ts";
import { AlarmDesk } from "./cloudwatch/alarm-desk.ts";
import { DashboardShelf } from "./cloudwatch/dashboard-shelf.ts";
import { LogShelf } from "./cloudwatch/log-shelf.ts";
import { putStackAlarms } from "./cloudwatch/stack-alarms.ts";
import { functionSide, type FunctionSide } from "./functions/function-side.ts";
import { Ledger } from "./ledger.ts";
import { Listeners } from "./listeners.ts";
import { openStageJournal, type Plan } from "./open-system.ts";
import { openParameters, type StageParameters } from "./parameters.ts";
import { RequestLog } from "./request-log.ts";
import type { RuntimeOptions } from "./runtime-options.ts";
import type { StopList } from "./stop-list.ts";

/** What is known before anything is served. */
export interface Ground {
  readonly hold: DataDirectoryHold;
  readonly plan: Plan;
}

/** What remembers and decides. */
export interface Core extends Ground, FunctionSide, StageParameters {
  readonly ledger: Ledger;
  readonly requests: RequestLog;
  readonly inbox: Inbox;
  readonly model: LocalModel;
  readonly listeners: Listeners;
  readonly logs: LogShelf;
  readonly shelf: DashboardShelf;
  readonly desk: AlarmDesk;
  readonly notices: readonly string[];
}

/** Brings back what was written down, then writes on; live and replayed entries take the same way. */
export async function openCore(ground: Ground, options: RuntimeOptions, stops: StopList): Promise<Core> {
  const { plan } = ground;
  const { journal, entries, notices } = await openStageJournal(options);
  stops.add(() => journal.close());
  const model = localModel(options, plan.emulated.inferenceProfiles);
  const listeners = new Listeners();
  const shelves = { logs: new LogShelf(), shelf: new DashboardShelf() };
  const requests = new RequestLog(plan.front.source.definition.logGroupName);
  const parts = { requests, inbox: new Inbox(), ...shelves };
  const ledger = new Ledger({
    ...parts,
    append: (entry) => journal.append(entry),
    home: plan.home,
    regions: plan.regions,
    setFault: (fault) => model.faults.set(fault),
    changed: () => listeners.tell(),
  });
  ledger.replay(entries);
  const side = functionSide(plan, ledger, options);
  // Its clock runs from here on, and would keep a process alive whose start fails.
  stops.add(() => side.invocations.stop());
  const desk = new AlarmDesk({
    regions: plan.regions,
    subscribers: plan.subscribers,
    record: (entry) => ledger.record(entry),
    deliver: (delivery) => void side.invocations.deliver(delivery),
  });
  const refused = deployAlarms(plan, ledger, options.clock.now());
  parts.shelf.putTemplates(plan.emulated.dashboards, options.clock.now());
  const account = openParameters(plan, options);
  const core = { ...ground, ...parts, ...side, ...account, listeners, ledger, model, desk };
  return { ...core, notices: [...plan.notices, ...refused, ...notices] };
}

/** Puts the templates' alarms over what was written down, and writes down which they are. */
function deployAlarms({ regions, emulated }: Plan, ledger: Ledger, nowMs: number): readonly string[] {
  const before = (region: string): readonly string[] | undefined => ledger.stackAlarms(region);
  const refused = putStackAlarms({ regions, sources: emulated.alarms, before }, nowMs);
  for (const { home } of regions) {
    const own = emulated.alarms.filter(({ region }) => region === home.region);
    const alarmNames = own.map(({ definition }) => definition.alarmName);
    if (JSON.stringify(before(home.region)) === JSON.stringify(alarmNames)) continue;
    ledger.record({ kind: "stack-alarms", atMs: nowMs, region: home.region, alarmNames });
  }
  return refused;
}
