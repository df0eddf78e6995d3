import type { ResolvedResource, ResolvedStack } from "cw-alarm-test/resolved-stack";
import { statementsIn } from "../lib/pairwise/stack-rules.ts";

/** A statement of a role: who may do what, on which ARNs. */
export interface Grant {
  readonly stackName: string;
  /** The function, schedule or workflow that has the role. */
  readonly who: string;
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly sid: string | undefined;
}

/** A statement of what is called or taken: who may do what to it, and on which condition. */
export interface Door {
  readonly stackName: string;
  /** What is behind it. */
  readonly what: string;
  readonly effect: string;
  readonly actions: readonly string[];
  readonly principal: string;
  readonly condition: string;
}

/** Every statement of every role. */
export function grantsIn(stacks: readonly ResolvedStack[]): readonly Grant[] {
  return stacks.flatMap((stack) =>
    stack.resources.flatMap((resource) =>
      policiesOf(resource, stack).flatMap(({ role, document }) =>
        statementsIn(document).map((statement) => ({
          stackName: stack.stackName,
          who: holderOf(role, stack),
          effect: statement.Effect,
          actions: listOf(statement.Action),
          resources: listOf(statement.Resource),
          sid: statement.Sid,
        })),
      ),
    ),
  );
}

interface Policy {
  readonly role: ResolvedResource;
  readonly document: unknown;
}

function policiesOf(resource: ResolvedResource, { resources }: ResolvedStack): readonly Policy[] {
  if (resource.type === "AWS::IAM::Role")
    return [{ role: resource, document: resource.properties().Policies }];
  if (resource.type !== "AWS::IAM::Policy") return [];
  const { Roles, PolicyDocument } = resource.properties() as {
    Roles: readonly string[];
    PolicyDocument: unknown;
  };
  return resources
    .filter((each) => each.type === "AWS::IAM::Role" && Roles.includes(each.ref()))
    .map((role) => ({ role, document: PolicyDocument }));
}

/** Types that take a role, the property that it stands in, and what they are called. */
const HOLDERS: Readonly<
  Record<string, (properties: Readonly<Record<string, unknown>>, arn: string) => string | undefined>
> = {
  "AWS::Lambda::Function": ({ Role, FunctionName }, arn) => (Role === arn ? String(FunctionName) : undefined),
  "AWS::Scheduler::Schedule": ({ Target, Name }, arn) =>
    (Target as { RoleArn: unknown }).RoleArn === arn ? `schedule ${String(Name)}` : undefined,
  "AWS::CodeDeploy::DeploymentGroup": ({ ServiceRoleArn, ApplicationName }, arn) =>
    ServiceRoleArn === arn ? `CodeDeploy of ${String(ApplicationName)}` : undefined,
};

function holderOf(role: ResolvedResource, { resources }: ResolvedStack): string {
  const arn = role.attribute("Arn");
  const holder = resources
    .filter(({ type }) => type in HOLDERS)
    .map((each) => HOLDERS[each.type]?.(each.properties(), arn))
    .find((name) => name !== undefined);
  return holder ?? subjectOf(role) ?? `role ${role.logicalId}`;
}

/** A job of GitHub, which no resource of the template is. */
function subjectOf(role: ResolvedResource): string | undefined {
  const environment = /:environment:([\w-]+)"/.exec(
    JSON.stringify(role.properties().AssumeRolePolicyDocument),
  );
  return environment?.[1] === undefined ? undefined : `GitHub's jobs in environment ${environment[1]}`;
}

function listOf(value: unknown): readonly string[] {
  return [value ?? []].flat().map(String);
}

/** Every statement of what may be called, published to or taken over. */
export function doorsIn(stacks: readonly ResolvedStack[]): readonly Door[] {
  return stacks.flatMap((stack) =>
    stack.resources.flatMap((resource) => {
      const door = DOORS[resource.type];
      return door === undefined
        ? []
        : door(resource, stack).map((each) => ({ stackName: stack.stackName, ...each }));
    }),
  );
}

type DoorsOf = (resource: ResolvedResource, stack: ResolvedStack) => readonly Omit<Door, "stackName">[];

const DOORS: Readonly<Record<string, DoorsOf>> = {
  "AWS::IAM::Role": (role, stack) =>
    doorsOf(`role of ${holderOf(role, stack)}`, role.properties().AssumeRolePolicyDocument),
  "AWS::SNS::TopicPolicy": (resource) => {
    const { Topics, PolicyDocument } = resource.properties() as {
      Topics: readonly string[];
      PolicyDocument: unknown;
    };
    return doorsOf(`topic ${Topics.map((arn) => lastPart(arn)).join()}`, PolicyDocument);
  },
  "AWS::KMS::Key": (resource) => doorsOf("key of the alarm topics", resource.properties().KeyPolicy),
  "AWS::Lambda::Permission": (resource) => {
    const { Action, Principal, ...rest } = resource.properties();
    const given = rest as Readonly<Record<string, string | boolean | undefined>>;
    return [
      {
        what: lastPart(String(given.FunctionName), ":function:"),
        effect: "Allow",
        actions: listOf(Action),
        principal: principalText(Principal),
        condition: PERMISSION_CONDITIONS.flatMap((name) =>
          given[name] === undefined ? [] : [`${name} ${lastPart(String(given[name]))}`],
        ).join(", "),
      },
    ];
  },
};

/** Properties of a permission that make it narrower. */
const PERMISSION_CONDITIONS = ["FunctionUrlAuthType", "InvokedViaFunctionUrl", "SourceArn", "SourceAccount"];

function doorsOf(what: string, document: unknown): readonly Omit<Door, "stackName">[] {
  return statementsIn(document).map((statement) => ({
    what,
    effect: statement.Effect,
    actions: listOf(statement.Action),
    principal: principalText(statement.Principal),
    condition: conditionText(statement.Condition),
  }));
}

function lastPart(arn: string, after = ":"): string {
  return arn.split(after).at(-1) ?? arn;
}

function principalText(principal: unknown): string {
  if (principal === "*") return "anybody";
  return typeof principal === "string"
    ? principal
    : Object.values(principal as object)
        .flat()
        .join(", ");
}

/** `operator key value`, without the operators that say no more than that both are equal or alike. */
function conditionText(condition: unknown): string {
  const clauses = Object.values(
    (condition ?? {}) as Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  );
  return clauses
    .flatMap((clause) => Object.entries(clause))
    .map(([key, value]) => `${key.replace(/^token\.actions\.githubusercontent\.com:/, "")} ${String(value)}`)
    .join(", ");
}
