import { describe, expect, it } from "vitest";
import { STAGES } from "../../lib/config/stage.ts";
import { synthesise } from "./synthesise.ts";

const HAIKU = "anthropic.claude-haiku-4-5-20251001-v1:0";

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Export?: { readonly Name: string } }>>;
}

/** Properties that end in Name and name nothing of their own, or only within a role, function or service of AWS. */
const NO_PHYSICAL_NAME = new Set([
  "AWS::IAM::Policy PolicyName",
  "AWS::Lambda::Alias FunctionName",
  "AWS::Lambda::Alias Name",
  "AWS::Lambda::Version FunctionName",
  "AWS::CloudWatch::Alarm MetricName",
  "AWS::SNS::Topic DisplayName",
]);

/** Physical names and exports in a template, with their kind; text alone, as a reference is no name. */
function namesIn(text: string): readonly string[] {
  const { Resources, Outputs = {} } = JSON.parse(text) as Template;
  const physical = Object.values(Resources).flatMap(({ Type, Properties = {} }) =>
    Object.entries(Properties)
      .filter(([key, value]) => key.endsWith("Name") && typeof value === "string")
      .filter(([key]) => !NO_PHYSICAL_NAME.has(`${Type} ${key}`))
      .map(([key, value]) => `${Type} ${key} ${String(value)}`),
  );
  const exported = Object.values(Outputs).flatMap(({ Export }) => (Export ? [`export ${Export.Name}`] : []));
  return [...physical, ...exported];
}

function twice(names: readonly string[]): readonly string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}

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
    const text = JSON.stringify([...Object.values(inRegion.get(region) ?? {})]);
    const consoles = [...text.matchAll(/https:\/\/([a-z0-9-]+)\.console\.aws/g)].map(([, found]) => found);
    expect(new Set(consoles)).toEqual(new Set([region]));
  });

  it.each(regions)("no two things in %s share a name", (region) => {
    const { application = "", monitoring = "" } = inRegion.get(region) ?? {};
    const names = [application, monitoring].flatMap(namesIn);
    expect(names.length).toBeGreaterThan(10);
    expect(twice(names)).toEqual([]);
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
