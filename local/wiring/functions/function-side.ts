import type { Plan } from "../open-system.ts";
import type { Ledger } from "../ledger.ts";
import type { RuntimeOptions } from "../runtime-options.ts";
import { AsyncInvocations } from "./async-invocations.ts";
import { CustomResources } from "./custom-resources.ts";
import { Functions } from "./functions.ts";
import { Scheduler } from "./scheduler.ts";

/** The functions, and who invokes them besides the Function URL. */
export interface FunctionSide {
  readonly functions: Functions;
  readonly invocations: AsyncInvocations;
  readonly scheduler: Scheduler;
  readonly customResources: CustomResources;
}

/** Lays out the functions of the templates; nothing of them starts yet. */
export function functionSide(plan: Plan, ledger: Ledger, { clock, log }: RuntimeOptions): FunctionSide {
  const functions = new Functions(plan.functions, {
    clock,
    records: ledger.functionRecords(() => clock.now()),
  });
  const invocations = new AsyncInvocations({
    clock,
    functions,
    configs: plan.emulated.eventInvokeConfigs,
    dropped: (message, cause) => log?.(message, cause),
  });
  const scheduler = new Scheduler(plan.schedules, {
    clock,
    lastRunMs: (scheduleArn) => ledger.lastRunMs(scheduleArn),
    ran: (scheduleArn, atMs) => ledger.record({ kind: "schedule-run", atMs, scheduleArn }),
    invoke: (functionArn, event) => invocations.deliver({ functionArn, event }),
  });
  const customResources = new CustomResources(plan.emulated.customResources, {
    functions,
    before: (source) => ledger.customResource(source),
    made: (resource) => ledger.record({ kind: "custom-resource", atMs: clock.now(), ...resource }),
  });
  return { functions, invocations, scheduler, customResources };
}
