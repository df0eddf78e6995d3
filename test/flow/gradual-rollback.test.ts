import { GetMetricStatisticsCommand, CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import {
  LambdaClient,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rollbackCommand } from "../../bin/commands/rollback.ts";
import type { Interaction } from "../../bin/commands/rollback/rollback.ts";
import { runningSystem, setFault } from "../../bin/cli/running-system.ts";
import type { MemoryTerminal } from "../support/memory-terminal.ts";
import { OperatedStage } from "../support/operated-stage.ts";
import { localAws } from "../support/scripted-runtime.ts";

const START_MS = Date.parse("2026-11-23T17:00:20Z");
const FunctionName = "wrist-agent-production";

let stage: OperatedStage;

beforeAll(async () => {
  // Without the probe, whose tries of an outage wait half a minute for each other: people ask here.
  stage = await OperatedStage.build(START_MS, { probeMinutes: "0" });
  await bringSecondVersion();
});

afterAll(() => stage.remove());

const config = () => localAws(stage.system);

/** As a deploy leaves it: version 2 serves every request. */
async function bringSecondVersion(): Promise<void> {
  const client = new LambdaClient(config());
  await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, Description: "the second" }));
  await client.send(new PublishVersionCommand({ FunctionName }));
  await client.send(new UpdateAliasCommand({ FunctionName, Name: "live", FunctionVersion: "2" }));
  client.destroy();
}

/** Runs it while people ask: `ask` happens in every wait. */
function gradual(ask: () => Promise<unknown>, ...options: readonly string[]) {
  const around: Interaction = {
    onInterrupt: () => () => undefined,
    wait: async (milliseconds) => {
      await ask();
      await stage.clock.advance(milliseconds);
      await stage.system.settled();
    },
  };
  const make = (terminal: MemoryTerminal) => rollbackCommand(terminal, around);
  return stage.operate(make, "--gradual", "--yes", "--every", "5", ...options);
}

async function invocationsOf(version: string): Promise<number> {
  const client = new CloudWatchClient(config());
  const { Datapoints = [] } = await client.send(
    new GetMetricStatisticsCommand({
      Namespace: "AWS/Lambda",
      MetricName: "Invocations",
      Dimensions: [
        { Name: "FunctionName", Value: FunctionName },
        { Name: "Resource", Value: `${FunctionName}:live` },
        { Name: "ExecutedVersion", Value: version },
      ],
      StartTime: new Date(START_MS),
      EndTime: new Date(stage.clock.now() + 60_000),
      Period: 3_600,
      Statistics: ["Sum"],
    }),
  );
  client.destroy();
  return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
}

test("a running stage serves two versions while requests shift, goes back when its alarm is raised, and arrives when none is", async () => {
  const running = await runningSystem(stage.data);
  await setFault(running, { kind: "error", rate: 1 });
  const failed = await gradual(() => stage.ask());
  expect(failed.code).toBe(1);
  expect(failed.err.join("\n")).toMatch(
    /production on this machine: wrist-agent-production-\S+ is raised \(.*\): version 2 serves every request again/,
  );

  await setFault(running, { kind: "off", rate: 1 });
  await stage.pass(90);
  const before = { one: await invocationsOf("1"), two: await invocationsOf("2") };
  const done = await gradual(() => stage.ask(), "--steps", "50,100");
  expect(done.code, done.err.join("\n")).toBe(0);
  expect(done.out.at(-1)).toBe("production on this machine: version 1 serves every request now");
  // Forty questions, half of them at 50 %: all at one version would be one in a million.
  expect((await invocationsOf("1")) - before.one).toBeGreaterThan(20);
  expect((await invocationsOf("2")) - before.two).toBeGreaterThan(0);
});
