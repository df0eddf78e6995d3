import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  CloudFormationClient,
  DescribeStacksCommand,
  UpdateTerminationProtectionCommand,
} from "@aws-sdk/client-cloudformation";
import { GetAliasCommand, GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { ListTopicsCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  DeleteParameterCommand,
  GetParameterCommand,
  PutParameterCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { expect } from "vitest";
import type { DeployResult } from "../../bin/commands/deploy/deploy-result.ts";
import type { Ended, Moto } from "./moto.ts";

/** Regions of the stage, the first one lost in the end. */
export const HOME = "us-west-2";
export const ELSEWHERE = "eu-west-1";
const APP = "WristAgent-production";
const MONITORING = "WristAgentMonitoring-production";
const TOKEN = "/wrist-agent/client-token";
const FUNCTION = "wrist-agent-production";
const ON_CALL = "on-call@example.com";
const CLI = ["--conditions=source", "--import", "tsx", "bin/cli.ts"] as const;

/** Where it happens. */
export interface Place {
  readonly moto: Moto;
  /** Holds the backup and its passphrase. */
  readonly folder: string;
}

let { moto, folder } = {} as Place;

/** Says where it happens, before the first step. */
export function happensAt(place: Place): void {
  ({ moto, folder } = place);
}

/** How a deploy ended: with what it printed, and for a script. */
interface Deployed extends Ended {
  /** Missing where nothing came of it. */
  readonly result: DeployResult | undefined;
}

/** One event of the stage's years; what a person sees of it is printed. */
export interface Step {
  readonly what: string;
  readonly happens: () => Promise<Ended>;
  readonly expected: (seen: Ended) => Promise<void> | void;
}

async function deploy(...args: readonly string[]): Promise<Deployed> {
  const parts = args.includes("--only") ? [] : ["--only", "app,monitoring"];
  const ended = await moto.run(
    ...CLI,
    "deploy",
    "--stage",
    "production",
    "--yes",
    "--no-verify",
    "--json",
    ...parts,
    ...args,
  );
  return {
    ...ended,
    result: ended.out.startsWith("{") ? (JSON.parse(ended.out) as DeployResult) : undefined,
  };
}

function resultOf(seen: Ended): DeployResult {
  return JSON.parse(seen.out) as DeployResult;
}

/** Topics and states of an address, as the deploy's table tells them. */
function mails(seen: Ended): readonly string[] {
  return resultOf(seen).subscriptions.map(
    ({ topic, state }) => `${topic.replace(`${FUNCTION}-`, "")} ${state}`,
  );
}

function client<C>(Make: new (config: object) => C, region: string): C {
  const credentials = { accessKeyId: "testing", secretAccessKey: "testing" };
  return new Make({ endpoint: moto.endpoint, region, credentials });
}

async function token(region: string): Promise<string | undefined> {
  const ssm = client(SSMClient, region);
  const found = ssm
    .send(new GetParameterCommand({ Name: TOKEN, WithDecryption: true }))
    .catch(() => undefined);
  return (await found)?.Parameter?.Value;
}

async function statusOf(stack: string, region = HOME): Promise<string> {
  const cloudFormation = client(CloudFormationClient, region);
  const found = cloudFormation.send(new DescribeStacksCommand({ StackName: stack })).catch(() => undefined);
  return (await found)?.Stacks?.[0]?.StackStatus ?? "none";
}

async function memory(): Promise<number | undefined> {
  const command = new GetFunctionConfigurationCommand({ FunctionName: FUNCTION });
  return (await client(LambdaClient, HOME).send(command)).MemorySize;
}

async function liveVersion(): Promise<string | undefined> {
  const command = new GetAliasCommand({ FunctionName: FUNCTION, Name: "live" });
  return (await client(LambdaClient, HOME).send(command)).FunctionVersion;
}

/** Destroys the stage as its owner would: the protection off, then the stacks that depend on others first. */
async function destroyStage(): Promise<Ended> {
  const cloudFormation = client(CloudFormationClient, HOME);
  for (const StackName of [MONITORING, APP]) {
    const off = new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection: false });
    await cloudFormation.send(off);
  }
  const settings = ["-c", "stage=production", "-c", `alarmEmail=${ON_CALL}`];
  const destroy = (stack: string): Promise<Ended> =>
    moto.run("node_modules/aws-cdk/bin/cdk", "destroy", stack, "--exclusively", "--force", ...settings);
  const monitoring = await destroy(MONITORING);
  const app = await destroy(APP);
  const code = monitoring.code === 0 ? app.code : monitoring.code;
  return { code, out: monitoring.out + app.out, all: monitoring.all + app.all };
}

const NOTHING: Ended = { code: 0, out: "", all: "" };

/** What happens in the account without anybody's command. */
async function meanwhile(...orders: readonly Parameters<Moto["order"]>[0][]): Promise<Ended> {
  for (const order of orders) await moto.order(order);
  return NOTHING;
}

