import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { exitCodeOf, Failure } from "../../../bin/cli/failure.ts";
import { SynthesisError } from "../../../local/assembly/synthesise.ts";
import { deployCommand } from "../../../bin/commands/deploy.ts";
import type { DeployResult } from "../../../bin/commands/deploy/deploy-result.ts";
import {
  fakeDeployment,
  type FakeDeployment,
  type FakeStack,
  type FakeWorld,
} from "../../support/fake-deployment.ts";
import { memoryTerminal } from "../../support/memory-terminal.ts";

const mail = {
  Type: "AWS::SNS::Subscription",
  Properties: { Protocol: "email", Endpoint: "ann@example.com" },
};

function stacksOf(stage: string): readonly FakeStack[] {
  return [
    {
      stackName: "WristAgentBilling",
      region: "us-east-1",
      resources: { Mail: mail },
      outputs: { BillingAlerts: { value: "https://billing.example", description: "Billing alerts" } },
    },
    {
      stackName: `WristAgentMonitoring-${stage}`,
      region: "us-west-2",
      resources: {
        Page: mail,
        Ticket: mail,
        Board: { Type: "AWS::CloudWatch::Dashboard", Properties: { DashboardName: "wrist-agent-on-call" } },
      },
    },
    {
      stackName: `WristAgent-${stage}`,
      region: "us-west-2",
      outputs: {
        FunctionUrl: { value: "https://abc.lambda-url.example/", description: "Address of the Shortcut" },
        TokenParameterName: { value: "/wrist-agent/client-token" },
      },
    },
  ];
}

const DEPLOY =
  "deploy --app --exclusively --require-approval=never --progress=events --import-existing-resources";

