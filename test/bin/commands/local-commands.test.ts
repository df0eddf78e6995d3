import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { alarmsCommand } from "../../../bin/commands/alarms.ts";
import { askCommand } from "../../../bin/commands/ask.ts";
import { exitCodeOf } from "../../../bin/cli/failure.ts";
import { faultCommand } from "../../../bin/commands/fault.ts";
import { inboxCommand } from "../../../bin/commands/inbox.ts";
import { startCommand } from "../../../bin/commands/start.ts";
import { type AlarmRow, FAULT_KINDS, type Mail } from "../../../local/server/wire.ts";
import { httpFake, type FakeAnswer, type HttpFake } from "../../support/http-fake.ts";
import { ownIdentity, type ProcessIdentity } from "../../../local/journal/data-directory.ts";
import { memoryTerminal, type MemoryTerminal } from "../../support/memory-terminal.ts";

const REPLY = {
  markdown: "See the dentist.",
  action: "event",
  title: "Dentist",
  dueISO: null,
  startISO: "2026-11-27T14:00:00-08:00",
  endISO: null,
  location: null,
  url: null,
  notes: null,
  tags: ["health"],
};

const MAIL: Mail = {
  id: "m1",
  timeMs: 0,
  from: "AWS Notifications <no-reply@sns.amazonaws.com>",
  to: "me@example.com",
  subject: 'ALARM: "failures"',
  body: "It broke.",
  topicArn: "arn:aws:sns:us-west-2:123456789012:page",
};

const alarm = (alarmName: string, state: AlarmRow["state"]): AlarmRow => ({
  alarmName,
  description: "",
  stackName: "WristAgentMonitoring-development",
  state,
  stateReason: "",
  sinceMs: 0,
  condition: "Sum of Errors >= 1",
  topics: [],
  history: [],
});

let data: string;
let fake: HttpFake;
let answers: Record<string, FakeAnswer>;
let terminal: MemoryTerminal;

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "wrist-agent-"));
  answers = { "/": { body: REPLY, headers: { "x-request-id": "id-1" } } };
  fake = await httpFake(({ path }) => answers[path] ?? { status: 404, body: { error: "no such path" } });
  terminal = memoryTerminal();
  await writeRunning(ownIdentity());
});

afterEach(async () => {
  await fake.stop();
  await rm(data, { recursive: true });
});

async function writeRunning(identity: ProcessIdentity): Promise<void> {
  const running = {
    ...identity,
    stage: "development",
    page: fake.url,
    functionUrl: fake.url,
    awsEndpoint: fake.url,
  };
  await writeFile(join(data, "running.json"), JSON.stringify(running));
  await writeFile(join(data, "token"), "s3cret\n");
}

async function run(make: (terminal: MemoryTerminal) => Command, ...args: string[]): Promise<number> {
  const command = make(terminal)
    .exitOverride()
    .configureOutput({ writeErr: terminal.err, writeOut: terminal.out });
  try {
    await command.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    return exitCodeOf(error, terminal);
  }
}

describe("ask", () => {
  test("prints title, times, tags and text of the reply", async () => {
    expect(await run(askCommand, "dentist friday at two", "--mode", "event", "--data", data)).toBe(0);
    expect(terminal.written.out[0]).toMatch(/^Dentist {2}event, \d+ ms$/);
    expect(terminal.written.out.slice(1)).toEqual([
      "  startISO  2026-11-27T14:00:00-08:00",
      "  tags      health",
      "",
      "See the dentist.",
    ]);
    expect(fake.received[0]?.headers["x-client-token"]).toBe("s3cret");
    expect(JSON.parse(fake.received[0]?.body ?? "")).toEqual({
      text: "dentist friday at two",
      mode: "event",
    });
  });

  test("sends both token limits when they are given", async () => {
    await run(askCommand, "x", "--max-tokens", "400", "--thinking-tokens", "2000", "--data", data);
    expect(JSON.parse(fake.received[0]?.body ?? "")).toEqual({
      text: "x",
      maxTokens: 400,
      thinkingTokens: 2000,
    });
  });

  test("--json prints the body exactly as it came", async () => {
    answers["/"] = { body: '{"title":  "as it is"}' };
    expect(await run(askCommand, "x", "--json", "--data", data)).toBe(0);
    expect(terminal.written.out).toEqual(['{"title":  "as it is"}']);
  });

  test("a refusal is exit 1 with the agent's own words and the request id", async () => {
    answers["/"] = { status: 429, headers: { "x-request-id": "id-9" }, body: { error: "busy, try again" } };
    expect(await run(askCommand, "x", "--data", data)).toBe(1);
    expect(terminal.written.err).toEqual(["error: the agent answered 429: busy, try again (request id-9)"]);
  });

  test("a body that is not JSON is shown as it is", async () => {
    answers["/"] = { status: 502, body: "Internal Server Error" };
    expect(await run(askCommand, "x", "--data", data)).toBe(1);
    expect(terminal.written.err[0]).toContain("502: Internal Server Error");
  });

  test.each([
    [["x", "--max-tokens", "many"], "give a whole number"],
    [["x", "--url", "nowhere", "--token", "t"], "--url nowhere is not a URL"],
    [["x", "--url", "https://example.com/"], "needs a token: set WRIST_AGENT_TOKEN"],
    [[], "missing required argument"],
    [["x", "--colour"], "unknown option"],
  ])("%j is wrong usage", async (args, words) => {
    expect(await run(askCommand, ...args)).toBe(2);
    expect(terminal.written.err.join("\n")).toContain(words);
  });

  test("--url and --token reach a deployed agent without a running system", async () => {
    expect(await run(askCommand, "x", "--url", fake.url, "--token", "other", "--data", "/nowhere")).toBe(0);
    expect(fake.received[0]?.headers["x-client-token"]).toBe("other");
  });

  test("no answer at all names the address and the reason", async () => {
    await fake.stop();
    expect(await run(askCommand, "x", "--data", data)).toBe(1);
    expect(terminal.written.err[0]).toMatch(/no answer from http:\S+: .*ECONNREFUSED/);
  });
});

