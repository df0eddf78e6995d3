import { Command } from "commander";
import type { BreakerOrder, BreakerReport } from "../../lambda/contract/breaker.ts";
import { namesOf } from "../../lib/names.ts";
import { localTime, type Terminal } from "../cli/terminal.ts";
import { invokeFunction } from "../cli/aws-calls.ts";
import { addTargetOptions, confirmDeployedChange, resolveTarget, type TargetOptions } from "../cli/target.ts";

interface OpenOptions extends TargetOptions {
  readonly until?: string;
  readonly yes?: true;
}

/** `breaker status|open|close`: whether requests are blocked because the day has cost its limit. */
export function breakerCommand(terminal: Terminal): Command {
  const command = new Command("breaker").description(
    "look at the spend breaker, open it, or close it for the rest of the day",
  );
  const add = (
    name: string,
    description: string,
    orderOf: (options: OpenOptions) => BreakerOrder,
  ): Command => {
    const sub = addTargetOptions(new Command(name)).description(description);
    command.addCommand(
      sub.action((options: OpenOptions) => orderBreaker(terminal, options, orderOf(options))),
      { isDefault: name === "status" },
    );
    return sub;
  };
  add("status", "show whether it is open, and what the day has cost", () => ({ order: "status" }));
  const yes = ["--yes", "do not ask before a deployed stage is changed"] as const;
  add("open", "block requests from now on", ({ until }) =>
    until === undefined ? { order: "open" } : { order: "open", until },
  )
    .option("--until <instant>", "ISO 8601, such as 2026-11-24T08:00:00Z (default: the stage's midnight)")
    .option(...yes);
  add("close", "let requests pass until midnight, whatever they cost", () => ({ order: "close" })).option(
    ...yes,
  );
  return command;
}

/** What an order changes, for the question before it; a look changes nothing. */
const CHANGES: Readonly<Partial<Record<BreakerOrder["order"], string>>> = {
  open: "block every request",
  close: "let requests pass until midnight, whatever they cost",
};

async function orderBreaker(terminal: Terminal, options: OpenOptions, order: BreakerOrder): Promise<void> {
  const target = await resolveTarget(options);
  const change = CHANGES[order.order];
  if (change !== undefined) await confirmDeployedChange({ target, change, yes: options.yes });
  const called = {
    functionName: namesOf(target.stage).breaker,
    whenMissing: "the monitoring stack of a stage with SPEND_BREAKER=true makes it",
  };
  const report = (await invokeFunction(target, called, order)) as BreakerReport;
  breakerLines(target.where, report).forEach(terminal.out);
}

function breakerLines(where: string, report: BreakerReport): readonly string[] {
  const { isOpen, state, spentUsd, dailySpendUsd, did, timeZone } = report;
  const until = isOpen ? `, until ${localTime(Date.parse(state?.openUntil ?? ""))}` : "";
  const spent = spentUsd === undefined ? "an unknown amount" : `${spentUsd.toFixed(4)} USD`;
  return [
    `${where}: the spend breaker is ${isOpen ? "open" : "closed"}${until}`,
    `since midnight (${timeZone}) the model has cost ${spent} of ${dailySpendUsd} USD`,
    ...(did === "looked" ? [] : [did]),
    ...(state === undefined
      ? []
      : [`last written by the ${state.by} at ${localTime(Date.parse(state.since))}`]),
  ];
}
