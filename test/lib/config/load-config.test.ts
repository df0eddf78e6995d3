import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { resolveConfig } from "../../../lib/config/load-config.ts";
import { SETTINGS } from "../../../lib/config/stage-config.ts";
import type { Environment } from "../../../lib/config/setting-sources.ts";
import type { StageConfig } from "../../../lib/config/stage-config.ts";
import type { Stage } from "../../../lib/config/stage.ts";
import { configOf } from "../../support/config-of.ts";
import { PROJECT } from "../../support/synthesise.ts";

const REQUIRED = [
  "AWS_REGION=us-west-2",
  "BEDROCK_MODEL_ID=us.anthropic.claude-haiku-4-5-20251001-v1:0",
  "LAMBDA_TIMEOUT=30",
  "LAMBDA_MEMORY=256",
];

function resolve(
  lines: readonly string[],
  context: Record<string, string> = {},
  given: { stage?: Stage; environment?: Environment } = {},
): StageConfig {
  const { stage = "staging", environment = {} } = given;
  return resolveConfig({
    stage,
    fileName: `.env.${stage}`,
    fileText: [...REQUIRED, ...lines].join("\n"),
    context,
    environment,
  });
}

describe("the settings of a stage", () => {
  it.each(["development", "staging", "production"])("the file of %s is valid", (stage) => {
    expect(configOf({ stage }).stage).toBe(stage);
  });

  it.each([
    { stage: "development", timeoutSeconds: 60, memoryMegabytes: 512, tracing: false },
    { stage: "staging", timeoutSeconds: 30, memoryMegabytes: 256, tracing: false },
    { stage: "production", timeoutSeconds: 30, memoryMegabytes: 256, tracing: true },
  ])("$stage has the limits of the deployment guide", (expected) => {
    expect(configOf({ stage: expected.stage })).toMatchObject(expected);
  });

  it.each([
    ["development", "/wrist-agent/dev/client-token"],
    ["staging", "/wrist-agent/staging/client-token"],
    ["production", "/wrist-agent/client-token"],
  ])("%s keeps its token at %s", (stage, tokenParameterName) => {
    expect(configOf({ stage }).tokenParameterName).toBe(tokenParameterName);
  });

  it("have defaults where the file says nothing", () => {
    expect(resolve([])).toMatchObject({ requestsPerDay: 30, alarmEmails: [], monitoringProfile: "default" });
  });

  it("are overridden by what is given after -c", () => {
    expect(
      resolve(["MONITORING_PROFILE=default"], { monitoringProfile: "full", lambdaTimeout: "45" }),
    ).toMatchObject({
      monitoringProfile: "full",
      timeoutSeconds: 45,
    });
  });

  it("are taken from the environment over the file, and from -c over both", () => {
    const environment = { LAMBDA_TIMEOUT: "45", LAMBDA_MEMORY: "1024", MONITORING_PROFILE: "full" };
    expect(resolve(["MONITORING_PROFILE=default"], { lambdaTimeout: "50" }, { environment })).toMatchObject({
      timeoutSeconds: 50,
      memoryMegabytes: 1024,
      monitoringProfile: "full",
    });
  });

  it("are not given by an empty variable", () => {
    expect(resolve([], {}, { environment: { LAMBDA_TIMEOUT: "" } }).timeoutSeconds).toBe(30);
  });

  it.each([
    ["us-east-1", "us"],
    ["eu-west-1", "eu"],
    ["ap-northeast-1", "jp"],
    ["ap-southeast-2", "au"],
    ["ap-southeast-6", "au"],
    ["ca-central-1", "us"],
    ["us-gov-west-1", "us-gov"],
  ])("leave the geography of an auto. model to the Region: %s", (region, geography) => {
    const model = "anthropic.claude-haiku-4-5-20251001-v1:0";
    expect(resolve([], { region, modelId: `auto.${model}` }).model.id).toBe(`${geography}.${model}`);
  });

  it("name an older model's profile of Asia and the Pacific in the other Regions there", () => {
    expect(resolve([], { region: "ap-south-1", modelId: "auto.amazon.nova-lite-v1:0" }).model.id).toBe(
      "apac.amazon.nova-lite-v1:0",
    );
  });

  it("may list Regions, the first of which stands for AWS_REGION", () => {
    const model = { modelId: "auto.anthropic.claude-haiku-4-5-20251001-v1:0" };
    expect(
      resolve(["REGIONS=eu-west-1, us-east-1"], model, { environment: { AWS_REGION: "us-west-1" } }),
    ).toMatchObject({
      region: "eu-west-1",
      regions: ["eu-west-1", "us-east-1"],
    });
    expect(resolve(["REGIONS=eu-west-1"], { ...model, regions: "" })).toMatchObject({
      region: "us-west-2",
      regions: ["us-west-2"],
    });
  });

  it("tell which of them only the environment decides", () => {
    const environment = {
      AWS_REGION: "us-east-1",
      LAMBDA_TIMEOUT: "30",
      MONITORING_PROFILE: "full",
      TIME_ZONE: "UTC",
    };
    const { environmentOverrides: fromEnvironment } = resolve(
      [],
      { monitoringProfile: "default" },
      { environment },
    );
    expect(fromEnvironment).toEqual([
      { name: "region", key: "AWS_REGION", text: "us-east-1", instead: '"us-west-2" (.env.staging:1)' },
    ]);
  });

  it("may be quoted and followed by a comment", () => {
    expect(
      resolve(['TIME_ZONE="Europe/Madrid" # home', "", "# more", "MONITORING_PROFILE=full # all of it"]),
    ).toMatchObject({
      timeZone: "Europe/Madrid",
      monitoringProfile: "full",
    });
  });

  it("several addresses are separated by commas, and each is told once", () => {
    expect(resolve(["ALARM_EMAIL=a@b.co, c@d.org,a@b.co"]).alarmEmails).toEqual(["a@b.co", "c@d.org"]);
  });

  it("further models are those of the Region, each once", () => {
    const modelChoices = "us.anthropic.x-v1:0, auto.anthropic.y-v1:0,us.anthropic.x-v1:0";
    const config = resolve([], { modelChoices });
    expect(config.choices.map(({ id }) => id)).toEqual(["us.anthropic.x-v1:0", "us.anthropic.y-v1:0"]);
  });

  it("all of them are explained in docs/deploying.md", () => {
    const text = readFileSync(join(PROJECT, "docs", "deploying.md"), "utf8");
    for (const { key, context } of Object.values(SETTINGS)) {
      expect(text).toContain(`\`${key}\``);
      expect(text).toContain(`\`${context}\``);
    }
  });
});

