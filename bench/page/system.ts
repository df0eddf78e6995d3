/**
 * A process of its own that runs the whole system on a recorded day: `system.ts DIRECTORY
 * REQUESTS_PER_SECOND`.
 */
import { join } from "node:path";
import { REQUEST_COLUMNS } from "../../bin/cli/request-columns.ts";
import { synthesise } from "../../local/assembly/synthesise.ts";
import { systemClock } from "../../local/clock.ts";
import { startRuntime } from "../../local/runtime.ts";
import { readPlan } from "../../local/runtime/plan.ts";
import { writeRecordedDay } from "./recorded-day.ts";

const PROJECT = join(import.meta.dirname, "..", "..");
const STAGE = "production";

async function main([directory = "", perSecond = "10"]: readonly string[]): Promise<void> {
  const assemblyDirectory = join(directory, "cdk.out");
  // The recorded day costs more than any limit: the spend breaker would block what is measured.
  const context = {
    alarmEmail: "on-call@example.com",
    probeMinutes: "0",
    regions: "",
    spendBreaker: "false",
  };
  await synthesise({ projectDirectory: PROJECT, stage: STAGE, outDirectory: assemblyDirectory, context });
  const { front } = await readPlan(assemblyDirectory);
  if (front === undefined) throw new Error("the stage has no Function URL");
  const { functionName, logGroupName, region } = front.source.definition;
  const day = { stage: STAGE, region, functionName, logGroupName };
  const dataDirectory = join(directory, "data");
  const requestsPerSecond = Number(perSecond);
  await writeRecordedDay(join(dataDirectory, STAGE, "journal.jsonl"), {
    ...day,
    requestsPerSecond,
    endMs: Date.now(),
  });
  const system = await startRuntime({
    assemblyDirectory,
    stage: STAGE,
    dataDirectory,
    clock: systemClock(),
    requestColumns: REQUEST_COLUMNS,
    ports: {
      page: 0,
      url: 0,
      aws: 0,
    },
    model: "scripted",
    latency: "none",
    callerEnvironment: {},
    log: (message, cause) => process.stderr.write(`${message}: ${String(cause)}\n`),
  });
  process.stdout.write(`${JSON.stringify({ ...system.addresses, token: system.token })}\n`);
  process.once("SIGTERM", () => void system.stop());
}

await main(process.argv.slice(2));
