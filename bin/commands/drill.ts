import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import { BILLING_NAMES, BILLING_REGION, namesOf } from "../../lib/names.ts";
import { askAgent } from "../cli/agent-client.ts";
import { Failure, UsageError } from "../cli/failure.ts";
import { readPage, runningSystem, setFault } from "../cli/running-system.ts";
import {
  addStageOptions,
  connectStage,
  type StageConnection,
  type StageOptions,
} from "../cli/stage-connection.ts";
import { lockStage } from "../cli/stage-lock.ts";
import { confirmDeployedChange, resolveTarget, type Target } from "../cli/target.ts";
import { askAtTerminal, type AskOperator, onInterrupt, type Terminal } from "../cli/terminal.ts";
import { type Fault, faultKindOf } from "../../local/server/wire.ts";
import { type AlarmPlace, cloudWatchAlarms } from "./drill/cloudwatch-alarms.ts";
import { drillAlarm, finishKilledDrills } from "./drill/drill-alarm.ts";
import {
  type DrilledAlarm,
  drillFile,
  type DrillPorts,
  type DrillRecord,
  drillRecords,
} from "./drill/drill-record.ts";
import { drillLines, historyLines, isSound, realDrillLines } from "./drill/drill-text.ts";
import { askPerson, inboxMails, lookInInbox, realDrill, type RealDrillPorts } from "./drill/real-drill.ts";

interface DrillOptions extends StageOptions {
  readonly all?: true;
  readonly real?: true;
  readonly history?: true;
  readonly fault: Fault["kind"];
  readonly pause: number;
  readonly yes?: true;
}

/** What of a drill a test replaces: the person, the time, and the signal. */
export interface DrillSurroundings {
  readonly ask?: AskOperator;
  readonly now?: () => number;
  readonly wait?: DrillPorts["wait"];
  readonly onInterrupt?: typeof onInterrupt;
}

const EXAMPLES = `
Examples:
  npm run cli -- drill failing-now
  npm run cli -- drill probe-failing --stage production
  npm run cli -- drill --real
  npm run cli -- drill --history

Exits 0 when every action ran and every mail arrived, 1 when one did not or the drill was interrupted, 2 on wrong usage.`;

/** `drill [ALARM]`: forces an alarm and finds out who is notified, and how soon. */
export function drillCommand(terminal: Terminal, surroundings: DrillSurroundings = {}): Command {
  return addStageOptions(new Command("drill"), "print the records as JSON")
    .description("force an alarm, see who is notified and how soon, and put it back")
    .argument("[alarm]", "name of an alarm, or what follows the stage in it: failing-now")
    .option("--all", "every alarm, one after another")
    .option(
      "--real",
      "on this machine: a fault of the stand-in, a user's questions, and the pages of both ends",
    )
    .addOption(
      new Option("--fault <kind>", "with --real: the fault; npm run cli -- fault --help lists them")
        .argParser(parseFault)
        .default("error"),
    )
    .option("--history", "the drills that were made from this machine")
    .option("--pause <seconds>", "with --all: between two alarms", parseSeconds, 15)
    .option("--yes", "do not ask before a deployed stage is changed; nobody is asked for the mail either")
    .addHelpText("after", EXAMPLES)
    .action((alarm: string | undefined, options: DrillOptions) =>
      drill({ terminal, options, surroundings }, alarm),
    );
}

function parseSeconds(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError("give whole seconds.");
  return Number(text);
}

function parseFault(text: string): Fault["kind"] {
  const kind = faultKindOf(text);
  if (kind === undefined || kind === "off") throw new InvalidArgumentError("no such fault.");
  return kind;
}

interface Run {
  readonly terminal: Terminal;
  readonly options: DrillOptions;
  readonly surroundings: DrillSurroundings;
}

