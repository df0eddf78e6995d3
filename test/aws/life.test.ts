import { ListSubscriptionsByTopicCommand, SNSClient, UnsubscribeCommand } from "@aws-sdk/client-sns";
import { DeleteParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DeployResult } from "../../bin/commands/deploy/deploy-result.ts";
import { ACCOUNT, hasMoto, startMoto, type Moto } from "./moto.ts";

const CREDENTIALS = { accessKeyId: "testing", secretAccessKey: "testing" };
const MAIL = ["-c", "alarmEmail=ann@example.com"] as const;
const BOTH = ["--only", "app,monitoring"] as const;

let moto: Moto;

/** Production's life as a list of steps, each on what the one before left. */
describe.skipIf(!hasMoto())("production, from its first failure to its second creation", () => {
  beforeAll(async () => {
    moto = await startMoto();
  });
  afterAll(() => moto.stop());

  async function deploy(...args: readonly string[]) {
    const options = ["--stage", "production", "--yes", "--json", ...BOTH, ...args];
    const { code, out, all } = await moto.run(
      "--conditions=source",
      "--import",
      "tsx",
      "bin/cli.ts",
      "deploy",
      ...options,
    );
    process.stdout.write(`\n$ deploy ${options.join(" ")}\n${all.split("\n").slice(-12).join("\n")}\n`);
    return { code, all, deployed: code === 0 ? (JSON.parse(out) as DeployResult) : undefined };
  }

  async function destroy(stack: string) {
    const unprotected = await moto.run("--import", "tsx", "test/aws/unprotect.ts", stack, moto.endpoint);
    expect(unprotected.code, unprotected.all).toBe(0);
    const gone = await moto.run(
      "node_modules/aws-cdk/bin/cdk",
      "destroy",
      stack,
      "--force",
      "-c",
      "stage=production",
    );
    expect(gone.code, gone.all).toBe(0);
  }

  const client = { region: "us-west-2", credentials: CREDENTIALS };

  test("a token of the Go version fails the first deploy; without it the second works", async () => {
    const ssm = new SSMClient({ ...client, endpoint: moto.endpoint });
    const Name = "/wrist-agent/client-token";
    await ssm.send(new PutParameterCommand({ Name, Type: "String", Value: "old" }));
    const failed = await deploy(...MAIL);
    expect(failed.code, failed.all).toBe(1);
    expect(failed.all).toContain("WristAgent-production was not deployed");
    await ssm.send(new DeleteParameterCommand({ Name }));
    ssm.destroy();
    const again = await deploy(...MAIL);
    expect(again.code, again.all).toBe(0);
    expect(again.deployed?.subscriptions.map(({ topic, state }) => `${topic} ${state}`).sort()).toEqual([
      "wrist-agent-production-owner confirmed",
      "wrist-agent-production-page confirmed",
      "wrist-agent-production-ticket confirmed",
    ]);
  });

  test("a deploy that is given nothing keeps the addresses, and differs in nothing", async () => {
    const { code, all } = await deploy();
    expect(code, all).toBe(0);
    expect(all).toContain("alarmEmail = ann@example.com");
    expect(all).toContain("Nothing differs from what is deployed.");
  });

  test("a subscription that a link ended is told as gone, though nothing differs", async () => {
    const sns = new SNSClient({ ...client, endpoint: moto.endpoint });
    const TopicArn = `arn:aws:sns:us-west-2:${ACCOUNT}:wrist-agent-production-page`;
    const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    await sns.send(new UnsubscribeCommand({ SubscriptionArn: Subscriptions[0]?.SubscriptionArn ?? "" }));
    sns.destroy();
    const { code, all, deployed } = await deploy();
    expect(code, all).toBe(0);
    expect(deployed?.subscriptions.filter(({ state }) => state === "gone")).toEqual([
      {
        topic: "wrist-agent-production-page",
        region: "us-west-2",
        address: "ann@example.com",
        state: "gone",
      },
    ]);
  });

  test("the probe goes only when that is allowed, and comes back to its log", async () => {
    const refused = await deploy("-c", "probeMinutes=0");
    expect(refused.code, refused.all).toBe(2);
    expect(refused.all).toContain("the alarm wrist-agent-production-probe-failing");
    const off = await deploy("-c", "probeMinutes=0", "--allow-removal");
    expect(off.code, off.all).toBe(0);
    const on = await deploy("--forget", "probeMinutes");
    expect(on.code, on.all).toBe(0);
  });

  test("provisioned concurrency that is switched off is taken off the alias", async () => {
    const on = await deploy("-c", "provisionedConcurrency=1", "-c", "deployment=all-at-once");
    expect(on.code, on.all).toBe(0);
    const off = await deploy("-c", "provisionedConcurrency=0");
    expect(off.code, off.all).toBe(0);
    expect(off.all).toContain("The alias of wrist-agent-production kept environments initialised");
  });

  test("destroyed and deployed again it takes over the logs that stayed", async () => {
    await destroy("WristAgentMonitoring-production");
    await destroy("WristAgent-production");
    const back = await deploy(...MAIL);
    expect(back.code, back.all).toBe(0);
    expect(back.deployed?.stacks.map(({ state }) => state)).toEqual(["deployed", "deployed"]);
  });
});
