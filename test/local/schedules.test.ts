import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import type { Runtime } from "../../local/runtime.ts";
import { functionResource, grownAssembly } from "../support/grown-assembly.ts";
import { startScriptedRuntime } from "../support/scripted-runtime.ts";

const MINUTE = 60_000;
const NINE = Date.UTC(2026, 10, 23, 9);

/** Asks the Function URL, and says in a metric whether it was answered. */
const PROBE = `import process from "node:process";
export async function handler({ path }) {
  const response = await fetch(new URL(path, process.env.AGENT_URL), { method: "POST" });
  const CloudWatchMetrics = [{ Namespace: "Probe", Dimensions: [[]], Metrics: [{ Name: "Failure" }] }];
  const _aws = { Timestamp: Date.now(), CloudWatchMetrics };
  process.stdout.write(JSON.stringify({ _aws, Failure: response.status === 200 ? 0 : 1 }) + "\\n");
}`;

const SCHEDULE = {
  Type: "AWS::Scheduler::Schedule",
  Properties: {
    Name: "probe",
    ScheduleExpression: "rate(5 minutes)",
    FlexibleTimeWindow: { Mode: "OFF" },
    Target: { Arn: { "Fn::GetAtt": ["Probe", "Arn"] }, Input: '{"path":"/fine"}', RoleArn: "role" },
  },
};

/** Raised when the probe says nothing, or nothing good, for six minutes. */
const PROBE_ALARM = {
  Type: "AWS::CloudWatch::Alarm",
  Properties: {
    AlarmName: "tiny-probe",
    Namespace: "Probe",
    MetricName: "Failure",
    Statistic: "Maximum",
    Period: 60,
    EvaluationPeriods: 6,
    Threshold: 1,
    ComparisonOperator: "GreaterThanOrEqualToThreshold",
    TreatMissingData: "breaching",
  },
};

let directory: string;
let running: Runtime[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "schedules-"));
  running = [];
});
afterEach(async () => {
  for (const runtime of running) await runtime.stop();
  await rm(directory, { recursive: true });
});

async function start(clock: ManualClock, resources: Record<string, object> = {}): Promise<Runtime> {
  const assemblyDirectory = await grownAssembly(join(directory, "cdk.out"), {
    resources: {
      Probe: functionResource("probe", {
        Environment: { Variables: { AGENT_URL: { "Fn::GetAtt": ["Url", "FunctionUrl"] } } },
      }),
      Schedule: SCHEDULE,
      ...resources,
    },
    monitoring: { ProbeAlarm: PROBE_ALARM },
    assets: { probe: PROBE },
  });
  const runtime = await startScriptedRuntime({
    assemblyDirectory,
    dataDirectory: join(directory, "data"),
    clock,
  });
  running.push(runtime);
  return runtime;
}

const probeAlarm = (runtime: Runtime) => runtime.alarms().find(({ alarmName }) => alarmName === "tiny-probe");

describe("a function on a schedule", () => {
  test("runs by the clock and reaches the Function URL, and its alarm waits for the first run", async () => {
    const clock = new ManualClock(NINE + 30_000);
    const runtime = await start(clock);
    await clock.advance(MINUTE);
    expect(probeAlarm(runtime)?.state).toBe("OK");
    expect(runtime.requests().map(({ path, status }) => [path, status])).toEqual([["/fine", 200]]);
    await clock.advance(5 * MINUTE);
    expect(runtime.requests()).toHaveLength(2);
    expect(runtime.overview()).toMatchObject({
      functions: ["tiny", "probe"],
      schedules: [{ name: "probe", functionName: "probe", nextMs: NINE + 10 * MINUTE }],
    });
    expect(probeAlarm(runtime)?.state).toBe("OK");
  });

  test("runs once at a start after a pause, before its alarm is judged", async () => {
    const before = new ManualClock(NINE);
    const first = await start(before);
    await before.advance(2 * MINUTE);
    await first.stop();
    const after = new ManualClock(NINE + 180 * MINUTE + 30_000);
    const second = await start(after);
    await after.advance(4 * MINUTE);
    expect(second.requests()).toHaveLength(2);
    expect(probeAlarm(second)?.history.map(({ summary }) => summary)).not.toContain(
      "Alarm updated from OK to ALARM",
    );
  });

  test("that nobody runs is named, as is what a schedule cannot do here", async () => {
    const { Properties } = SCHEDULE;
    const schedule = (changes: object) => ({ ...SCHEDULE, Properties: { ...Properties, ...changes } });
    const runtime = await start(new ManualClock(NINE), {
      Once: schedule({ Name: "once", ScheduleExpression: "at(2026-12-24T18:00:00)" }),
      Loose: schedule({ Name: "loose", FlexibleTimeWindow: { Mode: "FLEXIBLE" } }),
      Queued: schedule({ Name: "queued", Target: { Arn: "arn:aws:sqs:eu-west-1:123456789012:q" } }),
      Off: schedule({ Name: "off", State: "DISABLED" }),
      Nobody: schedule({
        Name: "nobody",
        Target: { Arn: "arn:aws:lambda:eu-west-1:123456789012:function:nobody" },
      }),
      Rule: {
        Type: "AWS::Events::Rule",
        Properties: {
          Name: "hourly",
          ScheduleExpression: "cron(0 * * * ? *)",
          Targets: [{ Id: "0", Arn: { "Fn::GetAtt": ["Probe", "Arn"] }, Input: '{"path":"/fine"}' }],
        },
      },
      Pattern: { Type: "AWS::Events::Rule", Properties: { EventPattern: {} } },
    });
    const notices = runtime.notices.join("\n");
    expect(notices).toMatch(/Resources\.Once.* one-time schedules are not run/);
    expect(notices).toMatch(/Resources\.Loose has a flexible time window/);
    expect(notices).toMatch(/Resources\.Queued has the target arn:aws:sqs/);
    expect(notices).toMatch(/schedule\/default\/nobody does nothing here: .*function:nobody does not run/);
    expect(notices).toMatch(/Resources\.Pattern has an event pattern/);
    expect(notices).not.toMatch(/Resources\.Off/);
    expect(runtime.overview().schedules.map(({ name }) => name)).toEqual(["probe", "hourly"]);
  });
});
