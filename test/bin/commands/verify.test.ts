import { describe, expect, test } from "vitest";
import { checkLineText, checklistSummary } from "../../../bin/cli/check-lines.ts";
import {
  judgeAccess,
  judgeDrills,
  judgeLifecycle,
  judgeSubscriptions,
  judgeTokenAge,
} from "../../../bin/commands/verify/account-checks.ts";
import { checkLine, failingFinding, passingFinding } from "../../../bin/commands/verify/check.ts";
import { readDashboard } from "../../../bin/commands/verify/alarm-checks.ts";
import { judgeLogGroups } from "../../../bin/commands/verify/deployment-checks.ts";
import { quietReason } from "../../../bin/commands/verify/metric-checks.ts";
import { judgePolicy, judgeWrongToken } from "../../../bin/commands/verify/url-checks.ts";
import { memoryTerminal } from "../../support/memory-terminal.ts";

const command = (words: string): string => `cli ${words}`;
const said = (findings: readonly { readonly says: string }[]): readonly string[] =>
  findings.map(({ says }) => says);

describe("a line of the checklist", () => {
  test("that fails says what is wrong alone, with each remedy once", () => {
    const findings = [passingFinding("a"), failingFinding("b", "fix"), failingFinding("c", "fix")];
    expect(checkLine({ id: "x", title: "X" }, findings)).toEqual({
      id: "x",
      title: "X",
      state: "fails",
      says: ["b", "c"],
      remedies: ["fix"],
    });
  });

  test("is shown with its mark, its sentences and its remedies, within the terminal", () => {
    const line = checkLine({ id: "x", title: "the title" }, [
      failingFinding("something that is long enough to be wrapped here", "do this"),
    ]);
    expect(checkLineText({ ...memoryTerminal(), columns: 52 }, line)).toEqual([
      "FAILS     the title: something that is long enough",
      "          to be wrapped here",
      "          -> do this",
    ]);
  });

  test("adds up to a sentence that leaves out what there is none of", () => {
    const line = (state: "passes" | "fails" | "not readable") => ({
      id: "x",
      title: "x",
      state,
      says: [],
      remedies: [],
    });
    expect(checklistSummary([line("passes")])).toBe("1 of 1 pass");
    expect(checklistSummary([line("fails"), line("not readable")])).toBe(
      "0 of 2 pass, 1 fail, 1 could not be read",
    );
  });
});

describe("what is judged", () => {
  test("a topic without anybody, and one that may not be read", () => {
    const found = judgeSubscriptions(
      {
        subscriptions: [],
        silentTopics: ["page"],
        unreadable: ["these credentials lack sns:ListSubscriptionsByTopic"],
      },
      command,
    );
    expect(found).toMatchObject([
      {
        state: "fails",
        says: "page: nobody is subscribed",
        remedy: "cli subscribers add ADDRESS subscribes one",
      },
      { state: "fails", says: "these credentials lack sns:ListSubscriptionsByTopic" },
    ]);
  });

  test.each([
    [undefined, 30, "there is no token"],
    [32.9, 30, "32 days; it is to change every 30"],
    [33, 30, "the token is 33 days old; it is to change every 30"],
    [365.5, 0, "365 days; nothing changes it by itself"],
    [366, 0, "the token is 366 days old; nothing changes it by itself"],
  ])("a token of %s days where it changes every %i", (age, every, says) => {
    expect(said(judgeTokenAge(age, every, "rotate"))).toEqual([says]);
  });

  test("a model whose lifecycle nobody tells is no pass", () => {
    const [finding] = judgeLifecycle({ modelId: "m", setBy: "deployment" }, "us-west-2");
    expect(finding).toMatchObject({ state: "fails", says: "m: its lifecycle is not known" });
  });

  test("what could not be asked of Bedrock is no pass", () => {
    expect(
      judgeAccess({ refusals: [], unasked: ["these credentials lack bedrock:X"] }, "good"),
    ).toMatchObject([{ state: "fails", says: "not known: these credentials lack bedrock:X" }]);
    expect(
      judgeAccess({ refusals: ["no profile in x: choose another: here"], unasked: [] }, "good"),
    ).toMatchObject([{ says: "no profile in x", remedy: "choose another: here" }]);
  });

  test("drills: none, and the last one that ended well", () => {
    expect(said(judgeDrills([], command))).toEqual(["none from this machine: cli drill --all makes one"]);
    const drilled = (startedAt: string, isExecuted: boolean) => ({
      id: startedAt,
      alarm: "a",
      region: "",
      kind: "forced" as const,
      startedAt,
      stateBefore: "OK",
      actions: [{ arn: "arn", afterMs: 0, isExecuted }],
      mail: { state: "arrived" as const },
    });
    const records = [drilled("2026-11-23T20:00:00.000Z", true), drilled("2026-11-22T20:00:00.000Z", false)];
    expect(judgeDrills(records, command)[0]).toMatchObject({ state: "passes" });
  });

  test.each([
    [401, "passes"],
    [200, "fails"],
    [500, "fails"],
  ])("a wrong token that is answered %i: %s", (status, state) => {
    expect(judgeWrongToken(status)[0]?.state).toBe(state);
  });

  test("a policy that lets everybody call without the URL", () => {
    const statement = (Action: string, Condition?: object) => ({
      Effect: "Allow",
      Principal: "*",
      Action,
      ...(Condition && { Condition }),
    });
    const sound = [
      statement("lambda:InvokeFunctionUrl", { StringEquals: { "lambda:FunctionUrlAuthType": "NONE" } }),
      statement("lambda:InvokeFunction", { Bool: { "lambda:InvokedViaFunctionUrl": "true" } }),
    ];
    expect(judgePolicy({ Statement: sound })[0]?.state).toBe("passes");
    expect(said(judgePolicy({ Statement: [...sound, statement("lambda:InvokeFunction")] }))).toEqual([
      "anyone may call lambda:InvokeFunction without a condition",
    ]);
    expect(judgePolicy({})).toHaveLength(2);
  });

  test("a dashboard that is none, and a widget that cannot be read", () => {
    expect(said(readDashboard("d", "{", "us-west-2").wrong)).toEqual([
      "d is no dashboard that can be parsed",
    ]);
    const widget = { type: "metric", properties: { title: "Errors", metrics: [["."]] } };
    expect(said(readDashboard("d", JSON.stringify({ widgets: [widget] }), "us-west-2").wrong)[0]).toContain(
      'd, "Errors": metrics[0] has "." with nothing above to repeat',
    );
  });

  test("a log group that is gone, and one that keeps its lines for another time than its template says", () => {
    const templated = [
      { name: "a", retentionDays: 30 },
      { name: "b", retentionDays: 30 },
    ];
    expect(said(judgeLogGroups(templated, new Map([["b", 7]]), "us-west-2"))).toEqual([
      "log group a is gone",
      "b keeps its lines for 7 days, the template says 30",
    ]);
  });

  test("a metric that is published only when something is wrong may be silent, others may not", () => {
    const metric = { region: "us-west-2", dimensions: {} };
    expect(quietReason({ ...metric, namespace: "AWS/Logs", metricName: "EMFParsingErrors" })).toContain(
      "refuses a line",
    );
    expect(quietReason({ ...metric, namespace: "WristAgent", metricName: "Failure" })).toBeUndefined();
  });
});