/** The years of production, in order: each step finds what those before it left. */
export const STEPS: readonly Step[] = [
  {
    what: "The token is there as a plain String, as the Go version made it, and the first deploy fails.",
    happens: async () => {
      const put = new PutParameterCommand({ Name: TOKEN, Type: "String", Value: "plain" });
      await client(SSMClient, HOME).send(put);
      return deploy("-c", `alarmEmail=${ON_CALL}`);
    },
    expected: async ({ code, all }) => {
      expect(code).toBe(1);
      expect(all).toContain(`${TOKEN} is a String`);
      expect(all).toContain(`${APP} was not deployed`);
      expect(await statusOf(APP)).toBe("ROLLBACK_COMPLETE");
    },
  },
  {
    what: "The String is removed, and the same deploy works: no log group of the failed one is in its way.",
    happens: async () => {
      await client(SSMClient, HOME).send(new DeleteParameterCommand({ Name: TOKEN }));
      return deploy("-c", `alarmEmail=${ON_CALL}`);
    },
    expected: async (seen) => {
      expect(seen.all).toContain(
        `The creation of ${APP} failed before: what is left of it is removed first.`,
      );
      expect(seen.code, seen.all).toBe(0);
      expect(resultOf(seen).urls[0]?.answer).toMatchObject({ status: 200 });
      expect(mails(seen)).toEqual(["owner not confirmed", "page not confirmed", "ticket not confirmed"]);
      expect(await token(HOME)).toContain("current");
    },
  },
  {
    what: "Two days pass, and nobody confirms: SNS forgets the address, and the next deploy says so.",
    happens: async () => {
      await meanwhile({ hours: 49 });
      return deploy();
    },
    expected: (seen) => {
      expect(seen.code, seen.all).toBe(0);
      expect(seen.all).toContain("Nothing differs from what is deployed.");
      expect(mails(seen)).toEqual(["owner gone", "page gone", "ticket gone"]);
    },
  },
  {
    what: "It is subscribed again as the deploy said, and confirmed; a scanner of links leaves later. A colleague changes the memory without giving the address.",
    happens: async () => {
      const sns = client(SNSClient, HOME);
      const { Topics = [] } = await sns.send(new ListTopicsCommand({}));
      for (const { TopicArn } of Topics)
        await sns.send(new SubscribeCommand({ TopicArn, Protocol: "email", Endpoint: ON_CALL }));
      await meanwhile({ confirm: ON_CALL }, { hours: 1_000 });
      return deploy("-c", "lambdaMemory=256");
    },
    expected: async (seen) => {
      expect(seen.code, seen.all).toBe(0);
      expect(seen.all).toContain(`alarmEmail = ${ON_CALL}`);
      expect(mails(seen)).toEqual(["owner confirmed", "page confirmed", "ticket confirmed"]);
      expect(await memory()).toBe(256);
    },
  },
  {
    what: "The probe is switched off: --yes does not cover that, and nothing is changed.",
    happens: () => deploy("-c", "probeMinutes=0"),
    expected: ({ code, all }) => {
      expect(code).toBe(2);
      expect(all).toContain(`the probe ${FUNCTION}-probe`);
      expect(all).toContain("--yes does not cover a removal");
    },
  },
  {
    what: "It is switched off with --allow-removal; its log group stays.",
    happens: () => deploy("-c", "probeMinutes=0", "--allow-removal", "--only", "monitoring"),
    expected: async ({ code }) => {
      expect(code).toBe(0);
      expect(await statusOf(MONITORING)).toBe("UPDATE_COMPLETE");
    },
  },
  {
    what: "It is switched on again, with the spend breaker: the log group that stayed is taken over. A link in a mail has been followed.",
    happens: async () => {
      await meanwhile({ unsubscribe: ON_CALL });
      // The default profile has ten alarms that cost nothing: one more for the probe, one less for throttles.
      return deploy("-c", "probeMinutes=3", "-c", "spendBreaker=true", "--allow-removal");
    },
    expected: (seen) => {
      expect(seen.code, seen.all).toBe(0);
      expect(seen.all).toContain(`the alarm ${FUNCTION}-throttles`);
      expect(mails(seen)).toEqual(["owner gone", "page gone", "ticket gone"]);
    },
  },
  {
    what: "Two environments are kept initialised.",
    happens: () => deploy("-c", "deployment=all-at-once", "-c", "provisionedConcurrency=2", "--only", "app"),
    expected: async ({ code }) => {
      expect(code).toBe(0);
      expect((await moto.order({})).provisioned).toEqual({ [`${HOME}:${FUNCTION}:live`]: 2 });
    },
  },
  {
    what: "They are no longer wanted: the stack's scaling goes, and the deploy takes what it leaves on the alias.",
    happens: () => deploy("-c", "provisionedConcurrency=0", "--only", "app"),
    expected: async ({ code, all }) => {
      expect(code).toBe(0);
      expect(all).toContain("kept environments initialised, which cost by the hour: that is over");
      expect((await moto.order({})).provisioned).toEqual({});
    },
  },
  {
    what: "The hook refuses a new version: the update is taken back, and the old version serves.",
    happens: async () => {
      await meanwhile({
        fail: [{ resource: "AgentLive", reason: "Deployment d-1 failed: the hook refused it" }],
      });
      return deploy("-c", "lambdaMemory=384", "--only", "app");
    },
    expected: async ({ code, all }) => {
      expect(code).toBe(1);
      expect(all).toContain("the hook refused it");
      expect(await statusOf(APP)).toBe("UPDATE_ROLLBACK_COMPLETE");
      expect(await memory()).toBe(256);
    },
  },
  {
    what: "The same change is deployed again, now that the hook is content.",
    happens: () => deploy("-c", "lambdaMemory=384", "--only", "app"),
    expected: async (seen) => {
      expect(seen.code, seen.all).toBe(0);
      expect(await memory()).toBe(384);
      expect(await liveVersion()).toBe(String(await newestVersion()));
    },
  },
  {
    what: "The new version answers 503, which the deploy's question finds out.",
    happens: async () => {
      await meanwhile({ answers: 503 });
      return deploy("-c", "lambdaMemory=512", "--only", "app");
    },
    expected: async ({ code, all }) => {
      expect(code).toBe(1);
      expect(all).toMatch(/everything is deployed, but .* answers 503 \(no model\): npm run cli -- rollback/);
      await meanwhile({ answers: 200 });
    },
  },
  {
    what: "The stage is backed up, its token under a passphrase.",
    happens: async () => {
      await writeFile(join(folder, "passphrase"), "correct horse battery staple", { mode: 0o600 });
      const place = ["--aws", "--stage", "production", "--region", HOME];
      const seal = ["--passphrase-file", join(folder, "passphrase")];
      return moto.run(...CLI, "backup", join(folder, "kept"), ...place, ...seal);
    },
    expected: async ({ code, all }) => {
      expect(code, all).toBe(0);
      expect(all).toContain(`sealed under the passphrase: ${TOKEN}`);
      const checked = await moto.run(...CLI, "backup", "--check", join(folder, "kept"));
      expect(checked.code, checked.all).toBe(0);
    },
  },
  {
    what: "The stage is destroyed; log groups and token stay, as the Shortcut holds the token.",
    happens: destroyStage,
    expected: async ({ code, all }) => {
      expect(code, all).toBe(0);
      expect([await statusOf(APP), await statusOf(MONITORING)]).toEqual(["none", "none"]);
      expect(await token(HOME)).toContain("current");
    },
  },
  {
    what: "It is deployed again: what stayed is taken over, the token with it.",
    happens: () => deploy("-c", `alarmEmail=${ON_CALL}`),
    expected: (seen) => {
      expect(seen.code, seen.all).toBe(0);
      expect(resultOf(seen).urls[0]?.answer).toMatchObject({ status: 200 });
    },
  },
  {
    what: "The Region is lost. A deploy of the stage in two Regions cannot reach it, and says so.",
    happens: async () => {
      await meanwhile({ darkRegions: [HOME] });
      return deploy("--regions", `${HOME},${ELSEWHERE}`);
    },
    expected: ({ code, all }) => {
      expect(code).toBe(1);
      expect(all).toMatch(/error: parameter \S+ in us-west-2 could not be read: /);
      expect(all).not.toMatch(/\n\s+at /);
    },
  },
  {
    what: "The stage is restored in another Region from the backup, with the token that the Shortcut holds.",
    happens: () => {
      const seal = ["--passphrase-file", join(folder, "passphrase")];
      return moto.run(...CLI, "restore", join(folder, "kept"), "--region", ELSEWHERE, ...seal, "--yes");
    },
    expected: async ({ code, all }) => {
      expect(code, all).toBe(0);
      expect(all).toContain(`/moto-api/function-url/${ELSEWHERE}/${FUNCTION}/`);
      // The deploy subscribes whom the settings name, and says what is left to do.
      expect(all).toContain(`Confirm 2 mails to ${ON_CALL}`);
      expect(all).toContain(`Confirm the mail of SNS to ${ON_CALL} (${FUNCTION}-page)`);
      await meanwhile({ darkRegions: [] });
      expect(await token(ELSEWHERE)).toBe(await token(HOME));
    },
  },
  {
    what: "While the first Region is lost, the stacks of the other one alone are deployed.",
    happens: async () => {
      await meanwhile({ darkRegions: [HOME] });
      return deploy(
        "--regions",
        `${ELSEWHERE},${HOME}`,
        "--only-region",
        ELSEWHERE,
        "-c",
        "lambdaMemory=256",
      );
    },
    expected: async (seen) => {
      expect(seen.code, seen.all).toBe(0);
      expect(resultOf(seen).stacks).toMatchObject([
        { stackName: APP, region: ELSEWHERE, state: "deployed" },
        { stackName: MONITORING, region: ELSEWHERE, state: "deployed" },
      ]);
      await meanwhile({ darkRegions: [] });
    },
  },
];

/** The highest number that was published. */
async function newestVersion(): Promise<number> {
  const listed = await moto.run(
    ...CLI,
    "rollback",
    "--list",
    "--json",
    "--aws",
    "--stage",
    "production",
    "--region",
    HOME,
  );
  const { versions } = JSON.parse(listed.out) as {
    readonly versions: readonly { readonly version: string }[];
  };
  return Math.max(...versions.map(({ version }) => Number(version)));
}
