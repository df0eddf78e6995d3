import { setTimeout as sleep } from "node:timers/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import { currentToken, askedOnce } from "../cli/aws-calls.ts";
import { type CheckLine, checkLineText, checklistSummary } from "../cli/check-lines.ts";
import { errorMessage, Failure } from "../cli/failure.ts";
import { DEFAULT_DATA_DIRECTORY } from "../cli/running-system.ts";
import { readStageAlarms } from "../cli/stage-alarms.ts";
import {
  addStageOptions,
  connectStage,
  type StageConnection,
  type StageOptions,
} from "../cli/stage-connection.ts";
import type { Terminal } from "../cli/terminal.ts";
import { drillFile } from "./drill/drill-record.ts";
import { readModel, readServing } from "./status/read-deployment.ts";
import { ACCOUNT_CHECKS } from "./verify/account-checks.ts";
import { ALARM_CHECKS, DASHBOARD_CHECKS } from "./verify/alarm-checks.ts";
import { type Check, checkLine, type Verification } from "./verify/check.ts";
import { DEPLOYMENT_CHECKS } from "./verify/deployment-checks.ts";
import { METRIC_CHECKS } from "./verify/metric-checks.ts";
import { URL_CHECKS } from "./verify/url-checks.ts";

interface VerifyOptions extends StageOptions {
  readonly wait: number;
  readonly allowUnreadable?: true;
  readonly only?: readonly string[];
}

/** The time of a verification; a test moves its own. */
export interface VerifyPorts {
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Promise<void>;
}

const PORTS: VerifyPorts = { now: () => Date.now(), wait: (milliseconds) => sleep(milliseconds) };

const HELP = `
It asks the model five questions, which cost some cents at most and are counted as a user's.
The JSON has stage, where, region, atMs, and lines [{id, title, state, says, remedies}]; a state is passes, fails,
not on this machine (a service that only AWS has) or not readable (these credentials may not look).

Examples:
  npm run cli -- verify
  npm run cli -- verify --stage production --region us-west-2 --wait 10
  npm run cli -- verify --only alarm-data dashboards

Exits 0 when every line passes that can be checked here, 1 when one fails or cannot be read, 2 on wrong usage.`;

/** `verify`: a checklist of a deployed stage, with a remedy for each line that fails. */
export function verifyCommand(terminal: Terminal, ports: VerifyPorts = PORTS): Command {
  return addStageOptions(new Command("verify"), "print one JSON line")
    .description("check everything that has to be right after a deploy, with what to do where it is not")
    .option("--wait <minutes>", "how long metrics may take to arrive", parseMinutes, 5)
    .addOption(new Option("--only <check...>", "only these lines, by id").choices(CHECKS.map(({ id }) => id)))
    .option("--allow-unreadable", "lines that these credentials may not read do not count")
    .addHelpText("after", HELP)
    .action(async (options: VerifyOptions) => {
      const stage = await connectStage(terminal, options);
      try {
        await verify({ terminal, options, ports }, stage);
      } finally {
        stage.close();
      }
    });
}

function parseMinutes(text: string): number {
  const minutes = Number(text);
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError("give whole minutes, 0 to wait for nothing.");
  return minutes;
}

interface Run {
  readonly terminal: Terminal;
  readonly options: VerifyOptions;
  readonly ports: VerifyPorts;
}

async function verify({ terminal, options, ports }: Run, stage: StageConnection): Promise<void> {
  const { target, region } = stage;
  const atMs = ports.now();
  const verification = verificationOf(stage, { ...ports, waitMinutes: options.wait, data: options.data });
  const show = options.json === true ? () => undefined : showLine(terminal);
  const { only } = options;
  const lines = await verifyStage(terminal, { ...verification, ...(only && { only }) }, show);
  if (options.json === true)
    terminal.out(JSON.stringify({ stage: target.stage, where: target.where, region, atMs, lines }));
  else terminal.out(`${target.where}: ${checklistSummary(lines)}`);
  const isWrong = ({ state }: CheckLine): boolean =>
    state === "fails" || (state === "not readable" && options.allowUnreadable !== true);
  const wrong = lines.filter(isWrong).map(({ title }) => title);
  if (wrong.length > 0) throw new Failure(`not verified: ${wrong.join(", ")}`);
}

function showLine(terminal: Terminal): (line: CheckLine) => void {
  return (line) => checkLineText(terminal, line).forEach(terminal.out);
}

/** The whole checklist of a connected stage, for whoever has just deployed it. */
export function verifyConnected(
  terminal: Terminal,
  stage: StageConnection,
  waitMinutes: number,
): Promise<readonly CheckLine[]> {
  const verification = verificationOf(stage, { ...PORTS, waitMinutes, data: DEFAULT_DATA_DIRECTORY });
  return verifyStage(terminal, verification, () => undefined);
}

/** What a verification of a stage works with, from the stage's own outputs. */
function verificationOf(
  stage: StageConnection,
  { now, wait, waitMinutes, data }: VerifyPorts & { readonly waitMinutes: number; readonly data: string },
): Omit<Verification, "show"> {
  const serving = askedOnce(() => readServing(stage));
  return {
    stage,
    now,
    wait,
    waitMinutes,
    alarms: askedOnce(() => readStageAlarms(stage)),
    serving,
    // A lifecycle that cannot be read has a finding of its own.
    model: askedOnce(async () => readModel(stage, (await serving()).environment, () => undefined)),
    token: askedOnce(() => currentToken(stage.target, stage.names.tokenParameter, stage.region)),
    asked: {},
    drillFile: drillFile(data, stage.target),
  };
}

/** The whole checklist: the questions come first, as what follows looks for their traces. */
export const CHECKS: readonly Check[] = [
  ...URL_CHECKS,
  ...METRIC_CHECKS,
  ...ALARM_CHECKS,
  ...ACCOUNT_CHECKS.slice(0, 1),
  ...DASHBOARD_CHECKS,
  ...DEPLOYMENT_CHECKS,
  ...ACCOUNT_CHECKS.slice(1),
];

/**
 * Runs every check, or those that `only` names, one after another; `done` hears of each line when it is
 * known.
 */
async function verifyStage(
  terminal: Terminal,
  { only, ...verification }: Omit<Verification, "show"> & { readonly only?: readonly string[] },
  done: (line: CheckLine) => void,
): Promise<readonly CheckLine[]> {
  const lines: CheckLine[] = [];
  for (const check of CHECKS.filter(({ id }) => only?.includes(id) ?? true)) {
    const line = await terminal.progress(`checking: ${check.title}`, (show) =>
      runCheck(check, { ...verification, show: (text) => show(text) }),
    );
    lines.push(line);
    done(line);
  }
  return lines;
}

/** A check that cannot be made is a line of its own kind; the others are made all the same. */
async function runCheck(check: Check, verification: Verification): Promise<CheckLine> {
  try {
    return checkLine(check, await check.run(verification));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { id, title } = check;
    return { id, title, state: "not readable", says: [errorMessage(error)], remedies: [] };
  }
}
