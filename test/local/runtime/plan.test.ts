import { expect, test } from "vitest";
import type { Emulated } from "../../../local/assembly/emulated.ts";
import { homeRegionParts } from "../../../local/runtime/plan.ts";

const arn = (region: string) => `arn:aws:lambda:${region}:123456789012:function:agent`;

/** An application in two Regions, and a bill watched in the second. */
const EMULATED = {
  functions: ["us-west-2", "us-east-1"].map((region) => ({ definition: { region } })),
  schedules: ["us-west-2", "us-east-1"].map((region) => ({ functionArn: arn(region) })),
  customResources: ["us-west-2", "us-east-1"].map((region) => ({ serviceToken: arn(region) })),
  urls: ["us-west-2", "us-east-1"].map((region) => ({ functionArn: arn(region) })),
  alarms: [
    { region: "us-west-2", definition: { alarmName: "here", namespace: "WristAgent" } },
    { region: "us-east-1", definition: { alarmName: "there", namespace: "WristAgent" } },
    { region: "us-east-1", definition: { alarmName: "bill", namespace: "AWS/Billing" } },
  ],
} as unknown as Emulated;

test("of several Regions one runs, and the bill is watched wherever it is", () => {
  const { emulated, notices } = homeRegionParts(EMULATED, "us-west-2");
  for (const part of ["functions", "schedules", "customResources", "urls"] as const)
    expect(emulated[part]).toEqual([EMULATED[part][0]]);
  expect(emulated.alarms.map(({ definition }) => definition.alarmName)).toEqual(["here", "bill"]);
  expect(notices).toEqual([
    "functions, schedules and alarms of us-east-1 do nothing here: the local runtime runs those of us-west-2",
  ]);
});

test("a Region without functions, where the bill is, stays whole", () => {
  const alone = { ...EMULATED, functions: EMULATED.functions.slice(0, 1) };
  expect(homeRegionParts(alone, "us-west-2")).toMatchObject({
    emulated: { alarms: EMULATED.alarms },
    notices: [],
  });
});
