import { describe, expect, it } from "vitest";
import { metricsRead } from "../../support/emitted-metrics.ts";
import { propertiesOf, templates, type Properties } from "../../support/synthesise.ts";

const FULL = { monitoringProfile: "full", alarmEmail: "ann@example.com" };
const { monitoring } = templates({ stage: "production", context: FULL });

function named(type: string, key: string): Properties {
  const alarm = propertiesOf(monitoring, `AWS::CloudWatch::${type}`).find(
    ({ AlarmName }) => AlarmName === `wrist-agent-production-${key}`,
  );
  if (alarm === undefined) throw new Error(`no ${type} ${key}`);
  return alarm;
}

function topicOf(alarm: Properties): string {
  const [action] = alarm.AlarmActions as readonly { Ref: string }[];
  return action?.Ref ?? "";
}

function childrenOf({ AlarmRule }: Properties): readonly string[] {
  return [...(AlarmRule as string).matchAll(/ALARM\("wrist-agent-production-([^"]+)"\)/g)].map(
    ([, key = ""]) => key,
  );
}

describe("down", () => {
  const down = named("CompositeAlarm", "down");

  it("pages for every outage alarm, which then tells by ticket", () => {
    expect(topicOf(down)).toMatch(/Page/);
    expect(down.OKActions).toEqual(down.AlarmActions);
    const children = childrenOf(down);
    expect(children).toEqual(
      expect.arrayContaining(["failing-now", "lambda-errors", "url-5xx", "throttles", "fast-burn"]),
    );
    expect(down.AlarmRule).toBe(children.map((key) => `ALARM("wrist-agent-production-${key}")`).join(" OR "));
    for (const key of children)
      expect(topicOf(named(key === "fast-burn" ? "CompositeAlarm" : "Alarm", key))).toMatch(/Ticket/);
  });

  it("keeps quiet while model-configuration, which pages by itself, names the cause", () => {
    expect(JSON.stringify(down.ActionsSuppressor)).toContain("modelconfiguration");
    expect(down).toMatchObject({ ActionsSuppressorWaitPeriod: 120, ActionsSuppressorExtensionPeriod: 1800 });
    expect(topicOf(named("Alarm", "model-configuration"))).toMatch(/Page/);
  });

  it("is made after its parts, which its rule only names", () => {
    const resources = monitoring.findResources("AWS::CloudWatch::CompositeAlarm", {
      Properties: { AlarmName: "wrist-agent-production-down" },
    });
    const [{ DependsOn = [] } = {}] = Object.values(resources) as { DependsOn?: readonly string[] }[];
    expect(DependsOn).toHaveLength(childrenOf(down).length);
  });

  it("is the first alarm on the dashboard", () => {
    const body = propertiesOf(monitoring, "AWS::CloudWatch::Dashboard").find(({ DashboardName }) =>
      String(DashboardName).endsWith("on-call"),
    )?.DashboardBody;
    const [, first = ""] = /"alarms\\?":\[.*?"Fn::GetAtt":\["([^"]+)"/.exec(JSON.stringify(body)) ?? [];
    expect(first).toMatch(/Down/);
  });
});

describe("without the full profile", () => {
  it("there is no composite, and outages page by themselves", () => {
    const other = templates({ stage: "production" }).monitoring;
    other.resourceCountIs("AWS::CloudWatch::CompositeAlarm", 0);
    const failingNow = propertiesOf(other, "AWS::CloudWatch::Alarm").find(({ AlarmName }) =>
      String(AlarmName).endsWith("failing-now"),
    );
    expect(topicOf(failingNow ?? {})).toMatch(/Page/);
  });
});

describe("burn alarms", () => {
  it.each(["fast-burn", "slow-burn"])("%s tells of its two windows, whose own mail is off", (key) => {
    const composite = named("CompositeAlarm", key);
    expect(composite.AlarmRule).toMatch(/^ALARM\("[^"]+-long"\) AND ALARM\("[^"]+-short"\)$/);
    expect(composite.AlarmActions).toHaveLength(1);
    for (const child of childrenOf(composite))
      expect(named("Alarm", child)).toMatchObject({
        ActionsEnabled: false,
        AlarmActions: [expect.anything()],
        OKActions: [expect.anything()],
      });
  });

  it.each([
    ["90", "30", "fast-burn can never fire, as even a total failure burns the budget only 10 times"],
    [
      "99.5",
      "5",
      "a single harmless failure uses up the month, which allows 0.75; state SLO_PERCENT 99 or less",
    ],
    ["99.9", "30", "a single harmless failure uses up the month, which allows 0.90"],
  ])(
    "SLO_PERCENT %s at %s requests a day is refused with the reason",
    (sloPercent, requestsPerDay, reason) => {
      expect(() => templates({ context: { ...FULL, sloPercent, requestsPerDay } })).toThrow(reason);
    },
  );

  it("and no traffic is refused for them without the full profile", () => {
    expect(() => templates({ context: { sloPercent: "99.9", requestsPerDay: "30" } })).not.toThrow();
  });
});

describe("the full profile", () => {
  it("reads at most forty alarm metrics: four dollars a month, and half a dollar for each composite", () => {
    const alarms = propertiesOf(monitoring, "AWS::CloudWatch::Alarm");
    expect(alarms.flatMap(metricsRead).length).toBeLessThanOrEqual(40);
    expect(propertiesOf(monitoring, "AWS::CloudWatch::CompositeAlarm").length).toBeLessThanOrEqual(4);
  });
});
