import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "../test/support/chromium.ts";
import type { Bench, Figure } from "./bench.ts";
import { median } from "./median.ts";

const REQUESTS_PER_SECOND = 10;
const WARM_UP = 20;
/** Short and many: what else a machine does then falls on both states alike. */
const ROUNDS = 8;
const PHASE_MS = 8000;
/** The first seconds of a page are its opening, not its steady state: a browser starts a process for it. */
const OPENING_MS = 5000;
/** More refused requests than these mean that the machine is too busy to measure anything. */
const MAX_REFUSED_SHARE = 0.01;

/** What an open page costs the requests beside it, and what the page itself costs. */
export const bench: Bench = {
  description:
    "a Function URL request with a dashboard open against one without, a day at 10 requests a second recorded",
  async run() {
    const system = await startSystem();
    const browser = await launchChromium();
    try {
      return await measure(system, browser);
    } finally {
      await browser.close();
      await system.stop();
    }
  },
};

interface System {
  readonly page: string;
  readonly functionUrl: string;
  readonly token: string;
  readonly stop: () => Promise<void>;
}

async function startSystem(): Promise<System> {
  const directory = await mkdtemp(join(tmpdir(), "wrist-agent-page-"));
  const program = join(import.meta.dirname, "page", "system.ts");
  const flags = ["--conditions=source", "--import", "tsx"];
  const child = spawn(process.execPath, [...flags, program, directory, String(REQUESTS_PER_SECOND)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const first = await new Promise<string>((resolve) =>
    createInterface({ input: child.stdout }).once("line", resolve),
  );
  return {
    ...(JSON.parse(first) as Omit<System, "stop">),
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
      await rm(directory, { recursive: true });
    },
  };
}

async function measure(system: System, browser: Browser): Promise<readonly Figure[]> {
  // One after the other first: a burst would start an execution environment for each.
  for (let n = 0; n < WARM_UP; n += 1) await requestTime(system.functionUrl, system.token);
  await requestTimes(system, OPENING_MS);
  const times: Record<"without" | "opening" | "open", number[]> = { without: [], opening: [], open: [] };
  const pages: PageFigures[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    times.without.push(...(await requestTimes(system, PHASE_MS)));
    const [opened, opening] = await Promise.all([
      openDashboard(system, browser),
      requestTimes(system, OPENING_MS),
    ]);
    times.opening.push(...opening);
    times.open.push(...(await requestTimes(system, PHASE_MS)));
    pages.push(await opened.close());
  }
  requireAnswers([...times.without, ...times.open]);
  const [without, open] = [percentile(times.without, 0.99), percentile(times.open, 0.99)];
  const most = (pick: (figures: PageFigures) => number): number => Math.max(...pages.map(pick));
  return [
    { name: "request p50, no page", value: percentile(times.without, 0.5), unit: "ms" },
    { name: "request p50, dashboard of a day open", value: percentile(times.open, 0.5), unit: "ms" },
    { name: "request p99, no page", value: without, unit: "ms" },
    { name: "request p99, dashboard of a day open", value: open, unit: "ms" },
    { name: "request p99, open over none", value: open / without, unit: "times" },
    { name: "request p99, while it opens", value: percentile(times.opening, 0.99), unit: "ms" },
    {
      name: "first useful picture, median",
      value: median(pages.map(({ pictureMs }) => pictureMs)),
      unit: "ms",
    },
    {
      name: "first useful picture, worst of the rounds",
      value: most(({ pictureMs }) => pictureMs),
      unit: "ms",
    },
    { name: "longest task in steady state", value: most(({ longestTaskMs }) => longestTaskMs), unit: "ms" },
    { name: "page on the wire", value: most(({ pageBytes }) => pageBytes) / 1000, unit: "kB" },
    {
      name: "steady state on the wire",
      value: most(({ steadyBytesPerSecond }) => steadyBytesPerSecond) / 1000,
      unit: "kB/s",
    },
  ];
}

/** Milliseconds of each request, sent at a fixed pace whether or not the one before is answered. */
async function requestTimes({ functionUrl, token }: System, forMs: number): Promise<readonly number[]> {
  const until = performance.now() + forMs;
  const underway: Promise<number>[] = [];
  while (performance.now() < until) {
    const request = requestTime(functionUrl, token);
    // Awaited below: one that fails before must not end the process, which would leave the system behind.
    request.catch(() => undefined);
    underway.push(request);
    await new Promise((resolve) => setTimeout(resolve, 1000 / REQUESTS_PER_SECOND));
  }
  return Promise.all(underway);
}

/** A request that found all environments busy would have waited for ever. */
const REFUSED_MS = Infinity;

function requireAnswers(times: readonly number[]): void {
  const refused = times.filter((time) => time === REFUSED_MS).length;
  if (refused > times.length * MAX_REFUSED_SHARE)
    throw new Error(
      `${refused} of ${times.length} requests found every environment busy: this machine does too much else, measure again later`,
    );
}

/** Lambda's own words; the agent answers 429 too, to what the spend limit blocks. */
function isLambdaThrottle(body: string): boolean {
  return body.includes("Rate Exceeded");
}

async function requestTime(url: string, token: string): Promise<number> {
  const started = performance.now();
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", "x-client-token": token },
    body: JSON.stringify({ text: "water the fern tonight", mode: "reminder" }),
  });
  const body = await response.text();
  if (response.status === 429 && isLambdaThrottle(body)) return REFUSED_MS;
  if (response.status !== 200) throw new Error(`a request was answered with ${response.status}: ${body}`);
  return performance.now() - started;
}

