import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { StageAlarm } from "../../bin/cli/stage-alarms.ts";
import { CHECKS, verifyCommand } from "../../bin/commands/verify.ts";
import { judgeEvaluation } from "../../bin/commands/verify/alarm-checks.ts";
import { type AwsFault, denied, THROTTLED } from "../support/faulty-aws.ts";
import { BREAKS_FROM_MS, STAGE_BREAKS } from "../support/stage-breaks.ts";
import { operated, type Operated, OperatedStage } from "../support/operated-stage.ts";
import { signInTo, StageBehindAws } from "../support/stage-behind-aws.ts";

let stage: OperatedStage;
let behind: StageBehindAws;

beforeAll(async () => {
  stage = await OperatedStage.build(BREAKS_FROM_MS);
  behind = await StageBehindAws.before(stage);
  await stage.pass(5);
});

afterEach(() => behind.fault());

afterAll(async () => {
  await behind.stop();
  await stage.remove();
});

const ports = {
  now: () => stage.clock.now(),
  wait: (milliseconds: number) => stage.clock.advance(milliseconds),
};

function verify(...words: readonly string[]): Promise<Operated> {
  return operated((terminal) => verifyCommand(terminal, ports), [...words, "--data", behind.data]);
}

/** A line as `--json` has it. */
interface Line {
  readonly id: string;
  readonly state: string;
  readonly says: readonly string[];
  readonly remedies: readonly string[];
}

async function line(id: string, ...words: readonly string[]): Promise<Line> {
  const { out, err } = await verify("--only", id, "--json", ...words);
  const { lines } = JSON.parse(out.join("\n") || "{}") as { readonly lines?: readonly Line[] };
  const [found] = lines ?? [];
  if (found === undefined) throw new Error(err.join("\n"));
  return found;
}

describe("verify over the system that runs here", () => {
  test("passes, but for what can be checked in AWS only, which it names", async () => {
    await stage.ask();
    const { code, out } = await verify();
    const marks = out.filter((text) => !text.startsWith("  "));
    expect(marks.filter((text) => text.startsWith("not here"))).toEqual([
      "not here  billing metrics exist: AWS/Billing is not on this machine",
      "not here  quotas: Service Quotas is not on this machine",
      "not here  access to the model: Bedrock's control plane is not on this machine",
      "not here  the model's lifecycle: Bedrock's control plane is not on this machine",
    ]);
    expect(marks.filter((text) => text.startsWith("FAILS") || text.startsWith("unknown"))).toEqual([]);
    expect(out.at(-1)).toBe("production on this machine: 16 of 20 pass, 4 can be checked in AWS only");
    expect(code).toBe(0);
  });

  test.each(STAGE_BREAKS)(
    "$id fails where $how",
    async ({ id, says, remedy, words = [], break: breakIt }) => {
      const fix = await breakIt(behind);
      try {
        const found = await line(id, ...words);
        expect(found.state).toBe("fails");
        expect(found.says.join("\n")).toContain(says);
        expect(found.remedies.join("\n")).toContain(remedy);
      } finally {
        behind.fault();
        await fix();
      }
    },
  );

  test("every line that is checked here can fail", () => {
    const onlyInAws = ["billing", "quotas", "model-access", "model-lifecycle"];
    const broken = new Set([...STAGE_BREAKS.map(({ id }) => id), "alarm-evaluation"]);
    expect(CHECKS.map(({ id }) => id).filter((id) => !broken.has(id))).toEqual(onlyInAws);
  });

  test("a line that fails is exit code 1 and named", async () => {
    stage.system.setFault({ kind: "access", rate: 1 });
    const { code, out, err } = await verify("--only", "url-modes", "url-token");
    stage.system.setFault({ kind: "off", rate: 1 });
    expect(code).toBe(1);
    expect(err).toEqual(["error: not verified: the URL answers in each mode"]);
    expect(out.at(-1)).toBe("production on this machine: 1 of 2 pass, 1 fail");
  });

  test.each<[string, AwsFault, string]>([
    [
      "these credentials may not",
      denied("cloudwatch:DescribeAlarms", "*"),
      "these credentials lack cloudwatch:DescribeAlarms on the alarms of",
    ],
    ["AWS throttles", THROTTLED, "AWS takes no more questions for a moment"],
    ["the connection breaks", { kind: "cut" }, "the connection broke before the answer was complete"],
  ])("a line is not readable where %s, and the others are checked", async (_how, fault, words) => {
    behind.fault((operation) => (operation === "DescribeAlarms" ? fault : undefined));
    const { code, out } = await verify("--only", "alarm-actions", "url-token");
    expect(code).toBe(1);
    expect(out.join(" ").replaceAll(/\s+/g, " ")).toContain(
      `unknown every alarm notifies somebody: production on this machine`,
    );
    expect(out.join(" ").replaceAll(/\s+/g, " ")).toContain(words);
    expect(out[0]).toBe("ok        the URL refuses a wrong token: 401");
    expect((await verify("--only", "alarm-actions", "url-token", "--allow-unreadable")).code).toBe(0);
  });

  test("usage that makes no sense is exit code 2", async () => {
    expect((await verify("--only", "weather")).code).toBe(2);
    expect((await verify("--wait", "long")).code).toBe(2);
  });
});

