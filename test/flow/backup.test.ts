import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { backupCommand, type BackupAround } from "../../bin/commands/backup.ts";
import { configCommand } from "../../bin/commands/config.ts";
import { restoreCommand, type RestoreAround } from "../../bin/commands/restore.ts";
import { denied, type FaultOf } from "../support/faulty-aws.ts";
import type { MemoryTerminal } from "../support/memory-terminal.ts";
import { operated, OperatedStage } from "../support/operated-stage.ts";
import { localAws } from "../support/scripted-runtime.ts";
import { signInBefore } from "../support/stage-behind-aws.ts";

const START_MS = Date.parse("2026-11-23T17:00:20Z");
const PASSPHRASE = "correct horse battery staple";
const PAGE_TOPIC = "arn:aws:sns:us-west-2:123456789012:wrist-agent-production-page";

let directory: string;
let stage: OperatedStage;
let other: OperatedStage;
let passphraseFile: string;
/** A backup of `stage`, which no test changes. */
let kept: string;

const AROUND: BackupAround = {
  askSecret: undefined,
  environment: {},
  onInterrupt: () => () => undefined,
  now: () => new Date("2026-11-23T18:00:00.000Z"),
};

beforeAll(async () => {
  stage = await OperatedStage.build(START_MS, { lambdaMemory: "256" });
  ({ directory } = stage);
  passphraseFile = join(directory, "passphrase");
  await writeFile(passphraseFile, `${PASSPHRASE}\n`, { mode: 0o600 });
  other = await OperatedStage.start(directory, START_MS);
  expect((await stage.operate(configCommand, "set", "timeout", "25")).code).toBe(0);
  await subscribe(stage, "second@example.com");
  kept = join(directory, "kept");
  expect(await backup(kept, "--passphrase-file", passphraseFile)).toMatchObject({ code: 0, err: [] });
});

afterAll(async () => {
  await other.stop();
  await stage.remove();
});

function backup(place: string, ...options: readonly string[]) {
  const make = (terminal: MemoryTerminal) => backupCommand(terminal, AROUND);
  return stage.operate(make, place, ...options);
}

function check(place: string, ...options: readonly string[]) {
  return operated((terminal) => backupCommand(terminal, AROUND), ["--check", place, ...options]);
}

/** Restores into the other system, for somebody who says yes. */
function restore(place: string, around: Partial<RestoreAround>, ...options: readonly string[]) {
  const make = (terminal: MemoryTerminal) =>
    restoreCommand(terminal, {
      ...AROUND,
      ask: () => Promise.resolve("y"),
      wait: (milliseconds) => other.clock.advance(milliseconds),
      ...around,
    });
  return other.operate(make, place, ...options);
}

async function subscribe(at: OperatedStage, Endpoint: string): Promise<void> {
  const client = new SNSClient(localAws(at.system));
  await client.send(new SubscribeCommand({ TopicArn: PAGE_TOPIC, Protocol: "email", Endpoint }));
  client.destroy();
}

async function parameter(at: OperatedStage, Name: string): Promise<string | undefined> {
  const client = new SSMClient(localAws(at.system));
  const found = client.send(new GetParameterCommand({ Name, WithDecryption: true })).catch(() => undefined);
  const answer = await found;
  client.destroy();
  return answer?.Parameter?.Value;
}

async function fileJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(join(kept, path), "utf8")) as unknown;
}

