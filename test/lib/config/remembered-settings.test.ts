import { describe, expect, it } from "vitest";
import { resolveConfig } from "../../../lib/config/load-config.ts";
import type { Environment } from "../../../lib/config/setting-sources.ts";
import type { StageConfig } from "../../../lib/config/stage-config.ts";
import { REMEMBERED_CONTEXT } from "../../../lib/names.ts";

const REQUIRED = [
  "AWS_REGION=us-west-2",
  "BEDROCK_MODEL_ID=us.anthropic.claude-haiku-4-5-20251001-v1:0",
  "LAMBDA_TIMEOUT=30",
  "LAMBDA_MEMORY=256",
];

function resolve(
  lines: readonly string[],
  context: Record<string, string> = {},
  { environment = {} }: { environment?: Environment } = {},
): StageConfig {
  const fileText = [...REQUIRED, ...lines].join("\n");
  return resolveConfig({ stage: "staging", fileName: ".env.staging", fileText, context, environment });
}

describe("settings that stand in no file, have another name now, or are none any more", () => {
  it("are remembered where they stood in no file: between the environment and the file", () => {
    const remembered = {
      [REMEMBERED_CONTEXT]: '{"monitoringProfile":"full","lambdaMemory":"512","region":"eu-west-1"}',
    };
    const environment = { LAMBDA_MEMORY: "1024" };
    const config = resolve(
      ["MONITORING_PROFILE=default"],
      { ...remembered, alarmEmail: "a@b.co" },
      { environment },
    );
    expect(config).toMatchObject({ monitoringProfile: "full", memoryMegabytes: 1024, region: "us-west-2" });
    expect(config.given).toEqual({ monitoringProfile: "full", lambdaMemory: "1024", alarmEmail: "a@b.co" });
  });

  it("are not remembered where the value says which stack", () => {
    const environment = { AWS_REGION: "us-east-1" };
    expect(resolve([], { lambdaTimeout: "20" }, { environment }).given).toEqual({ lambdaTimeout: "20" });
    expect(resolve([], { regions: "us-west-2,us-east-1", monitoringProfile: "full" }).given).toEqual({
      monitoringProfile: "full",
    });
  });

  it.each<[readonly string[], Record<string, string>, string]>([
    [
      ["FUNCTION_TIMEOUT=7"],
      {},
      ".env.staging:5: this name is read for one more release: write LAMBDA_TIMEOUT",
    ],
    [
      [],
      { functionTimeout: "7" },
      "-c functionTimeout: this name is read for one more release: write lambdaTimeout",
    ],
  ])("are read under the name of the last release, with a notice: %j %j", (lines, context, notice) => {
    expect(resolve(lines, context).notices).toEqual([notice]);
  });

  it("prefer -c under either name to the file", () => {
    expect(resolve([], { functionTimeout: "7" }).timeoutSeconds).toBe(7);
    expect(resolve(["FUNCTION_TIMEOUT=7"]).timeoutSeconds).toBe(30);
  });

  it("are not what later deploys of the agent find, where they are the watched function's", () => {
    const functionArn = "arn:aws:lambda:us-west-2:123456789012:function:checkout";
    expect(resolve([], { functionArn, lambdaTimeout: "7" }).given).toEqual({});
    expect(resolve([], { lambdaTimeout: "7" }).given).toEqual({ lambdaTimeout: "7" });
  });

  it.each<[string, string]>([
    [
      "CLIENT_TOKEN_PARAM_NAME=/wrist-agent/staging/client-token",
      "it is always /wrist-agent/staging/client-token",
    ],
    ["TOKEN_CACHE_TTL_SECONDS=300", "it is always 300"],
    ["CONFIG_TTL_SECONDS=60", "it is always 60"],
    ["MAX_TEXT_CHARACTERS=8000", "it is always 8000"],
    ["TOKEN_GRACE_HOURS=72", "it is always 72"],
    ["CUSTOM_METRICS=false", "it is always false"],
    ["LOG_CONTENT=false", "it is always false"],
    ["LOG_LEVEL=DEBUG", "is not read: no line is left that a level would show or hide"],
    ["DOCS_URL=https://x.example", "is not read: links in mails point to GITHUB_REPOSITORY"],
    ["OWN_INFERENCE_PROFILE=true", "is not read: a stage with EXTRA_TAGS has a profile of its own"],
    ["PROVISIONED_CONCURRENCY_MAX=9", "is not read: target tracking initialises up to twice"],
    ["PROVISIONED_CONCURRENCY_MOST=9", "is not read: target tracking initialises up to twice"],
    ["AWS_PROFILE=mine", "is not read: credentials come from the shell"],
  ])("that are none any more are named while they say what holds: %s", (line, words) => {
    expect(resolve([line]).notices).toEqual([
      expect.stringMatching(/^\.env\.staging:5: [A-Z_]+ is no setting any more/),
    ]);
    expect(resolve([line]).notices.join()).toContain(words);
  });

  it("that are none any more and say something else are refused", () => {
    expect(() => resolve(["CLIENT_TOKEN_PARAM_NAME=/mine"])).toThrow(
      '.env.staging:5: CLIENT_TOKEN_PARAM_NAME is "/mine": it is no setting any more, and always /wrist-agent/staging/client-token',
    );
    expect(() => resolve([], { customMetrics: "true" })).toThrow("-c customMetrics: customMetrics is");
  });

  it.each([
    ["0", 72],
    ["2", 24],
    ["3", 48],
    ["30", 72],
  ])("a token that changes every %s days works for %i hours after it was replaced", (days, hours) => {
    expect(resolve([], { tokenRotationDays: days }).tokenGraceHours).toBe(hours);
  });
});
