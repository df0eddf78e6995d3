import { readTokenCommand } from "../../../lambda/contract/token.ts";
import type { Template } from "../../../local/assembly/template/template.ts";
import type { PlannedStack } from "./plan.ts";

/** How far a stack came. */
export type StackState = "deployed" | "failed" | "interrupted" | "not begun";

/** A stack together with what was made of it. */
export interface StackOutcome {
  readonly stack: PlannedStack;
  readonly template: Template;
  readonly state: StackState;
  /** Values of its outputs by logical id; none unless it was deployed. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** An output in plain words. */
export interface ToldOutput {
  readonly stackName: string;
  readonly region: string;
  readonly name: string;
  readonly description: string;
  readonly value: string;
}

/** What a deployment leaves the person with. */
export interface Deployed {
  readonly stage: string;
  readonly accountId: string;
  readonly stacks: readonly {
    readonly stackName: string;
    readonly region: string;
    readonly state: StackState;
  }[];
  readonly outputs: readonly ToldOutput[];
  /** Shell lines that print the token, one for each Region. */
  readonly tokenCommands: readonly string[];
  readonly dashboards: readonly { readonly name: string; readonly url: string }[];
  /** How many subscriptions each address has to confirm. */
  readonly confirmations: readonly { readonly email: string; readonly mails: number }[];
}

/** The facts of a deployment, for text and JSON alike. */
export function deployedOf(
  whose: Pick<Deployed, "stage" | "accountId">,
  outcomes: readonly StackOutcome[],
): Deployed {
  const done = outcomes.filter(({ state }) => state === "deployed");
  return {
    ...whose,
    stacks: outcomes.map(({ stack: { stackName, region }, state }) => ({ stackName, region, state })),
    outputs: done.flatMap(outputsOf),
    tokenCommands: done.flatMap(tokenCommand),
    dashboards: done.flatMap(dashboardsOf),
    confirmations: confirmationsOf(done),
  };
}

function outputsOf({ stack, template, outputs }: StackOutcome): readonly ToldOutput[] {
  return Object.entries(outputs).map(([name, value]) => {
    const described: unknown = (template.Outputs?.[name] as { Description?: unknown } | undefined)
      ?.Description;
    const description = typeof described === "string" ? described : name;
    return { stackName: stack.stackName, region: stack.region, name, description, value };
  });
}

function tokenCommand({ stack, outputs }: StackOutcome): readonly string[] {
  const { TokenParameterName } = outputs;
  if (TokenParameterName === undefined) return [];
  return [readTokenCommand(TokenParameterName, stack.region)];
}

function dashboardsOf({ stack: { region }, template }: StackOutcome): Deployed["dashboards"] {
  return textsIn(template, { type: "AWS::CloudWatch::Dashboard", property: "DashboardName" }).map((name) => ({
    name,
    url: `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${name}`,
  }));
}

function confirmationsOf(done: readonly StackOutcome[]): Deployed["confirmations"] {
  const mails = new Map<string, number>();
  for (const { template } of done)
    for (const email of textsIn(template, { type: "AWS::SNS::Subscription", property: "Endpoint" }))
      if (email.includes("@")) mails.set(email, (mails.get(email) ?? 0) + 1);
  return [...mails].map(([email, count]) => ({ email, mails: count }));
}

function textsIn(
  template: Template,
  { type, property }: { type: string; property: string },
): readonly string[] {
  return Object.values(template.Resources ?? {})
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => Properties?.[property])
    .filter((value): value is string => typeof value === "string");
}
