import { describe, expect, it } from "vitest";
import { STAGES } from "../../lib/config/stage.ts";
import { synthesise } from "../support/synthesise.ts";
import { dashboardsIn, metricsDrawn, namesIn, twice } from "../support/templates-read.ts";

const HAIKU = "anthropic.claude-haiku-4-5-20251001-v1:0";

describe("three Regions in one synthesis", () => {
  const regions = ["us-west-2", "us-east-1", "eu-west-1"];
  const files = synthesise({ context: { regions: regions.join(), alarmEmail: "ann@example.com" } });
  const inRegion = new Map(
    regions.map((region, index) => {
      const suffix = index === 0 ? "" : `-${region}`;
      const text = (stack: string): string => files.get(`${stack}-development${suffix}`) ?? "";
      return [region, { application: text("WristAgent"), monitoring: text("WristAgentMonitoring") }];
    }),
  );

  it("have two stacks each, the first under the names of a single Region, and one bill", () => {
    expect([...files.keys()].sort()).toEqual([
      "WristAgent-development",
      "WristAgent-development-eu-west-1",
      "WristAgent-development-us-east-1",
      "WristAgentBilling",
      "WristAgentMonitoring-development",
      "WristAgentMonitoring-development-eu-west-1",
      "WristAgentMonitoring-development-us-east-1",
    ]);
  });

  it.each([
    ["us-west-2", `us.${HAIKU}`],
    ["us-east-1", `us.${HAIKU}`],
    ["eu-west-1", `eu.${HAIKU}`],
  ])("%s asks %s and may ask no other", (region, id) => {
    const text = inRegion.get(region)?.application ?? "";
    expect(text).toContain(`"BEDROCK_MODEL_ID": "${id}"`);
    expect(text).toContain(`:inference-profile/${id}"`);
    expect(text.match(/inference-profile\//g)).toHaveLength(1);
  });

  it.each(regions)("nothing of %s points into another Region", (region) => {
    const text = JSON.stringify(Object.values(inRegion.get(region) ?? {}));
    const consoles = [...text.matchAll(/https:\/\/([a-z0-9-]+)\.console\.aws/g)].map(([, found]) => found);
    expect(new Set(consoles)).toEqual(new Set([region]));
  });

  it.each(regions)("no two things in %s share a name", (region) => {
    const { application = "", monitoring = "" } = inRegion.get(region) ?? {};
    const names = [application, monitoring].flatMap(namesIn);
    expect(names.length).toBeGreaterThan(10);
    expect(twice(names)).toEqual([]);
  });

  it.each(regions)("the on-call dashboard of %s begins with a row for each other Region", (region) => {
    const { monitoring = "" } = inRegion.get(region) ?? {};
    const onCall = dashboardsIn(monitoring).find(({ name }) => name.endsWith("-on-call"));
    const others = regions.filter((other) => other !== region);
    const rows = onCall?.widgets.filter(({ y }) => y < 6) ?? [];
    expect(rows.map(({ properties }) => properties.region)).toEqual(
      others.flatMap((other) => [other, other, other, other]),
    );
    expect(onCall?.widgets.find(({ y }) => y === 6)?.type).toBe("alarm");
  });

  it.each(regions)("each dashboard of %s stays within 50 metrics", (region) => {
    for (const { widgets } of dashboardsIn(inRegion.get(region)?.monitoring ?? ""))
      expect(metricsDrawn(widgets).length).toBeLessThanOrEqual(50);
  });

  it("no two dashboards of the account share a name, as dashboards have no Region", () => {
    const dashboards = [...files.values()].flatMap(namesIn).filter((name) => name.includes("Dashboard"));
    expect(dashboards).toHaveLength(9);
    expect(twice(dashboards)).toEqual([]);
  });
});

describe("three stages in one account and Region", () => {
  it("share no physical name and no export", () => {
    const names = STAGES.flatMap((stage) =>
      [...synthesise({ stage, context: { monitoringProfile: "full" } })]
        .filter(([stack]) => stack !== "WristAgentBilling")
        .flatMap(([stack, text]) => [`stack ${stack}`, ...namesIn(text)]),
    );
    expect(names.length).toBeGreaterThan(40);
    expect(twice(names)).toEqual([]);
  });
});
