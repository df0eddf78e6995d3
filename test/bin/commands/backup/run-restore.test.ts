import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { restoreLines, runRestore } from "../../../../bin/commands/backup/run-restore.ts";
import {
  BACKED_UP,
  BACKUP_ACCOUNT,
  RestoredStage,
  restoreInto,
  TOKEN,
} from "../../../support/restored-stage.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "restore-"));
});
afterEach(() => rm(directory, { recursive: true }));

const URL = "https://new.lambda-url.eu-west-1.on.aws/";
const MODEL = "/wrist-agent/production/config/model-id";
const TIMEOUT = "/wrist-agent/production/config/timeout";

describe("a restore into another Region", () => {
  test("says what it will do, asks, and does it: the token first, so that the deploy leaves it alone", async () => {
    const world = new RestoredStage();
    const questions: string[] = [];
    const restore = restoreInto(world, directory, {
      ask: (question) => {
        questions.push(question);
        expect(world.changes).toEqual([]);
        return Promise.resolve("y");
      },
    });
    const result = await runRestore(restore);
    expect(questions).toEqual(["Restore production in eu-west-1? (y/n) "]);
    expect(restore.said.slice(0, 10)).toEqual([
      `production as it was in us-west-2 at 2026-11-29T12:00:00.000Z, into eu-west-1 of account ${BACKUP_ACCOUNT}:`,
      `  1. put ${TOKEN} back as SecureString, so that the Shortcut's token stays`,
      "  2. deploy the application stack in eu-west-1: function, URL, log group",
      "  3. deploy the monitoring stack in eu-west-1: alarms, dashboards, topics, probe",
      "  4. deploy WristAgentBilling, one per account, which is not there",
      `  5. set what was set at run time: ${TIMEOUT} = 25`,
      "  6. subscribe who the deploy does not: on-call@example.com, second@example.com",
      "  7. ask the URL one question, and compare alarms, dashboards and subscriptions with the backup",
      "  the model that was chosen at run time is left as deployed: it is of another Region",
      "  the stage had the Regions us-west-2,eu-west-1; it is restored in eu-west-1 alone",
    ]);
    expect(world.changes).toEqual([
      `put ${TOKEN}`,
      "deploy app",
      "deploy monitoring",
      "deploy billing",
      `put ${TIMEOUT}`,
      // Whom the deploy has subscribed gets no second mail.
      "subscribe second@example.com to wrist-agent-production-page",
    ]);
    expect(world.parameters.get(TOKEN)?.value).toBe("the-old-token");
    expect(world.parameters.has(MODEL)).toBe(false);
    expect(world.deployed.get("app")).toEqual({ alarmEmail: "on-call@example.com", region: "eu-west-1" });
    expect(result).toMatchObject({ did: "restored", url: URL, missing: [] });
    expect(restoreLines(result, restore.target)).toEqual([
      `Give the Shortcut this address: ${URL}`,
      `The token is in ${TOKEN}; npm run cli -- shortcut has both for the watch`,
      "Confirm the mail of SNS to on-call@example.com (wrist-agent-production-page) within two days: no alarm reaches it else",
      "Confirm the mail of SNS to second@example.com (wrist-agent-production-page) within two days: no alarm reaches it else",
      "Confirm the mail of SNS to on-call@example.com (wrist-agent-billing) within two days: no alarm reaches it else",
      "Look again: npm run cli -- verify --stage production --aws --region eu-west-1",
    ]);
  });

  test("names who is to confirm whom the deploy subscribed and the backup does not know", async () => {
    const world = new RestoredStage();
    const stage = { ...BACKED_UP, subscriptions: [] };
    const restore = restoreInto(world, directory, { stage });
    const result = await runRestore(restore);
    expect(result.unconfirmed).toEqual([
      "on-call@example.com (wrist-agent-production-page)",
      "on-call@example.com (wrist-agent-billing)",
    ]);
    expect(restoreLines(result, restore.target)).toContain(
      "Confirm the mail of SNS to on-call@example.com (wrist-agent-billing) within two days: no alarm reaches it else",
    );
  });

  test("asks of each topic once at the end, and misses nobody whom the backup does not name", async () => {
    const world = new RestoredStage();
    const asked: string[] = [];
    const subscriptions = (topic: string, region: string) => {
      asked.push(`${region} ${topic}`);
      return Promise.resolve([{ address: "left@example.com", arn: "Deleted" }]);
    };
    const stage = { ...BACKED_UP, subscriptions: [] };
    const ports = { ...world.ports, subscriptions };
    const result = await runRestore(restoreInto(world, directory, { stage, ports }));
    expect(asked).toEqual([
      "eu-west-1 wrist-agent-production-owner",
      "eu-west-1 wrist-agent-production-page",
      "eu-west-1 wrist-agent-production-ticket",
      "us-east-1 wrist-agent-billing",
    ]);
    expect(result).toMatchObject({ unconfirmed: [], missing: [] });
  });

  test("in its own Region sets the model too, and leaves a billing stack that is there", async () => {
    const world = new RestoredStage("us-west-2");
    world.hasBilling = true;
    await runRestore(restoreInto(world, directory));
    expect(world.parameters.get(MODEL)?.value).toBe("us.anthropic.claude-haiku-5-5");
    expect([...world.deployed.keys()]).toEqual(["app", "monitoring"]);
  });

  test("takes what is given now before what was given then", async () => {
    const world = new RestoredStage();
    await runRestore(
      restoreInto(world, directory, { options: { context: { alarmEmail: "new@example.com" } } }),
    );
    expect(world.deployed.get("monitoring")).toEqual({ alarmEmail: "new@example.com", region: "eu-west-1" });
  });

  test("into a system on this machine deploys nothing, and replaces its token after saying so", async () => {
    const world = new RestoredStage("us-west-2");
    world.isLocal = true;
    world.parameters.set(TOKEN, { type: "SecureString", value: "the-laptops" });
    const restore = restoreInto(world, directory);
    await runRestore(restore);
    expect(restore.said).toContain(`  ${TOKEN} there has another value, which is replaced`);
    expect(world.parameters.get(TOKEN)?.value).toBe("the-old-token");
    expect(world.deployed.size).toBe(0);
  });

  test("tells of a stage's file that differs, of roles that stay away, and of a token that will be another", async () => {
    const world = new RestoredStage();
    const stage = { ...BACKED_UP, secrets: [], stackNames: [...BACKED_UP.stackNames, "WristAgentDelivery"] };
    const restore = restoreInto(world, directory, { stage, stageFileHere: undefined });
    await runRestore(restore);
    const said = restore.said.join("\n");
    expect(said).toContain("the secrets are not put back: the stage's own token, or a new one");
    expect(said).toContain(".env.production of this checkout differs from the backup's stage.env");
    expect(said).toContain(
      "WristAgentDelivery (roles for GitHub) is not restored: npm run deploy -- --only delivery",
    );
    expect(world.parameters.get(TOKEN)?.value).toBe("a-new-token");
  });
});

