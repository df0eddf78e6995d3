import { describe, expect, test } from "vitest";
import { STAGES } from "../../lib/config/stage.ts";
import { synthesisedStacks } from "../support/synthesise.ts";
import { doorsIn, grantsIn, type Door, type Grant } from "../support/iam-statements.ts";
import { resolved } from "../support/resolved-stacks.ts";
import { whyWide } from "../support/wide-permissions.ts";
import { expectDocument, tableText, type Row } from "../support/written-document.ts";

/** Settings that add statements or change them; each is synthesised beside production as it is. */
const SETTINGS = {
  "`VPC=isolated`": { vpc: "isolated" },
  "`TOPIC_ENCRYPTION=customer-managed`": { topicEncryption: "customer-managed" },
  "`EXTRA_TAGS=team=home`": { extraTags: "team=home" },
  "`PROVISIONED_CONCURRENCY=1`": { provisionedConcurrency: "1", deployment: "all-at-once" },
} as const;

/** What each role's statement is for: by its Sid, or by its first action where CDK writes it without one. */
const WHY: Readonly<Record<string, string>> = {
  PublishFailure: "whether a run failed, under the project's namespace alone",
  ReadToken: "to compare with what callers send, or to ask as a Shortcut does",
  ReadParameters: "model, timeout and breaker, which change without a deploy",
  AskModel: "the model of the stage through its inference profile, and what that may route to",
  AskVersion: "asks the new version before it gets traffic",
  ShiftAlias: "moves the alias to the new version",
  AskHook: "runs the pre-traffic hook",
  ReadAlarms: "turns a shift back on alarms",
  ChangeToken: "makes and changes the token",
  TellOwner: "the mail about a new token",
  KeepState: "opens and closes the breaker",
  ReadCost: "what the day has cost",
  JoinVpc: "what Lambda itself needs to put the function into subnets",
  NotByTheCode: "takes it from the function's code again",
  "logs:CreateLogStream": "writes its own log",
  "xray:PutTelemetryRecords": "spans of a traced request, where `ENABLE_XRAY` is true",
  "codedeploy:PutLifecycleEventHookExecutionStatus": "gives CodeDeploy its verdict",
  "lambda:InvokeFunction": "calls its one function",
  AssumeBootstrapRoles: "becomes a role that `cdk bootstrap` made",
  ReadTemplates: "compares templates with what is deployed, and how the stacks stand",
  ReadSettings: "what earlier deploys were given",
  ReadSubscriptions: "reports at the end who has confirmed",
  ReadAlias: "whether a rollback moved the alias, what it keeps initialised, and who may call it",
  ReadMonitoring: "checks at the end what has to be right: alarms, metrics, retention, quotas, the model",
  ListResources: "finds at the end the alarms, topics and dashboards to check",
  ReadDashboards: "checks at the end that dashboards read what is emitted",
  ReadModelChoice: "checks at the end the model that answers",
  EndProvisionedConcurrency: "takes off the alias what a setting no longer asks for",
};

/** Why a door is open, by who may do what. */
const DOOR_WHY: Readonly<Record<string, string>> = {
  "anybody lambda:InvokeFunctionUrl": "the Function URL is public; the agent checks the token",
  "anybody lambda:InvokeFunction": "the second half of a public URL, and good through it alone",
  "anybody sns:Publish": "nobody may publish without TLS; only the rotation function's role lets it publish",
  "cloudwatch.amazonaws.com sns:Publish": "alarms of this account and Region, and nobody else",
  "lambda.alarms.cloudwatch.amazonaws.com lambda:InvokeFunction": "`spend-today` opens the breaker",
  "lambda.amazonaws.com sts:AssumeRole": "Lambda runs the function with it",
  "scheduler.amazonaws.com sts:AssumeRole": "schedules of this account alone",
  "codedeploy.amazonaws.com sts:AssumeRole": "CodeDeploy shifts traffic with it",
  "GitHub's OIDC provider sts:AssumeRoleWithWebIdentity":
    "jobs of this environment of this repository, by exact match; no key is stored",
  "arn:aws:iam::ACCOUNT:root kms:*": "the account manages its key",
  "cloudwatch.amazonaws.com kms:Decrypt": "alarms publish to an encrypted topic",
};

const GITHUB = { githubRepository: "owner@1/name@2" };

function stacksWith(context: Readonly<Record<string, string>>) {
  return resolved(synthesisedStacks({ stage: "production", context: { ...GITHUB, ...context } }));
}

const BASE = stacksWith({});
const GRANTS = grantsIn(BASE);
const DOORS = doorsIn(BASE);

