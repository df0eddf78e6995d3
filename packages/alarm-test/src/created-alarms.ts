import { MetricStore } from "@wrist-agent/cloudwatch/metrics/metric-store";
import { Simulation } from "./simulation.ts";
import type { ResourceHome, TemplateAlarms, UnusableAlarm } from "./template-alarms.ts";

/** The alarms as CloudWatch takes them: those that it would refuse are invalid, in its own words, like those that cannot be read. */
export function createdAlarms(templates: TemplateAlarms): TemplateAlarms {
  const { alarms, muteRules } = templates;
  const simulation = new Simulation({ alarms, muteRules, store: () => new MetricStore(), startMs: 0 });
  const refused = simulation.invalid.map(unusable);
  const taken = alarms.filter((alarm) => !refused.some((each) => isSameResource(each, alarm)));
  const waiting = taken.filter((alarm) => !simulation.isRunning(alarm));
  return {
    ...templates,
    alarms: taken.filter((alarm) => simulation.isRunning(alarm)),
    muteRules: muteRules.filter((rule) => !refused.some((each) => isSameResource(each, rule))),
    invalid: [
      ...templates.invalid,
      ...refused,
      ...waiting.map((alarm) =>
        unusable({ ...alarm, reason: "it names an alarm that would not be created either" }),
      ),
    ],
  };
}

function unusable({ logicalId, stackName, region, accountId, reason }: UnusableAlarm): UnusableAlarm {
  return { logicalId, stackName, region, accountId, reason };
}

function isSameResource(one: ResourceHome, other: ResourceHome): boolean {
  return (
    one.logicalId === other.logicalId && one.stackName === other.stackName && one.region === other.region
  );
}