async function drill(run: Run, alarmName: string | undefined): Promise<void> {
  const { options } = run;
  refuseMixed(options, alarmName);
  const target = await resolveTarget(options);
  const file = drillFile(options.data, target);
  if (options.history === true) return showHistory(run, file);
  if (options.real === true && !target.isLocal)
    throw new UsageError(
      "--real is for the system on this machine: no fault can be switched on in AWS; drill ALARM forces an alarm there",
    );
  const stage = await connectStage(run.terminal, options);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const unlock = await lockStage(`${file}.lock`, `a drill of ${target.where} runs`);
  const stopping = new AbortController();
  const ignore = (run.surroundings.onInterrupt ?? onInterrupt)(() => stopping.abort());
  try {
    const ports = portsOf(run, stage, stopping.signal);
    for (const line of await finishKilledDrills(ports)) run.terminal.err(line);
    const drilled = { ports, target, alarmName };
    await (options.real === true ? drillForReal(run, drilled) : drillForced(run, drilled));
  } finally {
    ignore();
    stage.close();
    await unlock();
  }
}

function refuseMixed({ all, real, history }: DrillOptions, alarmName: string | undefined): void {
  const asked = [all && "--all", real && "--real", history && "--history"].filter(
    (each) => each !== undefined,
  );
  if (asked.length > 1) throw new UsageError(`${asked.join(" and ")} are different drills: give one of them`);
  if (alarmName === undefined && asked.length === 0)
    throw new UsageError(
      "name an alarm, or give --all, --real or --history; npm run cli -- alarms lists the alarms",
    );
  if (alarmName !== undefined && (all === true || history === true))
    throw new UsageError(`${asked.join("")} is about every alarm: leave ${alarmName} out`);
}

async function showHistory({ terminal, options }: Run, file: string): Promise<void> {
  const records = await drillRecords(file).all();
  if (options.json === true) terminal.out(JSON.stringify(records, null, 2));
  else historyLines(terminal, records).forEach(terminal.out);
}

function placesOf({ stage }: Target): readonly AlarmPlace[] {
  const own = { prefix: namesOf(stage).alarm("") };
  return stage === "production" ? [own, { prefix: BILLING_NAMES.alarm(""), region: BILLING_REGION }] : [own];
}

function portsOf(
  { terminal, options, surroundings }: Run,
  stage: StageConnection,
  signal: AbortSignal,
): DrillPorts {
  const { now = Date.now } = surroundings;
  const wait = surroundings.wait ?? waitUnlessStopped;
  const ask = surroundings.ask ?? askAtTerminal();
  const { target } = stage;
  return {
    cloudWatch: cloudWatchAlarms(stage, placesOf(target)),
    records: drillRecords(drillFile(options.data, target)),
    askForMail: target.isLocal
      ? (alarmName, sinceMs) =>
          lookInInbox({ dataDirectory: options.data, now, wait, signal }, alarmName, sinceMs)
      : askPerson(options.yes === true ? undefined : ask, { now, signal }),
    now,
    wait,
    newId: () => randomBytes(4).toString("hex"),
    say: options.json === true ? terminal.err : terminal.out,
    signal,
  };
}

async function waitUnlessStopped(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}

interface Drilled {
  readonly ports: DrillPorts;
  readonly target: Target;
  readonly alarmName: string | undefined;
}

async function drillForced(run: Run, { ports, target, alarmName }: Drilled): Promise<void> {
  const alarms = await ports.cloudWatch.alarms();
  const chosen = alarmName === undefined ? drillable(run, alarms) : [namedAlarm(alarms, alarmName, target)];
  const what = chosen.length === 1 ? (chosen[0]?.name ?? "") : `${chosen.length} alarms one after another`;
  const change = `force ${what} into ALARM, so that ${effectText(chosen)}, and put it back`;
  await confirmDeployedChange(
    { target, change, yes: run.options.yes },
    run.surroundings.ask ?? askAtTerminal(),
  );
  const records: DrillRecord[] = [];
  for (const [at, alarm] of chosen.entries()) {
    if (at > 0) await ports.wait(run.options.pause * 1000, ports.signal);
    if (ports.signal.aborted) break;
    records.push(await run.terminal.progress(`drilling ${alarm.name}`, drillAlarm(ports, alarm)));
    if (run.options.json !== true)
      records
        .slice(-1)
        .flatMap((each) => drillLines(run.terminal, each))
        .forEach(run.terminal.out);
  }
  if (run.options.json === true) run.terminal.out(JSON.stringify(records, null, 2));
  failUnlessSound(records, chosen.length);
}