const VARIANTS = Object.entries(SETTINGS).map(([setting, context]) => {
  const stacks = stacksWith(context);
  return { setting, grants: grantsIn(stacks), doors: doorsIn(stacks) };
});

function whyOf({ sid, actions }: Grant): string | undefined {
  return WHY[sid ?? actions[0] ?? ""];
}

function doorWhyOf({ principal, actions }: Door): string | undefined {
  return DOOR_WHY[`${principal} ${actions[0] ?? ""}`];
}

/** `arn:aws:ssm:us-west-2:ACCOUNT:parameter/x` as `parameter/x`; Regions where there are several. */
function readable(arns: readonly string[]): string {
  const regionsOf = new Map<string, string[]>();
  for (const arn of arns) {
    const [, service, region = "", rest = arn] = /^arn:aws:([^:]*):([^:]*):[^:]*:(.*)$/.exec(arn) ?? [];
    const name = service === "sns" ? `topic ${rest}` : rest;
    regionsOf.set(name, [...(regionsOf.get(name) ?? []), region]);
  }
  return [...regionsOf]
    .map(([name, regions]) => `\`${name}\`${regions.length > 1 ? ` in ${regions.join(", ")}` : ""}`)
    .join(", ");
}

function verbs({ effect, actions }: Pick<Grant, "effect" | "actions">): string {
  const list = actions.map((action) => `\`${action}\``).join(", ");
  return effect === "Allow" ? list : `**never** ${list}`;
}

function grantRow(grant: Grant): Row {
  return [grant.who, verbs(grant), readable(grant.resources), whyOf(grant) ?? ""];
}

function doorRow(door: Door): Row {
  const { what, principal, condition } = door;
  return [what, principal, verbs(door), condition === "" ? "" : `\`${condition}\``, doorWhyOf(door) ?? ""];
}

function inStack<T extends { readonly stackName: string }>(each: T, row: (of: T) => Row): Row {
  return [each.stackName, ...row(each)];
}

/** Statements that are not word for word in production as it is. */
function added<T>(all: readonly T[], usual: readonly T[]): readonly T[] {
  const known = new Set(usual.map((each) => JSON.stringify(each)));
  return all.filter((each) => !known.has(JSON.stringify(each)));
}

function settingRows(): readonly Row[] {
  const rows = VARIANTS.flatMap(({ setting, grants, doors }) => [
    ...added(grants, GRANTS).map((grant) => [setting, ...grantRow(grant)]),
    ...added(doors, DOORS).map((door) => {
      const [what = "", principal = "", actions = "", condition = "", why = ""] = doorRow(door);
      return [setting, principal, actions, condition === "" ? what : `${what}, if ${condition}`, why];
    }),
  ]);
  return [...new Map(rows.map((row) => [row.join("|"), row])).values()];
}

/** How long each stage keeps its log lines, and whether they outlive its stacks. */
function retentionRows(): readonly Row[] {
  return STAGES.flatMap((stage) => {
    const groups = synthesisedStacks({ stage }).flatMap(({ text }) => logGroupsIn(text));
    const names = groups.map(({ Properties }) => `\`${Properties.LogGroupName}\``).join(", ");
    const days = [...new Set(groups.map(({ Properties }) => Properties.RetentionInDays))].join(", ");
    const isKept = groups.every(({ DeletionPolicy }) => DeletionPolicy === "RetainExceptOnCreate");
    return [[stage, days, isKept ? "stay" : "go with it", names]];
  });
}

interface LogGroup {
  readonly Type: string;
  readonly DeletionPolicy: string;
  readonly Properties: { readonly LogGroupName: string; readonly RetentionInDays: number };
}

function logGroupsIn(text: string): readonly LogGroup[] {
  const { Resources } = JSON.parse(text) as { readonly Resources: Readonly<Record<string, LogGroup>> };
  return Object.values(Resources).filter(({ Type }) => Type === "AWS::Logs::LogGroup");
}

/** Every action on a resource with a star, once. */
function wide(grants: readonly Grant[]): readonly { readonly action: string; readonly resource: string }[] {
  const pairs = grants
    .filter(({ effect }) => effect === "Allow")
    .flatMap(({ actions, resources }) =>
      resources
        .filter((resource) => resource.includes("*"))
        .flatMap((resource) => actions.map((action) => ({ action, resource }))),
    );
  return [...new Map(pairs.map((pair) => [JSON.stringify(pair), pair])).values()];
}

