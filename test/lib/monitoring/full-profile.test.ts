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

const { monitoring: free } = templates({ stage: "production" });

/** Keys of the alarms that a topic hears of. */
function notifying(of: typeof monitoring, topic: RegExp): readonly string[] {
  return ["Alarm", "CompositeAlarm"]
    .flatMap((type) => propertiesOf(of, `AWS::CloudWatch::${type}`))
    .filter((alarm) => alarm.ActionsEnabled !== false && topic.test(topicOf(alarm)))
    .map(({ AlarmName }) => String(AlarmName).replace("wrist-agent-production-", ""))
    .sort();
}

describe("what pages", () => {
  it.each([
    ["default", free],
    ["full", monitoring],
  ])("in the %s profile is the probe and failing users alone, each by itself and at once", (_profile, of) => {
    expect(notifying(of, /Page/)).toEqual(["failing-now", "probe-failing"]);
    expect(JSON.stringify(propertiesOf(of, "AWS::CloudWatch::CompositeAlarm"))).not.toContain("Suppressor");
  });

  it.each([
    ["default", ["failing-now", "lambda-errors", "throttles"]],
    ["full", ["failing-now", "lambda-errors", "model-configuration", "throttles", "url-5xx"]],
  ])("in the %s profile without a probe is what else finds an outage", (monitoringProfile, keys) => {
    const context = { ...FULL, monitoringProfile, probeMinutes: "0" };
    expect(notifying(templates({ stage: "production", context }).monitoring, /Page/)).toEqual(keys);
  });
});

describe("failing-often", () => {
  const composite = named("CompositeAlarm", "failing-often");

  it("notifies once of what four alarms see, whose own mail is off", () => {
    expect(topicOf(composite)).toMatch(/Ticket/);
    expect(composite.OKActions).toEqual(composite.AlarmActions);
    const children = childrenOf(composite);
    expect(children).toEqual(["intermittent-failures", "failing-share", "fast-burn", "slow-burn"]);
    expect(composite.AlarmRule).toBe(
      children.map((key) => `ALARM("wrist-agent-production-${key}")`).join(" OR "),
    );
    for (const key of children)
      expect(named(key.endsWith("burn") ? "CompositeAlarm" : "Alarm", key).ActionsEnabled).toBe(false);
  });

  it("is made after its parts, which its rule only names", () => {
    const resources = monitoring.findResources("AWS::CloudWatch::CompositeAlarm", {
      Properties: { AlarmName: "wrist-agent-production-failing-often" },
    });
    const [{ DependsOn = [] } = {}] = Object.values(resources) as { DependsOn?: readonly string[] }[];
    expect(DependsOn).toHaveLength(childrenOf(composite).length);
  });

  it("is not there in the default profile, where its parts notify by themselves", () => {
    free.resourceCountIs("AWS::CloudWatch::CompositeAlarm", 0);
    expect(notifying(free, /Ticket/)).toEqual(
      expect.arrayContaining(["failing-share", "intermittent-failures"]),
    );
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

it("an alarm's logical id follows from its name or key: another id would replace the alarm at the next deploy", () => {
  const resources = Object.entries(
    monitoring.toJSON().Resources as Readonly<Record<string, { Type: string; Properties: Properties }>>,
  );
  const alarms = resources.filter(([, { Type }]) => /^AWS::CloudWatch::(Composite)?Alarm$/.test(Type));
  expect(alarms.length).toBeGreaterThan(20);
  for (const [logicalId, { Properties: alarm }] of alarms) {
    const name = String(alarm.AlarmName);
    const key = name.replace("wrist-agent-production-", "");
    const pascal = key.replaceAll(/(?:^|-)(\w)/g, (_all, letter: string) => letter.toUpperCase());
    expect(logicalId).toMatch(new RegExp(`^Monitoring(${name.replaceAll("-", "")}|${pascal})[0-9A-F]{8}$`));
  }
});
