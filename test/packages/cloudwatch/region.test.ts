import { describe, expect, test } from "vitest";
import { alarmArn } from "@wrist-agent/cloudwatch/alarm";
import { checkAlarmBasics } from "@wrist-agent/cloudwatch/alarms/alarm-limits";
import { partitionOf, regionName, urlSuffix } from "@wrist-agent/cloudwatch/region";

describe("a Region", () => {
  test.each([
    ["us-east-1", "aws", "US East (N. Virginia)", "amazonaws.com"],
    ["us-gov-west-1", "aws-us-gov", "AWS GovCloud (US-West)", "amazonaws.com"],
    ["cn-north-1", "aws-cn", "China (Beijing)", "amazonaws.com.cn"],
    ["xx-new-1", "aws", "xx-new-1", "amazonaws.com"],
  ])("%s has its partition, its name and the end of its addresses", (region, ...known) => {
    expect([partitionOf(region), regionName(region), urlSuffix(region)]).toEqual(known);
  });

  test("an alarm's ARN is in its partition, and so are its actions", () => {
    const home = { region: "us-gov-west-1", accountId: "123456789012" };
    const basics = {
      alarmName: "errors",
      alarmActions: ["arn:aws-us-gov:sns:us-gov-west-1:123456789012:ops"],
    };
    expect(alarmArn(home, "errors")).toBe(
      "arn:aws-us-gov:cloudwatch:us-gov-west-1:123456789012:alarm:errors",
    );
    expect(() => checkAlarmBasics(basics, home)).not.toThrow();
    expect(() =>
      checkAlarmBasics({ ...basics, alarmActions: ["arn:aws:sns:us-gov-west-1:123456789012:ops"] }, home),
    ).toThrow("Invalid partition aws specified. Only aws-us-gov is supported.");
  });
});