describe("verify of a stage in AWS", () => {
  const MODEL = "us.anthropic.claude-haiku-4-5-20251001-v1:0";

  /** Services that do not run here, with their good answers; `change` replaces some. */
  function inAws(change: Readonly<Record<string, AwsFault>> = {}): void {
    const answers: Readonly<Record<string, AwsFault>> = {
      "GET /2016-08-19/account-settings": {
        kind: "answer",
        body: { AccountLimit: { ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 900 } },
      },
      ListServiceQuotas: { kind: "answer", body: { Quotas: [] } },
      "GET /inference-profiles/": { kind: "answer", body: { status: "ACTIVE" } },
      "GET /foundation-model-availability/": {
        kind: "answer",
        body: { regionAvailability: "AVAILABLE", authorizationStatus: "AUTHORIZED" },
      },
      "GET /use-case-for-model-access": { kind: "answer", body: {} },
      "GET /foundation-models/": {
        kind: "answer",
        body: { modelDetails: { modelArn: "a", modelId: "m", modelLifecycle: { status: "ACTIVE" } } },
      },
      ...change,
    };
    signInTo(behind.aws.url);
    behind.fault((operation) => Object.entries(answers).find(([start]) => operation.startsWith(start))?.[1]);
  }

  const AWS = ["--aws", "--stage", "production", "--region", "us-west-2"] as const;

  test.each([
    ["quotas", "900 concurrent executions of Lambda"],
    ["model-access", `${MODEL} may be asked`],
    ["model-lifecycle", `${MODEL} is ACTIVE`],
  ])("%s passes", async (id, says) => {
    inAws();
    const found = await line(id, ...AWS);
    expect([found.state, found.says[0]]).toEqual(["passes", says]);
  });

  test.each<[string, string, Readonly<Record<string, AwsFault>>, string, string]>([
    [
      "billing",
      "billing alerts are off",
      {},
      "no EstimatedCharges in us-east-1",
      "Receive CloudWatch billing alerts",
    ],
    [
      "quotas",
      "other functions have taken the concurrency",
      {
        "GET /2016-08-19/account-settings": {
          kind: "answer",
          body: { AccountLimit: { UnreservedConcurrentExecutions: 3 } },
        },
      },
      "Lambda has 3 concurrent executions left in us-west-2",
      "request-service-quota-increase",
    ],
    [
      "quotas",
      "the model's quota is 0",
      {
        ListServiceQuotas: {
          kind: "answer",
          body: {
            Quotas: [
              {
                QuotaName: "Cross-region model inference requests per minute for Anthropic Claude Haiku 4.5",
                QuotaCode: "L-1",
                Value: 0,
              },
            ],
          },
        },
      },
      'the quota "Cross-region model inference requests per minute for Anthropic Claude Haiku 4.5" is 0',
      "--quota-code L-1",
    ],
    [
      "model-access",
      "the account may not use the model",
      {
        "GET /foundation-model-availability/": {
          kind: "answer",
          body: { authorizationStatus: "NOT_AUTHORIZED" },
        },
      },
      "this account may not use anthropic.claude-haiku-4-5-20251001-v1:0",
      "ask whoever manages the organisation's policies",
    ],
    [
      "model-lifecycle",
      "the model's end is announced",
      {
        "GET /foundation-models/": {
          kind: "answer",
          body: {
            modelDetails: {
              modelArn: "a",
              modelId: "m",
              modelLifecycle: { status: "LEGACY", endOfLifeTime: "2027-03-01T12:00:00Z" },
            },
          },
        },
      },
      `${MODEL} is LEGACY, until 2027-03-01`,
      "set BEDROCK_MODEL_ID to another",
    ],
  ])("%s fails where %s", async (...[id, , change, says, remedy]) => {
    inAws(change);
    const found = await line(id, ...AWS);
    expect(found.state).toBe("fails");
    expect(found.says.join("\n")).toContain(says);
    expect(found.remedies.join("\n")).toContain(remedy);
  });

  test("a permission that is missing is named, and is no pass", async () => {
    inAws({ "GET /2016-08-19/account-settings": denied("lambda:GetAccountSettings", "*") });
    const found = await line("quotas", ...AWS);
    expect(found.state).toBe("not readable");
    expect(found.says[0]).toContain("these credentials lack lambda:GetAccountSettings");
  });
});

test("an alarm that CloudWatch could not evaluate is named", () => {
  const definition = { AlarmName: "a", EvaluationState: "EVALUATION_ERROR" } as const;
  const alarm = { alarmName: "a", region: "us-west-2", kind: "metric", definition } as unknown as StageAlarm;
  expect(judgeEvaluation([alarm])).toEqual([
    {
      state: "fails",
      says: "a: EVALUATION_ERROR",
      remedy: expect.stringContaining(
        "aws cloudwatch describe-alarms --region us-west-2 --alarm-names a",
      ) as string,
    },
  ]);
});
