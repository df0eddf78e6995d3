import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { alarmsOf, loadAlarms, simulate } from "cw-alarm-test";
import "cw-alarm-test/vitest";
import { alarmMatchers } from "cw-alarm-test/matchers";
import { beforeAll, describe, expect, test } from "vitest";

/** A stack as an app of anybody has it. */
function template(): Template {
  const stack = new Stack(new App({ context: { "aws:cdk:bundling-stacks": [] } }), "Shop");
  const handler = new LambdaFunction(stack, "Handler", {
    runtime: Runtime.NODEJS_22_X,
    handler: "index.handler",
    code: Code.fromInline("exports.handler = () => {}"),
  });
  new Alarm(stack, "Errors", {
    metric: handler.metricErrors(),
    threshold: 3,
    evaluationPeriods: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  return Template.fromStack(stack);
}

describe("the API", () => {
  let shop: Template;
  let alarm = "";

  beforeAll(() => {
    shop = template();
    alarm = alarmsOf(shop).alarms[0]?.logicalId ?? "";
  });

  test("alarmsOf lists alarms with condition and dimensions", () => {
    expect(alarmsOf(shop).alarms).toMatchObject([
      {
        condition: "Sum of Errors >= 3 for 1 of 1 periods of 300 s",
        metrics: [
          expect.stringMatching(/^AWS\/Lambda Errors \{FunctionName=Stack-Handler886CB40B-[0-9A-F]{12}\}$/),
        ],
      },
    ]);
  });

  test("loadAlarms reads a cloud assembly, and alarmsOf says so of a folder", async () => {
    const outdir = await mkdtemp(join(tmpdir(), "assembly-"));
    const app = new App({ outdir, context: { "aws:cdk:bundling-stacks": [] } });
    for (const name of ["Shop", "Till"])
      new Alarm(new Stack(app, name), "Errors", {
        alarmName: `${name}-errors`,
        metric: new Metric({ namespace: name, metricName: "Errors" }),
        threshold: 1,
        evaluationPeriods: 1,
      });
    app.synth();
    const { alarms } = await loadAlarms(outdir);
    expect(alarms.map(({ name }) => name)).toEqual(["Shop-errors", "Till-errors"]);
    expect(() => alarmsOf(outdir)).toThrow(
      `${outdir} is a folder: read a cloud assembly with await loadAlarms(`,
    );
    expect(() => alarmsOf(join(outdir, "none.yaml"))).toThrow("give the path of a template");
  });

  test("simulate replays series; namespace and dimensions follow from the alarm", () => {
    const run = simulate(shop, { series: [{ metric: "Errors", values: "0x3 5 _x10" }] });
    expect(run.transitions(alarm)).toEqual([
      expect.objectContaining({ at: "1m", state: "OK" }),
      expect.objectContaining({ at: "5m", state: "ALARM" }),
    ]);
    expect([run.stateOf(alarm, "3m"), run.stateOf(alarm)]).toEqual(["OK", "ALARM"]);
    expect(run.explain(alarm)).toContain("condition: Sum of Errors >= 3");
  });

  test("the matchers read as a sentence", () => {
    const outage = { metric: "Errors", values: "0x3 5x4 _x20" };
    expect(shop).toAlarm({ alarm, when: outage, within: "5m" });
    expect(shop).not.toAlarm({ alarm, when: outage, within: "4m" });
    expect(shop).toStayQuiet({ alarm, when: { metric: "Errors", values: "0x3 1 0x20" } });
    expect(shop).not.toStayQuiet({ alarm, when: outage });
    expect(shop).toRecover({ alarm, when: outage, within: "20m" });
    expect(shop).not.toRecover({ alarm, when: outage, within: "2m" });
  });

  test("a failure says what the alarm did, and what it saw", () => {
    expect(() => expect(shop).toAlarm({ alarm, when: { metric: "Errors", values: "0x5" } })).toThrow(
      new RegExp(
        `expected ${alarm} to go into ALARM; its transitions in 6m: 1m OK\\ncondition: Sum of Errors`,
      ),
    );
  });

  test.each<[string, () => unknown, RegExp]>([
    [
      "an unknown alarm",
      () => simulate(shop, { series: [] }).stateOf("Nobody"),
      /no alarm is named "Nobody"/,
    ],
    [
      "an unknown metric",
      () => simulate(shop, { series: [{ metric: "Sales", values: "1" }] }),
      /no alarm reads a metric named "Sales"/,
    ],
    [
      "bad values",
      () => simulate(shop, { series: [{ metric: "Errors", values: "1y" }] }),
      /"1y" is no item of values/,
    ],
    ["a bad time", () => simulate(shop, { series: [], for: "soon" }), /"soon" is no time/],
    [
      "quiet without data",
      () => alarmMatchers.toStayQuiet(shop, { alarm, when: [] }),
      /no series feeds AWS\/Lambda Errors/,
    ],
    ["no template", () => alarmMatchers.toAlarm(5, { alarm, when: [] }), /expect\(…\) takes a template/],
  ])("%s is refused", (_name, act, message) => {
    expect(act).toThrow(message);
  });

  test("Jest gets the same matchers", async () => {
    const given: unknown[] = [];
    Object.assign(globalThis, { expect: { extend: (matchers: unknown) => given.push(matchers) } });
    try {
      await import("cw-alarm-test/jest");
    } finally {
      Reflect.deleteProperty(globalThis, "expect");
    }
    expect(given).toEqual([alarmMatchers]);
  });
});
