import { describe, expect, it } from "vitest";
import { runLogsInsights } from "@wrist-agent/cloudwatch/logs/logs-insights";
import { MAIL_QUERIES } from "../../lib/monitoring/log-queries.ts";
import { synthesise } from "../support/synthesise.ts";
import { metricsIn, namesIn, twice } from "../support/templates-read.ts";

const CHECKOUT = "arn:aws:lambda:us-west-2:123456789012:function:checkout";
const URL = "https://abc123.lambda-url.us-west-2.on.aws/";

/** The description of each alarm of a template, by its name. */
function alarmTexts(text: string): ReadonlyMap<string, string> {
  const { Resources } = JSON.parse(text) as {
    Resources: Record<string, { Properties: { AlarmName?: string; AlarmDescription?: string } }>;
  };
  return new Map(
    Object.values(Resources).flatMap(({ Properties: { AlarmName, AlarmDescription } }) =>
      AlarmName === undefined ? [] : [[AlarmName, AlarmDescription ?? ""] as const],
    ),
  );
}

function attached(functionArn: string, more: Readonly<Record<string, string>> = {}) {
  const files = synthesise({ context: { functionArn, lambdaTimeout: "20", ...more } });
  const [name = "", text = "{}"] = [...files].find(([stack]) => stack !== "WristAgentBilling") ?? [];
  return { files, name, text };
}

describe("a function that somebody else deployed", () => {
  const bare = attached(CHECKOUT);
  const aliased = attached(`${CHECKOUT}:prod`, { functionUrl: URL, monitoringProfile: "full" });

  it("gets a monitoring stack of its own and the account's bill, and no application", () => {
    expect([...bare.files.keys()]).toHaveLength(2);
    expect(bare.name).toMatch(/^WristAgentMonitoring-on-checkout-[0-9a-f]{6}$/);
    expect(aliased.name).toMatch(/^WristAgentMonitoring-on-checkout-prod-[0-9a-f]{6}$/);
    expect(bare.text).not.toContain("Fn::ImportValue");
  });

  it("is read by nothing but what Lambda emits of it, of all its traffic or of the alias", () => {
    const read = metricsIn(bare.text);
    expect(read.length).toBeGreaterThan(10);
    for (const { namespace, name, dimensions } of read) {
      expect(namespace).toBe("AWS/Lambda");
      expect(["Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions"]).toContain(name);
      expect(dimensions).toEqual({ FunctionName: "checkout" });
    }
    for (const { dimensions } of metricsIn(aliased.text))
      expect(dimensions).toEqual({ FunctionName: "checkout", Resource: "checkout:prod" });
  });

  it("has the URL's metrics only with a URL, which nothing asks", () => {
    const ofUrl = (text: string) => metricsIn(text).filter(({ name }) => name.startsWith("Url"));
    expect(ofUrl(bare.text)).toEqual([]);
    expect(new Set(ofUrl(aliased.text).map(({ name }) => name)).size).toBeGreaterThanOrEqual(3);
    for (const { text } of [bare, aliased]) expect(text).not.toMatch(/AWS::(Lambda|Scheduler|IAM)::/);
  });

  it("speaks of what it has: no Shortcut, no metric of this agent, queries that read text and JSON", () => {
    const texts = alarmTexts(aliased.text);
    expect(texts.size).toBeGreaterThanOrEqual(5);
    for (const [name, text] of texts) {
      expect(text, name).not.toMatch(/Shortcut|TimeToFirstToken|dictat|token|LAMBDA_TIMEOUT|rollback/i);
      expect(text, name).toContain(`docs/runbooks/any-function.md#${name.replace(/^.*-[0-9a-f]{6}-/, "")}`);
    }
  });

  it("finds 2 of 2 failures in a Python function's text log, by the crash alarm's own query", () => {
    const events = [
      "START RequestId: 1 Version: $LATEST",
      "[ERROR] KeyError: 'order' Traceback (most recent call last):",
      "2026-11-24T08:00:00Z 2 Task timed out after 20.00 seconds",
      "END RequestId: 1",
    ].map((message, at) => ({
      timestampMs: at,
      ingestedMs: at,
      message,
      logStreamName: "one",
      logGroupName: "/aws/lambda/orders",
    }));
    const found = runLogsInsights(MAIL_QUERIES.functionErrors, { events, startMs: 0, endMs: 10 });
    expect(found.rows).toHaveLength(2);
  });

  it("leaves no room for a name too long for SNS or a mail", () => {
    const long = attached(
      `arn:aws:lambda:ap-southeast-2:123456789012:function:${"f".repeat(64)}:${"a".repeat(128)}`,
      { region: "ap-southeast-2", monitoringProfile: "full" },
    );
    const names = [...long.text.matchAll(/"DisplayName": "([^"]*)"/g)].map(([, name = ""]) => name);
    expect(names).toHaveLength(2);
    for (const name of names) expect(name.length).toBeLessThanOrEqual(100);
    expect(names.map((name) => name.split(" ").at(-1))).toEqual(["PAGE", "ticket"]);
    for (const text of alarmTexts(long.text).values()) expect(text.length).toBeLessThanOrEqual(1024);
  });

  it("in GovCloud has that partition's console, and no billing stack of another", () => {
    const functionArn = "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:checkout";
    const { files, text } = attached(functionArn, { region: "us-gov-west-1" });
    expect([...files.keys()]).toHaveLength(1);
    expect(text).toContain("https://us-gov-west-1.console.amazonaws-us-gov.com/cloudwatch/home");
    expect(text).not.toContain("console.aws.amazon.com");
  });

  it("alarms near its own timeout, in its own account, and queries its own log group", () => {
    const { Resources } = JSON.parse(bare.text) as {
      Resources: Record<string, { Properties: Record<string, unknown> }>;
    };
    const duration = Object.values(Resources).find(({ Properties }) =>
      String(Properties.AlarmName as string | undefined).endsWith("-duration"),
    );
    expect(duration?.Properties.Threshold).toBe(18_000);
    expect(bare.text).toContain("SOURCE '/aws/lambda/checkout'");
    expect(bare.text).toContain("arn:aws:cloudwatch:us-west-2:123456789012:alarm:*");
  });

  it("shares no name with another function, another alias or the stage's own monitoring", () => {
    const others = ["a_b", "a-b", "a", "a:b", "checkout:prod"].map(
      (name) => attached(CHECKOUT.replace("checkout", name)).text,
    );
    const own = synthesise().get("WristAgentMonitoring-development") ?? "";
    const names = [...others, bare.text, own].flatMap(namesIn);
    expect(names.length).toBeGreaterThan(50);
    expect(twice(names)).toEqual([]);
  });
});