/** What forcing them does besides the mail: an action may be a function, such as the spend breaker's. */
function effectText(alarms: readonly DrilledAlarm[]): string {
  const functions = alarms
    .flatMap(({ actions }) => actions)
    .flatMap((arn) => (arn.split(":")[2] === "lambda" ? [arn.split(":")[6] ?? arn] : []));
  const mail = alarms.length === 1 ? "its mail goes out" : "their mails go out";
  return functions.length === 0 ? mail : `${mail} and ${[...new Set(functions)].join(", ")} runs`;
}

/** Those that can be drilled now; the others are named, with the reason. */
function drillable({ terminal }: Run, alarms: readonly DrilledAlarm[]): readonly DrilledAlarm[] {
  for (const { name, state, actions } of alarms) {
    if (state === "ALARM") terminal.err(`${name} is left out: it is in ALARM`);
    else if (actions.length === 0) terminal.err(`${name} is left out: it notifies nobody by itself`);
  }
  return alarms.filter(({ state, actions }) => state !== "ALARM" && actions.length > 0);
}

function namedAlarm(alarms: readonly DrilledAlarm[], text: string, { stage, where }: Target): DrilledAlarm {
  const names = [text, namesOf(stage).alarm(text), BILLING_NAMES.alarm(text)];
  const found = alarms.find(({ name }) => names.includes(name));
  if (found !== undefined) return found;
  const known = alarms.map(({ name }) => name.replace(namesOf(stage).alarm(""), "")).join(", ");
  throw new UsageError(`${where} has no alarm ${text}: it has ${known || "none"}`);
}

function failUnlessSound(records: readonly DrillRecord[], asked: number): void {
  const stopped = records.find((record) => record.stopped !== undefined);
  if (records.length < asked || stopped !== undefined)
    throw new Failure(
      `interrupted after ${records.length} of ${asked}: every alarm that was forced is put back; drill --history has the record`,
    );
  const unsound = records.filter((record) => !isSound(record)).map(({ alarm }) => alarm);
  if (unsound.length > 0) throw new Failure(`not everybody was notified by ${unsound.join(", ")}`);
}

async function drillForReal(run: Run, { ports, target, alarmName }: Drilled): Promise<void> {
  const { terminal, options } = run;
  const named =
    alarmName === undefined ? undefined : namedAlarm(await ports.cloudWatch.alarms(), alarmName, target).name;
  const work = realDrill(realPorts(options, ports), {
    kind: options.fault,
    pageTopic: namesOf(target.stage).topics.page,
    ...(named !== undefined && { alarmName: named }),
  });
  const result = await terminal.progress(`drilling for real: ${options.fault}`, work);
  if (options.json === true) terminal.out(JSON.stringify(result, null, 2));
  else realDrillLines(terminal, result).forEach(terminal.out);
  const { record } = result;
  if (record.stopped !== undefined) throw new Failure(`${record.stopped}: the fault is off`);
  if (!isSound(record)) throw new Failure("no mail came: the fault is off");
}

function realPorts(options: DrillOptions, ports: DrillPorts): RealDrillPorts {
  const running = runningSystem(options.data);
  return {
    ...ports,
    fault: async () => (await readPage(await running, "/api/overview")).fault.kind,
    begin: async (kind, minutes) => setFault(await running, { kind, rate: 1 }, minutes),
    end: async () => setFault(await running, { kind: "off", rate: 1 }),
    ask: async () => {
      const { functionUrl, token } = await running;
      return (await askAgent(functionUrl, token, { text: "water the fern tonight", mode: "reminder" }))
        .status;
    },
    alarmMails: (sinceMs) => inboxMails(options.data, sinceMs),
  };
}