describe("a backup of a running stage", () => {
  test("holds templates as they run, settings, parameters, dashboards, alarms, history and subscriptions", async () => {
    for (const [region, name] of [
      ["us-west-2", "WristAgent-production"],
      ["us-west-2", "WristAgentMonitoring-production"],
      ["us-east-1", "WristAgentBilling"],
    ]) {
      const deployed = await readFile(join(directory, "cdk.out", `${name ?? ""}.template.json`), "utf8");
      expect(await readFile(join(kept, "templates", region ?? "", `${name ?? ""}.json`), "utf8")).toBe(
        deployed,
      );
    }
    const parameters = (await fileJson("parameters.json")) as readonly { readonly name: string }[];
    expect(parameters).toContainEqual(
      expect.objectContaining({ name: "/wrist-agent/production/config/timeout", value: "25" }),
    );
    const given = parameters.find(({ name }) => name.endsWith("/settings/application"));
    expect(given).toMatchObject({ value: expect.stringContaining('"lambdaMemory":"256"') as string });
    const alarms = (await fileJson("alarms.json")) as readonly {
      readonly metricAlarms: readonly { readonly AlarmName: string; readonly Threshold?: number }[];
    }[];
    const names = alarms.flatMap(({ metricAlarms }) => metricAlarms.map(({ AlarmName }) => AlarmName));
    expect(names).toEqual(expect.arrayContaining(["wrist-agent-production-failing-now"]));
    expect(names.some((name) => name.startsWith("wrist-agent-billing-"))).toBe(true);
    const history = (await fileJson("alarm-history.json")) as readonly {
      readonly history: readonly object[];
    }[];
    expect(history.every(({ history: items }) => items.length > 0)).toBe(true);
    expect(await fileJson("subscriptions.json")).toContainEqual({
      topic: "wrist-agent-production-page",
      region: "us-west-2",
      address: "second@example.com",
      state: "not confirmed",
    });
    expect((await readdir(join(kept, "dashboards"))).sort()).toEqual([
      "wrist-agent-production-us-west-2-cost.json",
      "wrist-agent-production-us-west-2-on-call.json",
      "wrist-agent-production-us-west-2-traffic.json",
    ]);
    expect(await fileJson("assets.json")).toContainEqual(
      expect.objectContaining({
        functionName: "wrist-agent-production",
        key: expect.stringMatching(/^[0-9a-f]{64}\.zip$/) as string,
      }),
    );
    expect(await fileJson("agent.json")).toMatchObject({
      alias: { version: "1" },
      versions: [{ version: "1" }],
    });
  });

  test("holds the token nowhere in clear, and opens with the passphrase alone", async () => {
    const token = stage.system.token;
    for (const entry of await readdir(kept, { recursive: true, withFileTypes: true }))
      if (entry.isFile())
        expect(await readFile(join(entry.parentPath, entry.name), "utf8"), entry.name).not.toContain(token);
    const opened = await check(kept, "--passphrase-file", passphraseFile);
    expect(opened).toMatchObject({ code: 0, err: [] });
    expect(opened.out.join("\n")).toMatch(
      /is whole: \d+ files of production in us-west-2, account 123456789012/,
    );
    expect(opened.out.join("\n")).toContain("the secrets open with the passphrase");
    expect((await check(kept)).out.join("\n")).toContain(
      "the secrets were not opened: give --passphrase-file",
    );
    const wrong = join(directory, "wrong");
    await writeFile(wrong, "another passphrase");
    const refused = await check(kept, "--passphrase-file", wrong);
    expect(refused.code).toBe(1);
    expect(refused.err.join("\n")).toContain("the secrets do not open: the passphrase is another one");
    expect(refused.err.join("\n")).toContain(`chmod 600 ${wrong}`);
  });

  test("tells a script what it wrote, and what a check found", async () => {
    const place = join(directory, "for-a-script");
    const written = await backup(place, "--without-secrets", "--json");
    expect(JSON.parse(written.out.join(""))).toMatchObject({
      did: "backed up",
      stage: "production",
      secrets: "left out",
      accountId: "123456789012",
    });
    expect(JSON.parse((await check(place, "--json")).out.join(""))).toMatchObject({
      problems: [],
      opened: "none",
    });
    await writeFile(join(place, "alarms.json"), "[]\n");
    await rm(join(place, "assets.json"));
    const damaged = await check(place, "--json");
    expect(damaged.code).toBe(1);
    expect(JSON.parse(damaged.out.join(""))).toMatchObject({
      problems: [expect.stringMatching(/^alarms\.json is damaged/), "assets.json is missing"],
    });
    const told = await check(place);
    expect(told.err.at(-1)).toBe(`error: ${place} is not whole: 2 faults`);
  });

  test.each<[string, readonly string[], RegExp]>([
    [
      "without a passphrase where nobody can be asked",
      [],
      /pass --passphrase-file, or set WRIST_AGENT_BACKUP_PASSPHRASE, or leave them out with --without-secrets/,
    ],
    [
      "with a file that is not there",
      ["--passphrase-file", "/nowhere"],
      /the passphrase's file cannot be read: ENOENT/,
    ],
    [
      "of a stage that does not run here",
      ["--without-secrets", "--stage", "staging"],
      /production runs on this machine, not staging/,
    ],
  ])("is refused %s, and nothing is written", async (_when, options, reason) => {
    const refused = await backup(join(directory, "refused"), ...options);
    expect(refused.code).toBe(2);
    expect(refused.err.join("\n")).toMatch(reason);
    expect((await readdir(directory)).filter((name) => name.includes("refused"))).toEqual([]);
  });

  test("asks for the passphrase twice, and takes none that is short or differs", async () => {
    const ask = async (...answers: readonly string[]) => {
      const left = [...answers];
      const around = { ...AROUND, askSecret: () => Promise.resolve(left.shift()) };
      const place = join(directory, "asked");
      return stage.operate((terminal) => backupCommand(terminal, around), place);
    };
    expect((await ask("short", "short")).err.join("\n")).toContain(
      "the passphrase has 5 characters: take 12 or more",
    );
    expect((await ask(PASSPHRASE, "another one, longer")).err.join("\n")).toContain(
      "the two passphrases differ",
    );
    expect((await ask(PASSPHRASE)).err.join("\n")).toContain("interrupted: nothing was changed");
    expect((await ask(PASSPHRASE, PASSPHRASE)).code).toBe(0);
  });

  test("ends at Ctrl-C with nothing half", async () => {
    const around = {
      ...AROUND,
      onInterrupt: (interrupt: () => void) => {
        interrupt();
        return () => undefined;
      },
    };
    const ended = await stage.operate(
      (terminal) => backupCommand(terminal, around),
      join(directory, "broken-off"),
      "--without-secrets",
    );
    expect(ended).toMatchObject({ code: 1, err: ["error: interrupted: nothing was written"] });
    expect((await readdir(directory)).filter((name) => name.includes("broken-off"))).toEqual([]);
  });

  test.each([
    ["DescribeStacks", "cloudformation:DescribeStacks"],
    ["GetTemplate", "cloudformation:GetTemplate"],
    ["GetParametersByPath", "ssm:GetParametersByPath"],
    ["GetDashboard", "cloudwatch:GetDashboard"],
    ["DescribeAlarmHistory", "cloudwatch:DescribeAlarmHistory"],
    ["ListSubscriptionsByTopic", "sns:ListSubscriptionsByTopic"],
  ])("is not made by halves where %s is denied: the IAM action is named", async (operation, action) => {
    await signIn((asked) => (asked === operation ? denied(action, "x") : undefined));
    const refused = await backup(
      join(directory, "denied"),
      "--aws",
      "--stage",
      "production",
      "--without-secrets",
    );
    expect(refused.code).toBe(1);
    expect(refused.err.join("\n")).toContain(`production in AWS: these credentials lack ${action}`);
    expect((await readdir(directory)).filter((name) => name.includes("denied"))).toEqual([]);
  });
});