const EVERY_GRANT = [...GRANTS, ...VARIANTS.flatMap(({ grants }) => grants)];
const EVERY_DOOR = [...DOORS, ...VARIANTS.flatMap(({ doors }) => doors)];

/** Actions that share resource and reason stand in one row. */
function wildcardRows(): readonly Row[] {
  const rows = new Map<string, { readonly actions: Set<string>; readonly resources: Set<string> }>();
  for (const { action, resource } of wide(EVERY_GRANT)) {
    const why = whyWide(action, resource) ?? "";
    const row = rows.get(why) ?? { actions: new Set<string>(), resources: new Set<string>() };
    row.actions.add(`\`${action}\``);
    row.resources.add(resource);
    rows.set(why, row);
  }
  return [...rows].map(([why, { actions, resources }]) => [
    [...actions].join(", "),
    readable([...resources]),
    why,
  ]);
}

test("docs/security.md has every statement of production's templates", async () => {
  await expectDocument("docs/security.md", {
    grants: tableText([
      ["Stack", "Who", "May", "On", "Why"],
      ...GRANTS.map((grant) => inStack(grant, grantRow)),
    ]),
    doors: tableText([
      ["Stack", "What", "Who may", "Do", "Only if", "Why"],
      ...DOORS.map((door) => inStack(door, doorRow)),
    ]),
    settings: tableText([["Setting", "Who", "May", "On", "Why"], ...settingRows()]),
    retention: tableText([
      ["Stage", "Days", "When the stack is deleted they", "Log groups"],
      ...retentionRows(),
    ]),
    wildcards: tableText([["Action", "On", "Why not narrower"], ...wildcardRows()]),
  });
});

describe("every statement", () => {
  test("of a role has a reason, and no reason is left over", () => {
    expect(EVERY_GRANT.filter((grant) => whyOf(grant) === undefined)).toEqual([]);
    const used = new Set(EVERY_GRANT.map(({ sid, actions }) => sid ?? actions[0]));
    expect(Object.keys(WHY).filter((key) => !used.has(key))).toEqual([]);
  });

  test("that lets somebody in has a reason, and no reason is left over", () => {
    expect(EVERY_DOOR.filter((door) => doorWhyOf(door) === undefined)).toEqual([]);
    const used = new Set(EVERY_DOOR.map(({ principal, actions }) => `${principal} ${actions[0] ?? ""}`));
    expect(Object.keys(DOOR_WHY).filter((key) => !used.has(key))).toEqual([]);
  });

  test("with a star in its resource says why it is no narrower", () => {
    const unexplained = wide(EVERY_GRANT).filter(
      ({ action, resource }) => whyWide(action, resource) === undefined,
    );
    expect(unexplained).toEqual([]);
  });

  test("belongs to somebody with a name", () => {
    expect(EVERY_GRANT.filter(({ who }) => who.startsWith("role "))).toEqual([]);
  });
});

describe("a star that nobody explains is found", () => {
  test.each([
    ["s3:GetObject", "*"],
    ["ssm:GetParameter", "arn:aws:ssm:us-west-2:ACCOUNT:parameter/*"],
    ["sts:AssumeRole", "arn:aws:iam::ACCOUNT:role/cdk-hnb659fds-cfn-exec-role-ACCOUNT-*"],
    ["lambda:InvokeFunction", "arn:aws:lambda:us-west-2:ACCOUNT:function:*"],
    ["logs:PutLogEvents", "arn:aws:logs:us-west-2:ACCOUNT:log-group:/aws/lambda/*:*"],
  ])("%s on %s", (action, resource) => {
    expect(whyWide(action, resource)).toBeUndefined();
  });
});

test("no template holds a secret's value, a user, or a key of one", () => {
  const types = new Set(BASE.flatMap(({ resources }) => resources.map(({ type }) => type)));
  for (const { type, properties } of BASE.flatMap(({ resources }) => resources))
    if (type === "AWS::SSM::Parameter")
      expect(properties().Name).toMatch(/^\/wrist-agent\/production\/settings\/(application|monitoring)$/);
  for (const type of ["AWS::SecretsManager::Secret", "AWS::IAM::User", "AWS::IAM::AccessKey"])
    expect(types).not.toContain(type);
});

test("anybody may call the Function URL, and nothing else", () => {
  const open = EVERY_DOOR.filter(({ principal, effect }) => principal === "anybody" && effect === "Allow");
  expect(new Set(open.map(({ what, condition }) => `${what} ${condition}`))).toEqual(
    new Set([
      "wrist-agent-production:live FunctionUrlAuthType NONE",
      "wrist-agent-production:live InvokedViaFunctionUrl true",
    ]),
  );
});
