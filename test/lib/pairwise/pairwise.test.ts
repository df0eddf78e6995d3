import { describe, expect, it } from "vitest";
import { SETTINGS } from "../../../lib/config/stage-config.ts";
import type { Stage } from "../../../lib/config/stage.ts";
import { allPairs, holds, pairsOf, type Choice } from "../../support/all-pairs.ts";
import { configOf } from "../../support/config-of.ts";
import { synthesisedStacks, type SynthesisedStack } from "../../support/synthesise.ts";
import {
  deletionProtected,
  logsForget,
  namesOnce,
  narrowPolicies,
  tagged,
  wideActions,
  WIDE_ACTIONS,
} from "./stack-rules.ts";
import { GITHUB_PROVIDER_CONTEXT } from "../../../lib/names.ts";
import { AGENT_OPTIONS, ATTACHED_OPTIONS, LEFT_OUT, REFUSED_PAIRS, statedSettings } from "./stage-options.ts";

const REFUSED = REFUSED_PAIRS.map(({ pair }) => pair);
const AGENT = allPairs(AGENT_OPTIONS, REFUSED);
const ATTACHED = allPairs(ATTACHED_OPTIONS, []);

const synthesised = new Map<Choice, readonly SynthesisedStack[]>();

/** Synthesised once, whichever test asks first. */
function stacksOf(choice: Choice): readonly SynthesisedStack[] {
  const stacks =
    synthesised.get(choice) ??
    synthesisedStacks({ stage: choice.stage as Stage, context: statedSettings(choice) });
  synthesised.set(choice, stacks);
  return stacks;
}

/** Everything that is wrong with the stacks of a choice, by rule. */
function findings(choice: Choice, stacks: readonly SynthesisedStack[]): Readonly<Record<string, unknown>> {
  const { stage = "", extraTags = "", functionArn } = choice;
  const own = extraTags === "" ? {} : { team: "home", owner: "ann" };
  // A watched function keeps its own protection; its monitoring can be had again at any time.
  const keeps = ({ name }: SynthesisedStack) => functionArn === undefined || !name.includes("Monitoring");
  const protection = deletionProtected(stage === "production" ? "protected" : "deletable");
  const found = {
    namesTwice: namesOnce(stacks),
    widePolicies: narrowPolicies(stacks),
    logsForever: logsForget(stacks),
    untagged: tagged({ project: "wrist-agent", stage, ...own })(stacks),
    wronglyProtected: protection(stacks.filter(keeps)),
  };
  return Object.fromEntries(Object.entries(found).filter(([, list]) => list.length > 0));
}

function stackNames({ stage = "", region, regions, githubRepository }: Choice): readonly string[] {
  const suffixes = regions === "" || region !== "" ? [""] : ["", "-us-east-1"];
  return [
    ...suffixes.flatMap((suffix) => [
      `WristAgent-${stage}${suffix}`,
      `WristAgentMonitoring-${stage}${suffix}`,
    ]),
    "WristAgentBilling",
    ...(githubRepository === "" ? [] : ["WristAgentDelivery"]),
  ];
}

describe("every pair of values of two settings", () => {
  it("is in a case, or is refused", () => {
    expect(AGENT.impossible).toEqual(expect.arrayContaining([...REFUSED]));
    expect(AGENT.impossible).toHaveLength(REFUSED.length);
    for (const pair of pairsOf(AGENT_OPTIONS))
      expect(
        [...AGENT.cases, ...REFUSED].some((each) => holds(each, pair)),
        JSON.stringify(pair),
      ).toBe(true);
    for (const pair of pairsOf(ATTACHED_OPTIONS))
      expect(
        ATTACHED.cases.some((each) => holds(each, pair)),
        JSON.stringify(pair),
      ).toBe(true);
  });

  it("is made of every setting that there is, but those that are said to be left out", () => {
    const combined = [...Object.keys(AGENT_OPTIONS), ...Object.keys(ATTACHED_OPTIONS)];
    const known = Object.values(SETTINGS).map(({ context }) => context);
    const other = ["stage", GITHUB_PROVIDER_CONTEXT];
    expect(new Set([...combined, ...Object.keys(LEFT_OUT)])).toEqual(new Set([...known, ...other]));
    expect(combined.filter((name) => name in LEFT_OUT)).toEqual([]);
  });

  it.each(REFUSED_PAIRS)("that cannot be is refused by both names: $pair", ({ pair, because }) => {
    const refusal = (): unknown => configOf({ stage: "staging", ...pair });
    expect(refusal).toThrow(because);
    for (const [name, text] of Object.entries(pair).filter(([key]) => key !== "stage"))
      expect(refusal).toThrow(`-c ${name}: ${keyOf(name)} is "${text}"`);
  });
});

function keyOf(context: string): string {
  return Object.values(SETTINGS).find((setting) => setting.context === context)?.key ?? "no setting";
}

describe("the stacks of an agent", () => {
  it.each(AGENT.cases.map((choice, index) => ({ case: index + 1, choice })))(
    "are whole, named once, narrow, tagged and kept in case $case",
    ({ choice }) => {
      const stacks = stacksOf(choice);
      expect(stacks.map(({ name }) => name).sort()).toEqual([...stackNames(choice)].sort());
      expect(findings(choice, stacks), JSON.stringify(choice)).toEqual({});
    },
  );

  it("explains no wide action that none of them has", () => {
    const found = AGENT.cases.flatMap((choice) => wideActions(stacksOf(choice)));
    expect(new Set(found)).toEqual(new Set(Object.keys(WIDE_ACTIONS)));
  });
});

describe("the stacks that watch any function", () => {
  it.each(ATTACHED.cases.map((choice, index) => ({ case: index + 1, choice })))(
    "are named once, narrow, tagged and no application in case $case",
    ({ choice }) => {
      const stacks = stacksOf(choice);
      expect(stacks).toHaveLength(2);
      expect(stacks.every(({ name }) => !name.startsWith("WristAgent-"))).toBe(true);
      expect(findings(choice, stacks), JSON.stringify(choice)).toEqual({});
    },
  );
});

describe("the rules that every stack is read by", () => {
  const statement = { Effect: "Allow", Action: "s3:*", Resource: "arn:aws:s3:::mine" };
  const named = { Type: "AWS::SNS::Topic", Properties: { TopicName: "one" } };

  it.each([
    ["namesTwice", { One: named, Two: named }],
    ["widePolicies", { One: { Type: "AWS::IAM::Policy", Properties: { Statement: [statement] } } }],
    ["widePolicies", { One: { Type: "AWS::IAM::Role", Properties: { Effect: "Allow", NotAction: "s3:*" } } }],
    ["logsForever", { One: { Type: "AWS::Lambda::Function", Properties: { FunctionName: "one" } } }],
    ["untagged", { One: { Type: "AWS::New::Thing" } }],
  ])("find %s in a stack that has it", (rule, Resources) => {
    const stack = { name: "WristAgent-staging", region: "us-west-2", isProtected: true, tags: {} };
    const found = findings({ stage: "staging" }, [{ ...stack, text: JSON.stringify({ Resources }) }]);
    expect(Object.keys(found)).toContain(rule);
    expect(found).toHaveProperty("wronglyProtected", ["WristAgent-staging"]);
  });
});
