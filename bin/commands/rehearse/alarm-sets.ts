import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import type { AlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import { DEFAULT_ENVIRONMENT, loadTemplateAlarms } from "cw-alarm-test/template-sources";
import { AssemblyError } from "cw-alarm-test/template";
import { probeServiceName } from "../../../lambda/contract/metrics.ts";
import { PROBE_FULL_FORM, PROBE_LIMITS } from "../../../lambda/contract/probe.ts";
import { isStage } from "../../../lib/config/stage.ts";
import { namesOf } from "../../../lib/names.ts";
import { synthesise, SynthesisError } from "../../../local/assembly/synthesise.ts";
import type { ProbePlan } from "../../../local/rehearsal/simulated-world.ts";
import { type AlarmsUnderTest, regionsOf } from "../../../local/rehearsal/replay.ts";
import { REHEARSED } from "../../../local/rehearsal/rehearsal-report.ts";
import type { FailureReport } from "../../../local/rehearsal/run-task.ts";
import { loadStageAlarms, type StageAlarms } from "../../../local/rehearsal/stage-alarms.ts";
import { Failure, UsageError } from "../../cli/failure.ts";
import type { Terminal } from "../../cli/terminal.ts";

const PROJECT = resolve(import.meta.dirname, "..", "..", "..");
const BASELINES = join(PROJECT, "bench", "baselines");

/** Alarms that are rehearsed together, and the function that they watch. */
export interface AlarmSet {
  readonly name: string;
  readonly alarmsUnderTest: AlarmsUnderTest;
  readonly failures: FailureReport;
  readonly timeoutSeconds: number;
  /** No probe when missing. */
  readonly probe?: ProbePlan;
  /** What is left out, each with its reason. */
  readonly notices: readonly string[];
}

/** Which alarms of the project itself. */
export interface StageChoice {
  readonly stage: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Synthesises the templates of a stage in a directory that does not stay, and reads its alarms. */
export async function stageAlarmSet(
  terminal: Terminal,
  { stage, settings, signal }: StageChoice,
): Promise<AlarmSet> {
  const outDirectory = await mkdtemp(join(tmpdir(), "wrist-agent-rehearse-"));
  try {
    const request = { projectDirectory: PROJECT, stage, outDirectory, context: settings, signal };
    const work = synthesise({ ...request, assets: "skipped" });
    await terminal.progress(`synthesising the stacks of ${stage}`, work);
    return assemblyAlarmSet(await loadAssemblyAlarms(outDirectory, stage), stage, "replied");
  } catch (error) {
    if (error instanceof SynthesisError) throw new Failure(error.message, { cause: error });
    throw error;
  } finally {
    await rm(outDirectory, { recursive: true });
  }
}

function loadAssemblyAlarms(directory: string, stage: string): Promise<StageAlarms> {
  const { function: agent, probe } = isStage(stage) ? namesOf(stage) : { function: "", probe: "" };
  return loadStageAlarms(directory, { agent, probe });
}

function assemblyAlarmSet(alarms: StageAlarms, stage: string, failures: FailureReport): AlarmSet {
  const { home, regions = {}, definitions, timeoutSeconds, notices } = alarms;
  const probe = probePlan(alarms);
  return {
    name: REHEARSED,
    failures,
    timeoutSeconds,
    notices,
    alarmsUnderTest: { home, regions, definitions, probeService: probeServiceName(stage) },
    ...(probe && { probe }),
  };
}

/** The probe as it is deployed. */
function probePlan({ probeSchedules: schedules }: StageAlarms): ProbePlan | undefined {
  if (schedules.length === 0) return undefined;
  const { triesAtMs, tryMs } = PROBE_LIMITS;
  return { schedules, triesAtMs, tryMs, publishes: "direct", fullForm: PROBE_FULL_FORM };
}

/** Templates or an assembly of anybody. */
export interface TemplateChoice {
  readonly path: string;
  /** Whose function names show a probe, in an assembly of this project. */
  readonly stage: string;
  /** Where the command says so; as the templates have it when missing. */
  readonly failures?: FailureReport;
}

/** Reads the alarms of a template, or of an assembly such as `cdk.out`. */
export async function templateAlarmSet({ path, stage, failures }: TemplateChoice): Promise<AlarmSet> {
  try {
    const isDirectory = await stat(path).then((found) => found.isDirectory());
    const set = isDirectory ? await directoryAlarmSet(path, stage) : await fileAlarmSet(path, REHEARSED);
    if (set.alarmsUnderTest.definitions.length === 0)
      throw new UsageError(`${path} holds no alarm: give a template with AWS::CloudWatch::Alarm, or cdk.out`);
    requireOneFunction(set.alarmsUnderTest.definitions, path);
    return { ...set, ...(failures && { failures }) };
  } catch (error) {
    if (error instanceof AssemblyError) throw new UsageError(error.message, { cause: error });
    if ((error as NodeJS.ErrnoException).code === "ENOENT")
      throw new UsageError(`${path} is not there: give a template or an assembly such as cdk.out`, {
        cause: error,
      });
    throw error;
  }
}

/** An assembly of this project has its agent, which replies; any other function throws. */
async function directoryAlarmSet(directory: string, stage: string): Promise<AlarmSet> {
  const alarms = await loadAssemblyAlarms(directory, stage);
  return assemblyAlarmSet(alarms, stage, alarms.probeSchedules.length > 0 ? "replied" : "thrown");
}

const TIMEOUT_SECONDS = 30;

async function fileAlarmSet(path: string, name: string): Promise<AlarmSet> {
  const { alarms, refused, invalid, notices } = await loadTemplateAlarms([path]);
  const unusable = [...refused, ...invalid].map(
    ({ logicalId, reason }) => `${logicalId} is left out: ${reason}`,
  );
  return {
    name,
    failures: "thrown",
    timeoutSeconds: TIMEOUT_SECONDS,
    notices: [...notices, ...unusable],
    alarmsUnderTest: {
      home: DEFAULT_ENVIRONMENT,
      regions: regionsOf(alarms, DEFAULT_ENVIRONMENT),
      definitions: alarms.map(({ definition }) => definition),
      probeService: "",
    },
  };
}

/** Lambda's metrics are those of one function: others would be fed its requests too. */
function requireOneFunction(definitions: readonly AlarmDefinition[], path: string): void {
  const names = new Set(definitions.flatMap(functionsReadBy));
  if (names.size <= 1) return;
  throw new UsageError(
    `the alarms of ${path} read ${[...names].join(", ")}: a rehearsal has requests of one function, give a template with its alarms only`,
  );
}

function functionsReadBy(definition: AlarmDefinition): readonly string[] {
  if ("alarmRule" in definition) return [];
  const own = definition.namespace === "AWS/Lambda" ? [definition.dimensions?.FunctionName] : [];
  const queried = (definition.metrics ?? []).map(({ metricStat }) =>
    metricStat?.metric.namespace === "AWS/Lambda" ? metricStat.metric.dimensions.FunctionName : undefined,
  );
  return [...own, ...queried].flatMap((name) => name ?? []);
}

/** The sets of bench/baselines, each under the name of its file. */
export async function baselineAlarmSets(): Promise<readonly AlarmSet[]> {
  const files = (await readdir(BASELINES)).filter((file) => file.endsWith(".yaml")).sort();
  return Promise.all(files.map((file) => fileAlarmSet(join(BASELINES, file), basename(file, ".yaml"))));
}
