import type { Plan } from "../open-system.ts";
import type { Ledger } from "../ledger.ts";
import type { RuntimeOptions } from "../runtime-options.ts";
import { AsyncInvocations } from "./async-invocations.ts";
import { Functions } from "./functions.ts";
import { Scheduler } from "./scheduler.ts";

/** The functions, and who invokes them besides the Function URL. */
export interface FunctionSide {
  readonly functions: Functions;
  readonly invocations: AsyncInvocations;
  readonly scheduler: Scheduler;
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
  return { functions, invocations, scheduler };
}
