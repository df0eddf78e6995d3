import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { exitCodeOf, Failure } from "../../../../bin/cli/failure.ts";
import { deployCommand } from "../../../../bin/commands/deploy.ts";
import type { DeployedStack, StageAccount } from "../../../../bin/commands/deploy/stage-account.ts";
import {
  fakeDeployment,
  type FakeDeployment,
  type FakeStack,
  type FakeWorld,
} from "../../../support/fake-deployment.ts";
import { memoryTerminal } from "../../../support/memory-terminal.ts";

const MODEL = "us.anthropic.claude-haiku-4-5-20251001-v1:0";

const AGENT = {
  Type: "AWS::Lambda::Function",
  Properties: {
    FunctionName: "wrist-agent-production",
    Environment: { Variables: { BEDROCK_MODEL_ID: MODEL } },
  },
};
const ALIAS = {
  Type: "AWS::Lambda::Alias",
  Properties: { FunctionName: { Ref: "Fn" }, FunctionVersion: { "Fn::GetAtt": ["V", "Version"] } },
};
const PAGE = { Type: "AWS::SNS::Topic", Properties: { TopicName: "wrist-agent-production-page" } };
const MAIL = {
  Type: "AWS::SNS::Subscription",
  Properties: { Protocol: "email", Endpoint: "ann@example.com", TopicArn: { Ref: "Page" } },
};
const DOWN = { Type: "AWS::CloudWatch::Alarm", Properties: { AlarmName: "wrist-agent-production-down" } };
const PROBE = { Type: "AWS::Scheduler::Schedule", Properties: { Name: "wrist-agent-production-probe" } };

const APP: FakeStack = {
  stackName: "WristAgent-production",
  region: "us-west-2",
  resources: { Fn: AGENT, Live: ALIAS },
  outputs: {
    FunctionUrl: { value: "https://a.example/" },
    TokenParameterName: { value: "/wrist-agent/client-token" },
  },
};
const MONITORING: FakeStack = {
  stackName: "WristAgentMonitoring-production",
  region: "us-west-2",
  resources: { Page: PAGE },
};

function deployed(resources: object, more: Partial<DeployedStack> = {}): DeployedStack {
  return { status: "UPDATE_COMPLETE", template: { Resources: resources } as never, resources: {}, ...more };
}