describe("finding the running system", () => {
  test("says how to start one where there is none", async () => {
    expect(await run(inboxCommand, "--data", join(data, "none"))).toBe(1);
    expect(terminal.written.err[0]).toContain("start it with npm start");
  });

  test("says so when the system was killed", async () => {
    await writeRunning({ pid: 2 ** 22 + 1 });
    expect(await run(inboxCommand, "--data", data)).toBe(1);
    expect(terminal.written.err[0]).toContain("nothing runs on the data directory");
  });
});

describe("inbox", () => {
  test("lists mail newest first with the numbers that print one", async () => {
    answers["/api/mails"] = { body: [MAIL, { ...MAIL, subject: "older" }] };
    await run(inboxCommand, "--data", data);
    expect(terminal.written.out[0]).toMatch(/^1 {2}\d{4}-.* me@example.com {2}ALARM: "failures"$/);
    expect(terminal.written.out[1]).toContain("older");
  });

  test("prints one mail whole", async () => {
    answers["/api/mails"] = { body: [MAIL] };
    await run(inboxCommand, "1", "--data", data);
    expect(terminal.written.out).toContain("To:      me@example.com");
    expect(terminal.written.out.at(-1)).toBe("It broke.");
  });

  test("--json prints them as data", async () => {
    answers["/api/mails"] = { body: [MAIL] };
    await run(inboxCommand, "--json", "--data", data);
    expect(JSON.parse(terminal.written.out.join("\n"))).toEqual([MAIL]);
  });

  test.each([
    ["0", "give the number of a mail"],
    ["2", "the inbox holds 1 to 1"],
  ])("mail %s does not exist: wrong usage", async (number, words) => {
    answers["/api/mails"] = { body: [MAIL] };
    expect(await run(inboxCommand, number, "--data", data)).toBe(2);
    expect(terminal.written.err.join("\n")).toContain(words);
  });

  test("an empty inbox says so", async () => {
    answers["/api/mails"] = { body: [] };
    await run(inboxCommand, "--data", data);
    expect(terminal.written.out).toEqual(["the inbox is empty"]);
  });
});

describe("alarms", () => {
  beforeEach(() => {
    answers["/api/overview"] = { body: { region: "eu-west-1" } };
  });

  test("lists what is in ALARM first", async () => {
    answers["/api/alarms"] = { body: [alarm("b", "OK"), alarm("a", "OK"), alarm("z", "ALARM")] };
    await run(alarmsCommand, "--data", data);
    expect(terminal.written.out.map((line) => line.split(/ +/).slice(0, 2))).toEqual([
      ["ALARM", "z"],
      ["OK", "a"],
      ["OK", "b"],
    ]);
  });

  test("--json prints them as data", async () => {
    answers["/api/alarms"] = { body: [alarm("a", "OK")] };
    await run(alarmsCommand, "--json", "--data", data);
    expect(JSON.parse(terminal.written.out.join("\n"))).toEqual([alarm("a", "OK")]);
  });

  test.each([50, 72, 100])(
    "fit a terminal of %d columns, with severity and what is suppressed",
    async (columns) => {
      const topics = ["wrist-agent-development-page"];
      const loud = { ...alarm(`${"a".repeat(60)}b`, "ALARM"), topics, suppression: "muted until eight" };
      answers["/api/alarms"] = { body: [loud, alarm("b", "OK")] };
      await run((each) => alarmsCommand({ ...each, columns }), "--data", data);
      for (const line of terminal.written.out) expect(line.length).toBeLessThanOrEqual(columns);
      expect(terminal.written.out[0]).toMatch(/^ALARM {2}…?a+b {2}page +since 1970\S* .*suppr/);
    },
  );
});