describe("nothing is changed", () => {
  test.each<[string, Parameters<typeof restoreInto>[2], RegExp]>([
    ["when the answer is no", { ask: () => Promise.resolve("n") }, /^nothing was changed$/],
    ["where nobody can be asked", { ask: undefined }, /this is not a terminal, so it cannot ask/],
    [
      "for another account, unless it is named",
      { stage: { ...BACKED_UP, manifest: { ...BACKED_UP.manifest, accountId: "999988887777" } } },
      /the backup is of account 999988887777, and these credentials are of 111122223333: .*--into-account 111122223333/,
    ],
    [
      "for a laptop's backup in AWS",
      { stage: { ...BACKED_UP, manifest: { ...BACKED_UP.manifest, source: "local" } } },
      /the backup of a system on a laptop: it is restored into one/,
    ],
  ])("%s", async (_when, changes, reason) => {
    const world = new RestoredStage();
    await expect(runRestore(restoreInto(world, directory, changes))).rejects.toThrow(reason);
    expect(world.changes).toEqual([]);
  });

  test("by a dry run", async () => {
    const world = new RestoredStage();
    const restore = restoreInto(world, directory, { ask: undefined, options: { dryRun: true } });
    await expect(runRestore(restore)).resolves.toMatchObject({ did: "nothing" });
    expect(restore.said.at(-1)).toBe("Nothing was changed: this was a dry run.");
    expect(world.changes).toEqual([]);
  });

  test("where another token is in use, unless that was asked for; a String can never be one", async () => {
    const world = new RestoredStage();
    world.parameters.set(TOKEN, { type: "SecureString", value: "in use" });
    await expect(runRestore(restoreInto(world, directory))).rejects.toThrow(
      /client-token is there with another value, which a Shortcut may be using: pass --replace-secrets/,
    );
    world.parameters.set(TOKEN, { type: "String", value: "plain" });
    await expect(
      runRestore(restoreInto(world, directory, { options: { replaceSecrets: true } })),
    ).rejects.toThrow(/is there as a String, which cannot become a SecureString/);
    expect(world.changes).toEqual([]);
    world.parameters.set(TOKEN, { type: "SecureString", value: "in use" });
    await runRestore(restoreInto(world, directory, { options: { replaceSecrets: true } }));
    expect(world.parameters.get(TOKEN)?.value).toBe("the-old-token");
  });

  test("another account is taken once it is named", async () => {
    const world = new RestoredStage();
    world.accountId = "999988887777";
    await runRestore(restoreInto(world, directory, { options: { intoAccount: "999988887777" } }));
    expect(world.deployed.size).toBe(3);
  });
});