describe("before a deploy changes anything", () => {
  let folder = "";
  let terminal = memoryTerminal();

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "deploy-"));
    terminal = memoryTerminal();
  });

  afterEach(() => rm(folder, { recursive: true }));

  const world = (more: Partial<FakeWorld> = {}): FakeDeployment =>
    fakeDeployment({ stacks: [APP, MONITORING], folder, ...more });

  async function run({ ports }: FakeDeployment, ...options: readonly string[]): Promise<number> {
    const command = deployCommand(terminal, ports).exitOverride();
    try {
      await command.parseAsync(["--stage", "production", ...options], { from: "user" });
    } catch (error) {
      return exitCodeOf(error, terminal);
    }
    return 0;
  }

  const said = (): string => terminal.written.out.join("\n");
  const complained = (): string => terminal.written.err.join("\n");
  const isDeploying = ({ calls }: FakeDeployment): boolean => calls.some((call) => call.startsWith("deploy"));

  const monitoringThere: Partial<StageAccount> = {
    stack: (_region: string, name: string) =>
      Promise.resolve(
        name === MONITORING.stackName
          ? deployed({ Page: PAGE, Mail: MAIL, Down: DOWN, Probe: PROBE })
          : "missing",
      ),
  };

  test("what it would remove is named, and --yes does not cover it", async () => {
    const fake = world({ stage: monitoringThere });
    expect(await run(fake, "--yes")).toBe(2);
    expect(said()).toContain(
      "This deploy would remove:\n  the subscription of ann@example.com to wrist-agent-production-page (us-west-2)\n" +
        "  the alarm wrist-agent-production-down (us-west-2)\n  the probe wrist-agent-production-probe (us-west-2)",
    );
    expect(complained()).toContain("--yes does not cover a removal; pass --allow-removal too");
    expect(isDeploying(fake)).toBe(false);
  });

  test("--mask hides addresses and the account's number in the error that ends it too", async () => {
    const refusal = "arn:aws:iam::123456789012:user/ann may not mail ann@example.com";
    const fake = world({ stage: { stack: () => Promise.reject(new Failure(refusal)) } });
    expect(await run(fake, "--yes", "--mask")).toBe(1);
    expect(complained()).toContain("arn:aws:iam::************:user/ann may not mail ***@***");
    expect(`${said()}${complained()}`).not.toMatch(/123456789012|ann@example/);
  });

  test("a removal that is allowed, or confirmed by itself, is deployed", async () => {
    const allowed = world({ stage: monitoringThere });
    expect(await run(allowed, "--yes", "--allow-removal")).toBe(0);
    const asked = world({ stage: monitoringThere, answer: "y" });
    expect(await run(asked)).toBe(0);
    expect(asked.questions).toEqual([
      "Remove these 3? (y/n) ",
      "Deploy these 2 stacks to account 111122223333? (y/n) ",
    ]);
    const refused = world({ stage: monitoringThere, answer: "n" });
    expect(await run(refused)).toBe(1);
    expect(isDeploying(refused)).toBe(false);
  });

  test("a stack that cannot be read counts as one that may lose something", async () => {
    const fake = world({
      stage: {
        stack: () => Promise.resolve({ unreadable: "these credentials lack cloudformation:GetTemplate" }),
      },
    });
    expect(await run(fake, "--yes")).toBe(2);
    expect(said()).toContain("perhaps something of WristAgent-production: these credentials lack");
  });

  test("what earlier deploys were given holds again, is shown, and can be dropped", async () => {
    const parameter = (_region: string, name: string) =>
      Promise.resolve(
        name === "/wrist-agent/production/settings/monitoring"
          ? '{"alarmEmail":"ann@example.com","deployment":"all-at-once"}'
          : undefined,
      );
    const fake = world({ stage: { parameter } });
    expect(await run(fake, "--yes", "-c", "lambdaMemory=512", "--forget", "deployment")).toBe(0);
    expect(fake.contexts).toEqual([
      { lambdaMemory: "512" },
      { lambdaMemory: "512", "wrist-agent:remembered": '{"alarmEmail":"ann@example.com"}' },
    ]);
    expect(said()).toContain(
      "As at earlier deploys (-c changes one, --forget drops one):\n  alarmEmail = ann@example.com",
    );
  });

  test("a stack that somebody else is changing is left alone", async () => {
    const stack = () => Promise.resolve(deployed({}, { status: "UPDATE_IN_PROGRESS" }));
    const fake = world({ stage: { stack } });
    expect(await run(fake, "--yes")).toBe(1);
    expect(complained()).toContain(
      "WristAgent-production in us-west-2 is being changed already (UPDATE_IN_PROGRESS): wait",
    );
    expect(fake.calls).toEqual([]);
  });

  test.each([
    [["41"], "version 41", { "wrist-agent:alias-update": "direct" }],
    [["42", "43"], "version 42 and 43", { "wrist-agent:alias-update": "direct" }],
    [["42"], undefined, undefined],
  ])(
    "an alias on %j while the stack knows of 42 is moved at once, without CodeDeploy",
    async (live, words, context) => {
      const resources = { V: "arn:aws:lambda:us-west-2:111122223333:function:wrist-agent-production:42" };
      const stack: StageAccount["stack"] = (_region, name) =>
        Promise.resolve(
          name === APP.stackName ? deployed({ Fn: AGENT, Live: ALIAS }, { resources }) : "missing",
        );
      const fake = world({ stage: { stack, liveVersions: () => Promise.resolve(live) } });
      expect(await run(fake, "--yes")).toBe(0);
      expect(fake.contexts.at(-1)).toEqual(context ?? {});
      if (words !== undefined)
        expect(said()).toContain(`the alias live is on ${words}, moved there by a rollback`);
      else expect(said()).not.toContain("moved there");
    },
  );

  test("a model that cannot be asked ends it, with what to do", async () => {
    const access = () =>
      Promise.resolve({ refusals: ["Anthropic's form is not filled in: open …"], unasked: [] });
    const fake = world({ models: { access } });
    expect(await run(fake, "--yes")).toBe(1);
    expect(complained()).toBe("error: nothing was deployed: Anthropic's form is not filled in: open …");
    expect(fake.calls).toEqual([]);
  });

  test("a new model is asked one question after the yes; its refusal deploys nothing", async () => {
    const question = () =>
      Promise.resolve({ refusals: ["aws-marketplace:Subscribe is missing"], unasked: [] });
    const fake = world({ models: { question } });
    expect(await run(fake, "--yes")).toBe(1);
    expect(complained()).toContain("aws-marketplace:Subscribe is missing");
    expect(fake.calls).toHaveLength(1);
    expect(isDeploying(fake)).toBe(false);
  });

  test("a model that was deployed before is not asked again", async () => {
    const stack: StageAccount["stack"] = (_region, name) =>
      Promise.resolve(name === APP.stackName ? deployed({ Fn: AGENT }) : "missing");
    const access = () => Promise.reject(new Error("asked again"));
    expect(await run(world({ stage: { stack }, models: { access } }), "--yes")).toBe(0);
  });

  test("an assembly that changes after it was shown is not deployed", async () => {
    const fake = world();
    const cdk = fake.ports.cdk;
    const ports = {
      ...fake.ports,
      cdk: async (...args: Parameters<typeof cdk>) => {
        const result = await cdk(...args);
        if (args[0][0] === "diff")
          await writeFile(join(fake.assembly, "WristAgent-production.template.json"), '{"Resources":{}}');
        return result;
      },
    };
    expect(await run({ ...fake, ports }, "--yes")).toBe(1);
    expect(complained()).toContain("has changed since it was shown");
    expect(isDeploying(fake)).toBe(false);
  });

  test("a second deploy of the stage on this machine is refused, and the first one's lock is given back", async () => {
    const lock = () => Promise.reject(new Failure("production is being deployed from this machine already"));
    const fake = world({ lock });
    expect(await run(fake, "--yes")).toBe(1);
    expect(fake.contexts).toEqual([]);
    let released = 0;
    const locked: (readonly string[])[] = [];
    const take = (...of: readonly string[]) => {
      locked.push(of);
      return Promise.resolve(() => Promise.resolve(void (released += 1)));
    };
    await run(world({ lock: take }), "--yes");
    expect(released).toBe(1);
    // The same stage of another account is another stage.
    expect(locked).toEqual([["production", "111122223333"]]);
  });

  test("one of several Regions can be deployed alone, while another is lost", async () => {
    const lost = { ...APP, stackName: "WristAgent-production-us-east-1", region: "us-east-1" };
    const stack = (region: string) =>
      region === "us-east-1"
        ? Promise.reject(new Failure("us-east-1 does not answer"))
        : Promise.resolve("missing" as const);
    const both = world({ stacks: [lost, APP, MONITORING], stage: { stack } });
    expect(await run(both, "--yes")).toBe(1);
    const one = world({ stacks: [lost, APP, MONITORING], stage: { stack } });
    expect(await run(one, "--yes", "--only-region", "us-west-2")).toBe(0);
    expect(await run(world(), "--yes", "--only-region", "eu-west-9")).toBe(2);
    expect(complained()).toContain("--only-region eu-west-9: the stage has stacks in us-west-2");
  });

  test("ends with who gets which mails, and what brings back one that is gone", async () => {
    const resources = {
      Page: PAGE,
      Mail: MAIL,
      Other: { ...MAIL, Properties: { ...MAIL.Properties, Endpoint: "bob@example.com" } },
    };
    const arns: string[] = [];
    const subscriptions = (_region: string, topicArn: string) => {
      arns.push(topicArn);
      return Promise.resolve([
        { address: "ann@example.com", arn: "PendingConfirmation" },
        { address: "eve@example.com", arn: `${topicArn}:1` },
      ]);
    };
    const fake = world({ stacks: [APP, { ...MONITORING, resources }], stage: { subscriptions } });
    expect(await run(fake, "--yes")).toBe(0);
    expect(arns).toEqual(["arn:aws:sns:us-west-2:111122223333:wrist-agent-production-page"]);
    expect(said()).toMatch(/wrist-agent-production-page {2}ann@example.com {2}not confirmed {2}us-west-2/);
    expect(said()).toMatch(/wrist-agent-production-page {2}bob@example.com {2}gone /);
    expect(said()).toMatch(/wrist-agent-production-page {2}eve@example.com {2}confirmed /);
    expect(said()).toContain("Confirm a mail to ann@example.com");
    expect(said()).toContain(
      "bob@example.com does not get the mails of wrist-agent-production-page any more (unsubscribed, or never confirmed). To subscribe it again: npm run cli -- subscribers resend bob@example.com --aws --stage production --region us-west-2",
    );
  });

  test("counts the mails that an address has to confirm, over all topics, and --json lists them", async () => {
    const names = ["owner", "page", "ticket"];
    const resources: Record<string, object> = {};
    for (const name of names) {
      resources[name] = { ...PAGE, Properties: { TopicName: `wrist-agent-production-${name}` } };
      resources[`${name}Mail`] = { ...MAIL, Properties: { ...MAIL.Properties, TopicArn: { Ref: name } } };
    }
    const subscriptions = () => Promise.resolve([{ address: "ann@example.com", arn: "PendingConfirmation" }]);
    const stacks = [APP, { ...MONITORING, resources }];
    expect(await run(world({ stacks, stage: { subscriptions } }), "--yes")).toBe(0);
    expect(said()).toContain("Confirm 3 mails to ann@example.com");
    terminal = memoryTerminal();
    expect(await run(world({ stacks, stage: { subscriptions } }), "--yes", "--json")).toBe(0);
    const { subscriptions: listed } = JSON.parse(said()) as { readonly subscriptions: readonly object[] };
    expect(listed).toEqual(
      names.map((name) => ({
        topic: `wrist-agent-production-${name}`,
        region: "us-west-2",
        address: "ann@example.com",
        state: "not confirmed",
      })),
    );
  });

  test("takes provisioned concurrency off an alias that no longer asks for it", async () => {
    const ended: string[] = [];
    const endProvisionedConcurrency = (region: string, name: string) => {
      ended.push(`${region} ${name}`);
      return Promise.resolve("ended" as const);
    };
    expect(await run(world({ stage: { endProvisionedConcurrency } }), "--yes")).toBe(0);
    expect(ended).toEqual(["us-west-2 wrist-agent-production"]);
    expect(said()).toContain("kept environments initialised, which cost by the hour: that is over.");
    const Target = { Type: "AWS::ApplicationAutoScaling::ScalableTarget" };
    const scaling = { ...APP, resources: { ...APP.resources, Target } };
    await run(world({ stacks: [scaling, MONITORING], stage: { endProvisionedConcurrency } }), "--yes");
    expect(ended).toHaveLength(1);
  });

  test("fails where what was deployed does not answer, and not where it could not be asked", async () => {
    expect(await run(world({ urlAnswer: { status: 502, milliseconds: 80, error: "config" } }), "--yes")).toBe(
      1,
    );
    expect(complained()).toContain("everything is deployed, but https://a.example/ answers 502 (config)");
    expect(await run(world({ urlAnswer: { unasked: "there is no token yet" } }), "--yes")).toBe(0);
    expect(said()).toContain("https://a.example/: not asked, as there is no token yet");
  });

  test("--mask hides addresses and the account's number", async () => {
    await run(world({ stage: monitoringThere }), "--yes", "--mask", "--allow-removal");
    expect(said()).not.toMatch(/ann@example.com|111122223333/);
    expect(said()).toContain("the subscription of ***@*** to wrist-agent-production-page");
    expect(said()).toContain("Account ************, as arn:aws:iam::************:user/ann");
  });
});
