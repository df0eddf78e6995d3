import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { alarmsOf } from "cw-alarm-test";
import { backtestPage } from "cw-alarm-test/backtest/backtest-page";
import { comparedAlarms } from "cw-alarm-test/backtest/backtest-report";
import { METRICS_FORMAT, type RecordedMetrics } from "cw-alarm-test/backtest/recorded-metrics";
import { replayMetrics } from "cw-alarm-test/backtest/replay-metrics";
import type { TemplateAlarms } from "cw-alarm-test/template-alarms";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../support/chromium.ts";
import { poorTexts } from "../support/contrast.ts";

const DAY_MS = 86_400_000;
const FROM_MS = Date.UTC(2026, 0, 5);
const NAME = "WristAgent-production-a-long-name-of-an-alarm-that-nobody-would-type";

function alarms(threshold: number): TemplateAlarms {
  const properties = {
    AlarmName: NAME,
    Namespace: "Shop",
    MetricName: "Errors",
    Statistic: "Sum",
    Period: 300,
    EvaluationPeriods: 1,
    Threshold: threshold,
    ComparisonOperator: "GreaterThanOrEqualToThreshold",
    TreatMissingData: "notBreaching",
  };
  return alarmsOf({ Resources: { Errors: { Type: "AWS::CloudWatch::Alarm", Properties: properties } } })
    .templates;
}

const recorded: RecordedMetrics = {
  format: METRICS_FORMAT,
  fromMs: FROM_MS,
  toMs: FROM_MS + DAY_MS,
  history: [],
  series: [
    {
      region: "us-east-1",
      namespace: "Shop",
      metricName: "Errors",
      dimensions: {},
      statistic: "Sum",
      periodSeconds: 60,
      stepSeconds: 60,
      startMs: FROM_MS,
      values: Array.from({ length: 1440 }, (_, minute) => (minute % 400 < 5 ? 2 : 0)),
    },
  ],
};

function replayed(templates: TemplateAlarms) {
  const replayable = templates.alarms.map((alarm) => ({ alarm, fromMs: FROM_MS }));
  const incidents = [{ name: "the till was down", fromMs: FROM_MS, toMs: FROM_MS + 600_000 }];
  return replayMetrics({ templates, replayable, recorded, incidents });
}

let browser: Browser;
let folder: string;
let address: string;

beforeAll(async () => {
  browser = await launchChromium();
  folder = await mkdtemp(join(tmpdir(), "backtest-page-"));
  const [old, fresh] = [alarms(20), alarms(4)];
  const [before, result] = [replayed(old), replayed(fresh)];
  const file = join(folder, "backtest.html");
  const shown = { result, compared: comparedAlarms(before, result), recorded };
  await writeFile(file, backtestPage({ ...shown, alarms: [...old.alarms, ...fresh.alarms] }));
  address = pathToFileURL(file).href;
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

async function opened(width: number, colorScheme: "light" | "dark") {
  const page: Page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(address);
  return { page, requests };
}

test.each([
  [390, "light"],
  [390, "dark"],
  [1440, "light"],
] as const)("a backtest is read at %i px, %s, and asks nobody for anything", async (width, scheme) => {
  const { page, requests } = await opened(width, scheme);
  await expect
    .poll(() => page.evaluate("document.documentElement.scrollWidth - innerWidth"))
    .toBeLessThanOrEqual(0);
  const scrolled =
    "[...document.querySelectorAll('.scroll')].map((each) => each.scrollWidth - each.clientWidth)";
  await expect.poll(() => page.evaluate(scrolled)).toEqual([0, 0]);
  await expect.poll(() => page.locator("table").first().textContent()).toContain(`${NAME}0 → 4`);
  expect(await poorTexts(page)).toEqual([]);
  expect(requests).toEqual([address]);
  await page.close();
});