interface PageFigures {
  readonly pictureMs: number;
  readonly longestTaskMs: number;
  readonly pageBytes: number;
  readonly steadyBytesPerSecond: number;
}

interface OpenedPage {
  readonly close: () => Promise<PageFigures>;
}

async function openDashboard(system: System, browser: Browser): Promise<OpenedPage> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
  const wire = await wireMeter(page);
  await page.addInitScript(
    `window.tasks = []; new PerformanceObserver((list) => list.getEntries().forEach((one) => window.tasks.push([one.startTime, one.duration]))).observe({ type: "longtask", buffered: true });`,
  );
  const started = performance.now();
  await page.goto(`${system.page}/#/dashboards?range=1d`);
  await page.waitForSelector(".grid canvas");
  const pictureMs = performance.now() - started;
  const pageBytes = wire.bytes("/", "/main.js", "/page.css");
  const openedMs = performance.now();
  return {
    close: async () => {
      const seconds = (performance.now() - openedMs) / 1000;
      const tasks = await page.evaluate<[number, number][]>("window.tasks");
      const steady = tasks.filter(([startMs]) => startMs > OPENING_MS).map(([, duration]) => duration);
      await page.close();
      const steadyBytesPerSecond = (wire.bytes() - pageBytes) / seconds;
      return { pictureMs, longestTaskMs: Math.max(0, ...steady), pageBytes, steadyBytesPerSecond };
    },
  };
}

interface WireMeter {
  /** Bytes as they came, of some paths or of all. */
  readonly bytes: (...paths: string[]) => number;
}

async function wireMeter(page: Page): Promise<WireMeter> {
  const client = await page.context().newCDPSession(page);
  const paths = new Map<string, string>();
  const received = new Map<string, number>();
  await client.send("Network.enable");
  client.on("Network.requestWillBeSent", ({ requestId, request }) =>
    paths.set(requestId, new URL(request.url).pathname),
  );
  client.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const path = paths.get(requestId) ?? "";
    received.set(path, (received.get(path) ?? 0) + encodedDataLength);
  });
  return {
    bytes: (...wanted) =>
      [...received].reduce(
        (sum, [path, bytes]) => (wanted.length === 0 || wanted.includes(path) ? sum + bytes : sum),
        0,
      ),
  };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