const signIn = (faultOf?: FaultOf) => signInBefore(other, faultOf);

describe("a restore", () => {
  test("into a running system puts the token back, and what was set and subscribed; the URL answers", async () => {
    await startAnew();
    const before = other.system.token;
    const dry = await restore(kept, {}, "--dry-run", "--passphrase-file", passphraseFile);
    expect(dry).toMatchObject({ code: 0, err: [] });
    expect(other.system.token).toBe(before);
    const done = await restore(kept, {}, "--passphrase-file", passphraseFile);
    expect(done).toMatchObject({ code: 0, err: [] });
    expect(other.system.token).toBe(stage.system.token);
    expect(await parameter(other, "/wrist-agent/production/config/timeout")).toBe("25");
    const said = done.out.join("\n");
    expect(said).toContain("  subscribed second@example.com to wrist-agent-production-page");
    expect(said).toContain("  every alarm, dashboard and address of the backup is there");
    expect(said).toContain(`Give the Shortcut this address: ${other.system.addresses.functionUrl}`);
    expect(said).toContain("Confirm the mail of SNS to second@example.com (wrist-agent-production-page)");
    expect((await other.ask("water the fern", "note", stage.system.token)).status).toBe(200);
    expect((await other.ask("water the fern", "note", before)).status).toBe(401);
  });

  test.each<
    [string, { around?: Partial<RestoreAround>; options?: readonly string[]; code: number; reason: RegExp }]
  >([
    [
      "a wrong passphrase",
      {
        around: { askSecret: () => Promise.resolve("another passphrase") },
        code: 1,
        reason: /the secrets do not open/,
      },
    ],
    ["no passphrase", { code: 2, reason: /no passphrase is given/ }],
    [
      "a foreign stage",
      { options: ["--stage", "staging"], code: 2, reason: /kept is a backup of production, not of staging/ },
    ],
    [
      "nobody to ask",
      { around: { ask: undefined }, code: 2, reason: /this is not a terminal, so it cannot ask/ },
    ],
    [
      "a laptop's backup for AWS",
      { options: ["--aws", "--without-secrets"], code: 1, reason: /the backup of a system on a laptop/ },
    ],
  ])(
    "is refused for %s, before anything is changed",
    async (_why, { around = {}, options = [], code, reason }) => {
      await signIn();
      const token = other.system.token;
      const refused = await restore(kept, around, ...options);
      expect(refused.code).toBe(code);
      expect(refused.err.join("\n")).toMatch(reason);
      expect(other.system.token).toBe(token);
    },
  );

  test("is refused for a damaged file", async () => {
    const place = join(directory, "damaged");
    expect((await backup(place, "--without-secrets")).code).toBe(0);
    await writeFile(join(place, "subscriptions.json"), "[]");
    const refused = await restore(place, {}, "--yes");
    expect(refused.code).toBe(1);
    expect(refused.err.join("\n")).toMatch(
      /cannot be restored: subscriptions\.json is damaged.*Take another backup/,
    );
  });

  test("that AWS breaks off says where it stopped, and goes on from there", async () => {
    await startAnew();
    const place = await deployedBackup();
    const deployed: string[] = [];
    const ports = {
      deploy: (part: string) => Promise.resolve(void deployed.push(part)),
      askUrl: () => Promise.resolve({ status: 200, milliseconds: 1 }),
    };
    let broken = true;
    await signIn((operation, nth) =>
      operation === "PutParameter" && nth > 1 && broken ? denied("ssm:PutParameter", "x") : undefined,
    );
    const options = ["--aws", "--yes", "--replace-secrets", "--passphrase-file", passphraseFile];
    await setTimeoutTo("31");
    const first = await restore(place, { ports }, ...options);
    expect(first.code).toBe(1);
    expect(first.err.at(-1)).toMatch(
      /these credentials lack ssm:PutParameter on \/wrist-agent\/production\/config\/timeout .*; step 4 of 6 \(runtime\) is not done, those before it are\. To go on from there: npm run cli -- restore .* --region us-west-2 --replace-secrets$/,
    );
    broken = false;
    const second = await restore(place, { ports }, ...options, "--json");
    expect(second.code).toBe(0);
    expect(JSON.parse(second.out.join(""))).toMatchObject({
      did: "restored",
      missing: [],
      region: "us-west-2",
    });
    expect(deployed).toEqual(["app", "monitoring"]);
    expect(await parameter(other, "/wrist-agent/production/config/timeout")).toBe("25");
  });
});

/** A backup as one of AWS would be: the same system, asked as if it were there. */
async function deployedBackup(): Promise<string> {
  const place = join(directory, "of-aws");
  await signInBefore(stage);
  const made = await backup(place, "--aws", "--stage", "production", "--passphrase-file", passphraseFile);
  expect(made).toMatchObject({ code: 0, err: [] });
  return place;
}

/** Another system that holds nothing of an earlier test. */
async function startAnew(): Promise<void> {
  await other.stop();
  other = await OperatedStage.start(directory, START_MS);
}

async function setTimeoutTo(seconds: string): Promise<void> {
  expect((await other.operate(configCommand, "set", "timeout", seconds)).code).toBe(0);
}
