import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type StartedProcess, startProcess } from "../test/support/started-process.ts";
import type { Bench, Figure } from "./bench.ts";
import { median } from "./median.ts";

const ROUNDS = 5;
const DAY_SECONDS = 86_400;

/** What the largest query of metrics that is allowed costs a request beside it. */
export const bench: Bench = {
  description:
    "an answer of the thread that serves, beside the largest GetMetricData allowed against without it",
  async run() {
    const directory = await mkdtemp(join(tmpdir(), "wrist-agent-query-"));
    const system = await startProcess(directory);
    try {
      return await measure(system);
    } finally {
      await system.end("SIGINT");
      await rm(directory, { recursive: true });
    }
  },
};

async function measure({ ready }: StartedProcess): Promise<readonly Figure[]> {
  const queries: number[] = [];
  const beside: number[] = [];
  const without: number[] = [];
  await largestQuery(ready.awsEndpoint);
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    const query = largestQuery(ready.awsEndpoint).then(() => queries.push(performance.now() - began));
    beside.push(await slowestAnswer(ready.page, query));
    const asLong = new Promise((resolve) => setTimeout(resolve, queries.at(-1)));
    without.push(await slowestAnswer(ready.page, asLong));
  }
  return [
    { name: "the largest query, median", value: median(queries), unit: "ms" },
    { name: "slowest answer in as long a time without it, median", value: median(without), unit: "ms" },
    { name: "slowest answer beside it, median", value: median(beside), unit: "ms" },
  ];
}

/** Nearly ten million periods, of which an answer holds a hundred thousand. */
async function largestQuery(awsEndpoint: string): Promise<void> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const MetricDataQueries = Array.from({ length: 17 }, (_none, at) => ({
    Id: `e${at}`,
    Expression: "TIME_SERIES(1)",
    Period: 60,
  }));
  const response = await fetch(awsEndpoint, {
    method: "POST",
    headers: {
      "x-amz-target": "GraniteServiceVersion20100801.GetMetricData",
      "content-type": "application/x-amz-json-1.0",
    },
    body: JSON.stringify({
      MetricDataQueries,
      StartTime: nowSeconds - 400 * DAY_SECONDS,
      EndTime: nowSeconds,
    }),
  });
  const answer = await response.text();
  if (response.status !== 200) throw new Error(`the query was answered ${response.status}: ${answer}`);
}

/** Milliseconds of the slowest of the answers that come one after the other until something is over. */
async function slowestAnswer(page: string, until: Promise<unknown>): Promise<number> {
  const over = until.then(() => "over" as const);
  let slowest = 0;
  for (let state = ""; state !== "over";) {
    const began = performance.now();
    await (await fetch(`${page}/api/mails`)).text();
    slowest = Math.max(slowest, performance.now() - began);
    state = await Promise.race([over, new Promise<string>((resolve) => setTimeout(resolve, 5, "under way"))]);
  }
  return slowest;
}
