import { App, Stack } from "aws-cdk-lib/core";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../../lib/config/load-config.ts";
import { tellWhatToCheck } from "../../../lib/config/what-to-check.ts";
import { PROJECT } from "../synthesise.ts";

function notes(
  environment: Readonly<Record<string, string>>,
  context: Readonly<Record<string, string>> = {},
) {
  const stack = new Stack(new App(), "Stack");
  tellWhatToCheck([stack], loadConfig(PROJECT, { context, environment }), environment);
  const told = stack.node.metadata.filter(({ type }) => /:(warning|info)$/.test(type));
  return told.map(({ data }) => data as string).sort();
}

describe("a synthesis tells", () => {
  it("which settings the environment decides, and warns when that moves the stacks", () => {
    const [warning, info] = notes({ AWS_REGION: "us-east-1", LOG_LEVEL: "WARN" }, { alarmEmail: "a@b.co" });
    expect(warning).toMatch(
      /^AWS_REGION of this shell moves the stacks to us-east-1, instead of "us-west-2"/,
    );
    expect(info).toBe(
      'decided by environment variables: AWS_REGION is "us-east-1" instead of "us-west-2" (.env.development:2); ' +
        'LOG_LEVEL is "WARN" instead of "DEBUG" (.env.development:8)' +
        " [ack: wrist-agent:from-environment]",
    );
  });

  it("that AWS_PROFILE of the shell is another one than the stage names", () => {
    expect(notes({ AWS_PROFILE: "prod" }, { alarmEmail: "a@b.co" })).toEqual([
      expect.stringContaining('AWS_PROFILE is "prod" in this shell, and .env.development names "dev"'),
    ]);
  });

  it("that nobody is told, and nothing else of a quiet shell", () => {
    expect(notes({ AWS_REGION: "us-west-2", AWS_PROFILE: "dev" })).toEqual([
      expect.stringContaining("alarms of development reach nobody"),
    ]);
  });
});