describe("deploy", () => {
  let folder = "";
  let terminal = memoryTerminal();

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "deploy-"));
    terminal = memoryTerminal();
  });

  afterEach(() => rm(folder, { recursive: true }));

  function world(more: Partial<FakeWorld> = {}): FakeDeployment {
    return fakeDeployment({ stacks: stacksOf("production"), folder, ...more });
  }

  async function run({ ports }: FakeDeployment, ...options: readonly string[]): Promise<number> {
    const command = deployCommand(terminal, ports)
      .exitOverride()
      .configureOutput({ writeErr: (text) => terminal.err(text) });
    try {
      await command.parseAsync(["--stage", "production", ...options], { from: "user" });
    } catch (error) {
      return exitCodeOf(error, terminal);
    }
    return 0;
  }

  const said = (): string => terminal.written.out.join("\n");
  const complained = (): string => terminal.written.err.join("\n");

  test("compares first, then deploys app, monitoring and billing in this order", async () => {
    const fake = world();
    expect(await run(fake, "--yes")).toBe(0);
    expect(fake.calls).toEqual([
      "diff --app --method=template --exclusively WristAgent-production WristAgentMonitoring-production WristAgentBilling",
      `${DEPLOY} WristAgent-production`,
      `${DEPLOY} WristAgentMonitoring-production`,
      `${DEPLOY} WristAgentBilling`,
    ]);
  });

  test("tells what there is now, and what is left to do", async () => {
    await run(world(), "--yes");
    expect(said()).toContain("Account 111122223333, as arn:aws:iam::111122223333:user/ann");
    expect(said()).toContain("Address of the Shortcut:\n    https://abc.lambda-url.example/");
    expect(said()).toContain(
      "#dashboards/dashboard/wrist-agent-on-call".replace(
        "#",
        "https://us-west-2.console.aws.amazon.com/cloudwatch/home?region=us-west-2#",
      ),
    );
    expect(said()).toContain("Give the Shortcut this address: https://abc.lambda-url.example/");
    expect(said()).toContain(
      "aws ssm get-parameter --with-decryption --region us-west-2 --name /wrist-agent/client-token",
    );
    expect(said()).toContain("https://billing.example");
  });

  test("tells of several Regions which address goes with which token", async () => {
    const app = (region: string): FakeStack => ({
      stackName: region === "us-west-2" ? "WristAgent-production" : `WristAgent-production-${region}`,
      region,
      outputs: {
        FunctionUrl: { value: `https://${region}.example/`, description: "Address of the Shortcut" },
        TokenParameterName: { value: "/wrist-agent/client-token" },
      },
    });
    await run(world({ stacks: [app("us-west-2"), app("eu-west-1")] }), "--yes", "--only", "app");
    expect(said()).toContain("Address of the Shortcut, in us-west-2:\n    https://us-west-2.example/");
    expect(said()).toMatch(
      /Give the Shortcut the address of one Region:\n +us-west-2: https:\/\/us-west-2.example\/\n.*\n +aws ssm .* --region us-west-2 .*\n +eu-west-1: https:\/\/eu-west-1.example\/\n.*\n +aws ssm .* --region eu-west-1 /,
    );
  });

  test("--json prints one line, and all else goes to stderr", async () => {
    await run(world(), "--yes", "--json");
    const [line = "", ...more] = terminal.written.out;
    expect(more).toEqual([]);
    const deployed = JSON.parse(line) as DeployResult;
    expect(deployed).toMatchObject({
      stage: "production",
      accountId: "111122223333",
      urls: [{ url: "https://abc.lambda-url.example/", answer: { status: 200, milliseconds: 900 } }],
    });
    expect(deployed.stacks.map(({ state }) => state)).toEqual(["deployed", "deployed", "deployed"]);
    expect(complained()).toContain("Account 111122223333");
  });

  test("leaves the account's billing stack to production, and says so", async () => {
    const fake = fakeDeployment({ stacks: stacksOf("staging"), folder });
    expect(await run(fake, "--yes", "--stage", "staging")).toBe(0);
    expect(fake.calls.at(-1)).toBe(`${DEPLOY} WristAgentMonitoring-staging`);
    expect(said()).toContain("WristAgentBilling is one per account and goes with production");
  });

  test("--only deploys that alone, in the order that the parts need", async () => {
    const fake = world();
    expect(await run(fake, "--yes", "--only", "billing,app")).toBe(0);
    expect(fake.calls.slice(1)).toEqual([`${DEPLOY} WristAgent-production`, `${DEPLOY} WristAgentBilling`]);
  });

  test("every Region's application comes before any monitoring", async () => {
    const further = stacksOf("production").map((stack) => ({
      ...stack,
      stackName: `${stack.stackName}-eu-west-1`,
    }));
    const fake = world({ stacks: [...stacksOf("production"), ...further.slice(1)] });
    await run(fake, "--yes", "--regions", "us-west-2,eu-west-1");
    expect(fake.contexts).toEqual([{ regions: "us-west-2,eu-west-1" }]);
    expect(fake.calls.slice(1).map((call) => call.split(" ").at(-1))).toEqual([
      "WristAgent-production",
      "WristAgent-production-eu-west-1",
      "WristAgentMonitoring-production",
      "WristAgentMonitoring-production-eu-west-1",
      "WristAgentBilling",
    ]);
  });

  test("asks on a terminal, and deploys nothing without a yes", async () => {
    const fake = world({ answer: "no" });
    expect(await run(fake)).toBe(1);
    expect(fake.questions).toEqual(["Deploy these 3 stacks to account 111122223333? (y/n) "]);
    expect(fake.calls).toHaveLength(1);
    expect(complained()).toBe("error: nothing was deployed");
  });

  test("deploys after a yes, and does not ask when nothing differs", async () => {
    expect(await run(world({ answer: "y" }))).toBe(0);
    const same = world({ answer: "no", cdk: () => ({ output: "Number of stacks with differences: 0" }) });
    expect(await run(same)).toBe(0);
    expect(same.questions).toEqual([]);
    expect(said()).toContain("Nothing differs from what is deployed.");
  });

  test("without a terminal it wants --yes, before it does anything", async () => {
    const fake = world();
    expect(await run(fake)).toBe(2);
    expect(complained()).toContain("pass --yes, or --dry-run");
    expect(fake.contexts).toEqual([]);
  });

  test("--dry-run stops after the diff", async () => {
    const fake = world();
    expect(await run(fake, "--dry-run")).toBe(0);
    expect(fake.calls).toHaveLength(1);
    expect(said()).toContain("Nothing was deployed: this was a dry run.");
  });

  test.each<[string, Partial<FakeWorld>, string]>([
    [
      "no credentials",
      {
        account: {
          caller: () => Promise.reject(new Failure("there are no AWS credentials: set AWS_PROFILE")),
        },
      },
      "there are no AWS credentials: set AWS_PROFILE",
    ],
    [
      "a Region without bootstrap",
      { account: { bootstrapVersion: (region) => Promise.resolve(region === "us-east-1" ? "missing" : 28) } },
      "account 111122223333 is not bootstrapped in us-east-1: run npx cdk bootstrap aws://111122223333/us-east-1",
    ],
    [
      "an old bootstrap stack",
      { account: { bootstrapVersion: () => Promise.resolve(5) } },
      "has a bootstrap stack of version 5 in us-west-2, and 6 is needed, and has a bootstrap stack of version 5 in us-east-1, and 6 is needed: run npx cdk bootstrap aws://111122223333/us-west-2 aws://111122223333/us-east-1",
    ],
    [
      "a diff that fails",
      { cdk: () => ({ exitCode: 1 }) },
      "cdk diff failed, as it says above: nothing was deployed",
    ],
  ])("%s ends it before anything is deployed", async (_name, more, message) => {
    const fake = world(more);
    expect(await run(fake, "--yes")).toBe(1);
    expect(complained()).toContain(message);
    expect(fake.calls.filter((call) => call.startsWith("deploy"))).toEqual([]);
  });

  test("credentials that may not read the bootstrap version leave that to the CLI", async () => {
    const fake = world({ account: { bootstrapVersion: () => Promise.resolve("unreadable") } });
    expect(await run(fake, "--yes")).toBe(0);
  });

  test("after a stack that fails the others are not begun, and each is told", async () => {
    const fake = world({
      cdk: (args) => ({ exitCode: args.at(-1) === "WristAgentMonitoring-production" ? 1 : 0 }),
    });
    expect(await run(fake, "--yes")).toBe(1);
    expect(fake.calls).toHaveLength(3);
    expect(said()).toMatch(
      /deployed +WristAgent-production .*\n +failed +WristAgentMonitoring-production .*\n +not begun +WristAgentBilling/,
    );
    expect(complained()).toContain(
      "describe-stack-events --region us-west-2 --stack-name WristAgentMonitoring-production",
    );
    expect(complained()).toContain("error: WristAgentMonitoring-production was not deployed");
  });

  test("Ctrl-C while a stack is deployed tells that CloudFormation goes on, and how to stop it", async () => {
    const fake = world({
      cdk: (args) => {
        if (args.at(-1) !== "WristAgent-production") return {};
        fake.interrupt();
        return { exitCode: 1 };
      },
    });
    expect(await run(fake, "--yes", "--only", "app,billing", "-c", "alarmEmail=ann@example.com")).toBe(1);
    expect(complained()).toContain(
      "WristAgent-production was being deployed: CloudFormation goes on with it",
    );
    expect(complained()).toContain(
      "cancel-update-stack --region us-west-2 --stack-name WristAgent-production",
    );
    expect(complained()).toContain(
      "WristAgentBilling was not begun. To go on: npm run deploy -- --stage production --only app,billing -c alarmEmail=ann@example.com",
    );
    expect(complained()).toContain("error: interrupted");
  });

  test("Ctrl-C during the synthesis deploys nothing, and is not told as a fault of the app", async () => {
    const fake = world();
    const broken: FakeDeployment = {
      ...fake,
      ports: {
        ...fake.ports,
        synthesise: ({ signal }) => {
          fake.interrupt();
          return Promise.reject(new SynthesisError(`the app ended, aborted: ${signal.aborted}`));
        },
      },
    };
    expect(await run(broken, "--yes")).toBe(1);
    expect(complained()).toBe("error: interrupted: nothing was deployed");
    expect(fake.calls).toEqual([]);
  });

  test("an app that cannot be synthesised says why", async () => {
    const fake = world();
    const broken: FakeDeployment = {
      ...fake,
      ports: { ...fake.ports, synthesise: () => Promise.reject(new SynthesisError("line 3 is wrong")) },
    };
    expect(await run(broken, "--yes")).toBe(1);
    expect(complained()).toBe("error: line 3 is wrong");
  });

  test("Ctrl-C during the diff deploys nothing", async () => {
    const fake = world({
      cdk: () => {
        fake.interrupt();
        return { exitCode: 130 };
      },
    });
    expect(await run(fake, "--yes")).toBe(1);
    expect(complained()).toBe("error: interrupted: nothing was deployed");
  });

  test.each([
    [["--only", "everything"], '"everything" is none of app, monitoring, billing, delivery.'],
    [
      ["--yes", "--only", "delivery"],
      "give the repository that may deploy, as in -c githubRepository=owner/name",
    ],
    [["-c", "region"], "give name=value"],
  ])("%j is wrong usage", async (options, message) => {
    expect(await run(world(), ...options)).toBe(2);
    expect(complained()).toContain(message);
  });
});