describe("refused with the remedy", () => {
  it.each([
    [{ functionArn: "checkout" }, "expected arn:aws:lambda:<region>:<account>:function:<name>"],
    [{ functionArn: "arn:aws:s3:::bucket" }, "aws lambda get-function-configuration --function-name NAME"],
    [{ functionArn: `${CHECKOUT}:$LATEST` }, "leave :$LATEST off"],
    [{ functionArn: `${CHECKOUT}:7` }, "version 7 never gets what is deployed next: name an alias"],
    [{ functionArn: `${CHECKOUT}:a b` }, '"a b" is no alias'],
    [
      { functionArn: CHECKOUT.replace("us-west-2", "eu-west-1") },
      'AWS_REGION is "us-west-2": its metrics, and so its alarms, are in eu-west-1: pass -c region=eu-west-1',
    ],
    [{ functionArn: CHECKOUT, regions: "us-west-2,eu-west-1" }, "a function is in one Region"],
    [
      { functionArn: CHECKOUT, functionUrl: "https://a.lambda-url.eu-west-1.on.aws/" },
      "the URL is in eu-west-1",
    ],
    [{ functionArn: CHECKOUT, functionUrl: "http://a" }, "the https address of a Function URL"],
    [{ functionUrl: URL }, "it says something of a function that -c functionArn= names"],
    [{ customMetrics: "true" }, 'customMetrics is "true": it is no setting any more'],
    [
      { functionArn: CHECKOUT.replace("arn:aws:", "arn:aws-us-gov:") },
      "us-west-2 is in the partition aws, and the ARN says aws-us-gov",
    ],
  ])("%j", (context, message) => {
    expect(() => synthesise({ context: { lambdaTimeout: "20", ...context } })).toThrow(message);
  });

  it("as what the file says of the agent's timeout is not the watched function's", () => {
    expect(() => synthesise({ context: { functionArn: CHECKOUT } })).toThrow(
      "give the watched function's timeout in seconds with -c lambdaTimeout=",
    );
  });

  it("but not for a Region where no profile of the model is known: nobody asks one", () => {
    const functionArn = CHECKOUT.replace("us-west-2", "me-south-1");
    expect(attached(functionArn, { region: "me-south-1" }).text).toContain("me-south-1");
  });
});
