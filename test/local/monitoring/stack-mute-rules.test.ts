import { expect, test } from "vitest";
import { CloudWatchRegion } from "../../../local/monitoring/cloudwatch-region.ts";
import { putStackMuteRules } from "../../../local/monitoring/stack-alarms.ts";

const NOW = Date.UTC(2026, 10, 23, 12);

test("the templates' mute rules are put in their Region, and one that CloudWatch would refuse is named", () => {
  const region = new CloudWatchRegion({ region: "eu-west-1", accountId: "123456789012" });
  const rule = { name: "nights", expression: "cron(0 2 * * *)", duration: "PT1H", alarmNames: ["errors"] };
  const sources = [
    { region: "eu-west-1", rule },
    { region: "eu-west-1", rule: { ...rule, name: "often", expression: "rate(1 hour)" } },
    { region: "us-east-1", rule: { ...rule, name: "elsewhere" } },
  ];
  expect(putStackMuteRules([region], sources, NOW)).toEqual([
    expect.stringMatching(/^mute rule often does nothing here: Expression "rate\(1 hour\)" must be cron\(/),
  ]);
  expect(region.alarms.muteRules()).toEqual([{ ...rule, updatedMs: NOW }]);
});