describe("a restore that is interrupted", () => {
  /** What the account looks like after one that was not, and how many questions it took. */
  async function whole() {
    const world = new RestoredStage();
    const own = await mkdtemp(join(tmpdir(), "restore-"));
    await runRestore(restoreInto(world, own));
    await rm(own, { recursive: true });
    return world;
  }

  test.each(["before", "after"] as const)(
    "%s any call goes on to the same end when it is run again",
    async (when) => {
      const expected = await whole();
      for (let at = 1; at <= expected.calls; at += 1) {
        const world = new RestoredStage();
        const own = await mkdtemp(join(directory, "run-"));
        world.cut = { at, when };
        const first = await runRestore(restoreInto(world, own)).catch((error: unknown) => error);
        world.cut = undefined;
        if (first instanceof Error && /step \d of 7/.test(first.message))
          expect(first.message).toMatch(/is not done, .*To go on from there: npm run cli -- restore DIR$/);
        const deploysBefore = world.changes.filter((change) => change.startsWith("deploy")).length;
        const result = await runRestore(restoreInto(world, own));
        expect(result, `cut ${when} call ${at}`).toMatchObject({ did: "restored", url: URL, missing: [] });
        expect(world.state(), `cut ${when} call ${at}`).toEqual(expected.state());
        // No step that was written down is done again: at most the one under way is.
        if (first instanceof Error)
          expect(world.changes.filter((change) => change.startsWith("deploy")).length).toBeLessThanOrEqual(
            deploysBefore === 0 ? 3 : 4,
          );
      }
    },
  );

  test("says which step it was in, and names those done before when it is run again", async () => {
    const world = new RestoredStage();
    world.urlAnswer = { status: 503, milliseconds: 20, error: "no model" };
    await expect(runRestore(restoreInto(world, directory))).rejects.toThrow(
      `${URL} answers 503 (no model); step 7 of 7 (verify) is not done, those before it are. To go on from there: npm run cli -- restore DIR`,
    );
    world.urlAnswer = { unasked: "these credentials lack ssm:GetParameter" };
    const restore = restoreInto(world, directory);
    await runRestore(restore);
    expect(restore.said).toContain(
      "  3. deploy the monitoring stack in eu-west-1: alarms, dashboards, topics, probe (done before)",
    );
    expect(restore.said).toContain("  the URL was not asked: these credentials lack ssm:GetParameter");
    expect(world.changes.filter((change) => change === "deploy app")).toHaveLength(1);
  });

  test("by Ctrl-C ends between two steps", async () => {
    const world = new RestoredStage();
    const stopping = new AbortController();
    const ports = {
      ...world.ports,
      deploy: async (...args: Parameters<typeof world.ports.deploy>) => {
        await world.ports.deploy(...args);
        stopping.abort();
      },
    };
    await expect(
      runRestore(restoreInto(world, directory, { ports, signal: stopping.signal })),
    ).rejects.toThrow(/^interrupted; step 3 of 7 \(monitoring\) is not done, those before it are\./);
    expect(world.changes).toEqual([`put ${TOKEN}`, "deploy app"]);
  });

  test("starts over once it was finished, and where the journal is damaged or of another backup", async () => {
    const world = new RestoredStage();
    const file = join(directory, `restore-${BACKUP_ACCOUNT}-eu-west-1.json`);
    await runRestore(restoreInto(world, directory));
    expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({
      finishedAt: "2026-11-29T13:00:00.000Z",
    });
    // A journal is read by whoever reads the backup: no secret stands in it.
    expect(await readFile(file, "utf8")).not.toContain("the-old-token");
    for (const text of [
      await readFile(file, "utf8"),
      "{",
      '{"format":"wrist-agent-restore","version":1,"steps":[],"backup":"other"}',
    ]) {
      await writeFile(file, text);
      const again = new RestoredStage();
      await runRestore(restoreInto(again, directory));
      expect([...again.deployed.keys()]).toEqual(["app", "monitoring", "billing"]);
    }
  });

  test("is not failed by an agent that takes the token a moment later", async () => {
    const world = new RestoredStage();
    const answers = [401, 401, 200];
    const waits: number[] = [];
    const askUrl = () => Promise.resolve({ status: answers.shift() ?? 401, milliseconds: 9 });
    const wait = (milliseconds: number) => Promise.resolve(void waits.push(milliseconds));
    await runRestore(restoreInto(world, directory, { ports: { ...world.ports, askUrl }, wait }));
    expect(waits).toEqual([3_000, 3_000]);
    await expect(
      runRestore(restoreInto(world, directory, { ports: { ...world.ports, askUrl }, wait })),
    ).rejects.toThrow(/answers 401/);
    expect(waits).toHaveLength(11);
  });

  test("tells what the backup has and the stage has not", async () => {
    const world = new RestoredStage();
    world.alarms = [];
    const result = await runRestore(restoreInto(world, directory));
    expect(result.missing).toEqual(["the alarm wrist-agent-production-failing-now is not there"]);
  });
});