describe("a mistake in the settings is named with its place", () => {
  it.each([
    ["LAMBDA_TIMEOUTS=3", ".env.staging:5: unknown setting LAMBDA_TIMEOUTS; did you mean LAMBDA_TIMEOUT?"],
    ["LAMBDA_TIMEOUT=40", ".env.staging:5: LAMBDA_TIMEOUT is already set in line 3"],
    ["lambda", '.env.staging:5: "lambda" is not KEY=value'],
    [
      "MONITORING_PROFILE=loud",
      '.env.staging:5: MONITORING_PROFILE is "loud": expected one of default, full',
    ],
    ["ENABLE_XRAY=yes", '.env.staging:5: ENABLE_XRAY is "yes": expected one of true, false'],
    ["TIME_ZONE=Mars/Base", '.env.staging:5: TIME_ZONE is "Mars/Base": expected an IANA time zone'],
    ["REQUESTS_PER_DAY=-1", '.env.staging:5: REQUESTS_PER_DAY is "-1": expected a number above 0'],
    ["LOG_RETENTION_DAYS=8", '.env.staging:5: LOG_RETENTION_DAYS is "8": expected one of 1, 3, 7, 14'],
    ["ALARM_EMAIL=a@b.co;c@d.org", "is not an e-mail address; separate several by commas"],
  ])("%s", (line, message) => {
    expect(() => resolve([line])).toThrow(message);
  });

  it.each([
    [
      { lambdaTimeout: "901" },
      '-c lambdaTimeout: LAMBDA_TIMEOUT is "901": expected a whole number from 1 to 900',
    ],
    [{ lambdaTimeout: "4" }, '-c lambdaTimeout: LAMBDA_TIMEOUT is "4": the agent needs 5 seconds or more'],
    [
      { lambdaMemory: "1.5" },
      '-c lambdaMemory: LAMBDA_MEMORY is "1.5": expected a whole number from 128 to 10240',
    ],
    [{ region: "Oregon" }, '-c region: AWS_REGION is "Oregon": expected a Region such as us-west-2'],
    [{ modelId: "anthropic.claude-haiku-4-5-20251001-v1:0" }, "is a bare model id"],
    [{ modelId: "us.anthropic.x-v1:0", region: "eu-west-1" }, "cannot be called from eu-west-1"],
    [{ modelId: "haiku" }, "is not an inference profile id"],
    [{ alarmEmail: "a@b" }, '"a@b" is not an e-mail address'],
    [
      { alarmEmail: Array.from({ length: 11 }, (_, n) => `a${n}@b.co`).join(",") },
      "expected at most 10 addresses",
    ],
  ])("%j", (context, message) => {
    expect(() => resolve([], context)).toThrow(message);
  });

  it("in the environment", () => {
    expect(() => resolve([], {}, { environment: { MONITORING_PROFILE: "Full" } })).toThrow(
      'environment variable MONITORING_PROFILE: MONITORING_PROFILE is "Full": expected one of default, full',
    );
  });

  it.each([
    ["lambdaTimeot", "-c lambdaTimeot: unknown setting; did you mean lambdaTimeout?"],
    ["LAMBDA_TIMEOUT", "-c LAMBDA_TIMEOUT: unknown setting; did you mean lambdaTimeout?"],
    ["alarm-email", "-c alarm-email: unknown setting; did you mean alarmEmail?"],
    ["colour", "-c colour: unknown setting; known are stage, region, "],
  ])("after -c: %s", (name, message) => {
    expect(() => resolve([], { [name]: "1" })).toThrow(message);
  });

  it("but context of other tools passes", () => {
    expect(() => resolve([], { "@aws-cdk/core:x": "true", "aws:cdk:y": "1", "acme/z": "1" })).not.toThrow();
  });

  it.each<[Record<string, string>, string]>([
    [{ tokenRotationDays: "1" }, "expected 0, or 2 days or more"],
    [
      { region: "us-gov-west-1", modelId: "global.anthropic.x-v1:0" },
      "global.anthropic.x-v1:0 cannot be called from us-gov-west-1: use us-gov.anthropic.x-v1:0",
    ],
    [{ region: "cn-north-1", modelId: "auto.anthropic.x-v1:0" }, "there is no Bedrock in China"],
    [
      { regions: "us-west-2,us-gov-west-1", modelId: "auto.anthropic.x-v1:0" },
      "they are in the partitions aws and aws-us-gov, whose accounts differ",
    ],
    [{ modelChoices: "eu.anthropic.x-v1:0" }, "eu.anthropic.x-v1:0 cannot be called from us-west-2"],
    [{ modelChoices: "us.anthropic.x-v1:0,haiku" }, "haiku is not an inference profile id"],
  ])("%j", (context, message) => {
    expect(() => resolve([], context)).toThrow(message);
  });

  it("with both places, when each value is right and the two are not", () => {
    expect(() => resolve([], { region: "eu-west-1" })).toThrow(
      '.env.staging:2: BEDROCK_MODEL_ID is "us.anthropic.claude-haiku-4-5-20251001-v1:0" and ' +
        '-c region: AWS_REGION is "eu-west-1": us.anthropic.claude-haiku-4-5-20251001-v1:0 cannot be called from eu-west-1: ' +
        "use eu.anthropic.claude-haiku-4-5-20251001-v1:0, or auto. instead of the geography, which follows the Region",
    );
  });

  it.each([
    [
      { regions: "us-west-2,eu-west-1" },
      "us.anthropic.claude-haiku-4-5-20251001-v1:0 cannot be called from eu-west-1",
    ],
    [{ regions: "us-west-2,Oregon" }, '-c regions: REGIONS is "us-west-2,Oregon": expected a Region such as'],
    [{ regions: "us-west-2, us-west-2" }, "us-west-2 is there twice"],
    [
      { regions: "us-west-2", region: "us-east-1" },
      '-c region: AWS_REGION is "us-east-1" and -c regions: REGIONS is',
    ],
    [
      { modelId: "auto.anthropic.claude-haiku-4-5-20251001-v1:0", region: "me-south-1" },
      "cannot be called from me-south-1: use global.anthropic.claude-haiku-4-5-20251001-v1:0",
    ],
    [
      { modelId: "auto.anthropic.claude-haiku-4-5-20251001-v1:0", region: "ap-south-1" },
      "cannot be called from ap-south-1: use global.",
    ],
  ])("in several Regions: %j", (context, message) => {
    expect(() => resolve([], context as Record<string, string>)).toThrow(message);
  });

  it("a setting that has no default must be there", () => {
    expect(() =>
      resolveConfig({
        stage: "staging",
        fileName: ".env.staging",
        fileText: "",
        context: {},
        environment: {},
      }),
    ).toThrow(".env.staging: AWS_REGION is missing: Region of the application and the monitoring stack");
  });
});