describe("inbox in a terminal", () => {
  test.each([40, 60, 80])("fits %d columns", async (columns) => {
    answers["/api/mails"] = {
      body: [{ ...MAIL, subject: 'ALARM: "wrist-agent-production-probe-failing" in US West' }],
    };
    await run((each) => inboxCommand({ ...each, columns }), "--data", data);
    expect(terminal.written.out).toHaveLength(1);
    expect(terminal.written.out[0]?.length).toBeLessThanOrEqual(columns);
  });

  test("is of this machine alone, and says where else the mails are", async () => {
    expect(await run(inboxCommand, "--aws", "--data", data)).toBe(2);
    expect(terminal.written.err[0]).toMatch(
      /the inbox is of the system on this machine alone: .*status --aws/,
    );
  });
});

describe("fault", () => {
  test("sets the fault with its rate and says how to undo it", async () => {
    answers["/api/fault"] = { body: {} };
    expect(await run(faultCommand, "throttle", "--rate", "0.3", "--data", data)).toBe(0);
    expect(JSON.parse(fake.received[0]?.body ?? "")).toEqual({ kind: "throttle", rate: 0.3 });
    expect(terminal.written.out.join("\n")).toMatch(/throttles.*in 30 % of the calls\n.*fault off/);
  });

  test("off hits every call and offers no undo", async () => {
    answers["/api/fault"] = { body: {} };
    await run(faultCommand, "off", "--data", data);
    expect(terminal.written.out).toEqual(["from now on: model and SSM behave"]);
  });

  test("of one mode says so, and a mode that there is not is refused", async () => {
    answers["/api/fault"] = { body: {} };
    expect(await run(faultCommand, "error", "--mode", "research", "--data", data)).toBe(0);
    expect(JSON.parse(fake.received[0]?.body ?? "")).toEqual({ kind: "error", rate: 1, mode: "research" });
    expect(terminal.written.out.join("\n")).toMatch(/Bedrock fails .*, for research alone\n/);
    expect(await run(faultCommand, "error", "--mode", "poem", "--data", data)).toBe(2);
  });

  test("the old name of a fault is taken, with a notice of the new one", async () => {
    answers["/api/fault"] = { body: {} };
    expect(await run(faultCommand, "denied", "--data", data)).toBe(0);
    expect(JSON.parse(fake.received[0]?.body ?? "")).toEqual({ kind: "access", rate: 1 });
    expect(terminal.written.err.join("\n")).toContain('"denied" is called "access" now');
  });

  test("--help names for every fault what the user gets and which alarms notify", async () => {
    await run(faultCommand, "--help");
    const help = terminal.written.out.join("\n");
    for (const kind of FAULT_KINDS)
      expect(help).toMatch(new RegExp(`^  ${kind} .+\n +the user gets: .+; alarms: .+`, "m"));
  });

  test.each([["explode"], ["slow", "--rate", "2"], ["slow", "--rate", ""]])(
    "%s %s %s is wrong usage",
    async (...args) => {
      expect(await run(faultCommand, ...args.filter((arg) => typeof arg === "string"), "--data", data)).toBe(
        2,
      );
    },
  );

  test("a refusal of the running system is passed on", async () => {
    answers["/api/fault"] = { status: 409, body: { error: "no stand-in here" } };
    expect(await run(faultCommand, "slow", "--data", data)).toBe(1);
    expect(terminal.written.err[0]).toContain("no stand-in here");
  });
});

describe("start", () => {
  test.each([
    [["--port", "70000"], "give a port from 0 to 65535"],
    [["--url-port", "x"], "give a port from 0 to 65535"],
    [["--model", "gpt"], "Allowed choices are scripted, bedrock"],
    [["--colour"], "unknown option"],
  ])("%j is wrong usage", async (args, words) => {
    expect(await run(startCommand, ...args)).toBe(2);
    expect(terminal.written.err.join("\n")).toContain(words);
  });

  test("--help names every option and its default", async () => {
    expect(await run(startCommand, "--help")).toBe(0);
    const help = terminal.written.out.join("\n");
    for (const words of ["--url-port <port>", "default: 7701", "--no-check", "--data <dir>"]) {
      expect(help).toContain(words);
    }
  });
});
