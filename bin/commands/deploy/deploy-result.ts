import type { Template } from "cw-alarm-test/template";
import { readTokenCommand } from "../../../lambda/contract/token.ts";
import { consoleAddress } from "../../../lib/config/region.ts";
import { alignedColumns, type Terminal } from "../../cli/terminal.ts";
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
interface StackOutput {
  readonly stackName: string;
  readonly region: string;
  readonly name: string;
  readonly description: string;
  readonly value: string;
}

/** What a deployment leaves the person with. */
export interface DeployResult {
  readonly stage: string;
  readonly accountId: string;
  readonly stacks: readonly {
    readonly stackName: string;
    readonly region: string;
    readonly state: StackState;
  }[];
  readonly outputs: readonly StackOutput[];
  /** Shell lines that print the token, one for each Region. */
  readonly tokenCommands: readonly string[];
  readonly dashboards: readonly { readonly name: string; readonly url: string }[];
  /** How many subscriptions each address has to confirm. */
  readonly confirmations: readonly { readonly email: string; readonly mails: number }[];
}

/** The facts of a deployment, for text and JSON alike. */
export function deployResult(
  whose: Pick<DeployResult, "stage" | "accountId">,
  outcomes: readonly StackOutcome[],
): DeployResult {
  const done = outcomes.filter(({ state }) => state === "deployed");
  return {
    ...whose,
    stacks: outcomes.map(({ stack: { stackName, region }, state }) => ({ stackName, region, state })),
    outputs: done.flatMap(stackOutputs),
    tokenCommands: done.flatMap(stackTokenCommands),
    dashboards: done.flatMap(stackDashboards),
    confirmations: subscriptionConfirmations(done),
  };
}

function stackOutputs({ stack, template, outputs }: StackOutcome): readonly StackOutput[] {
  return Object.entries(outputs).map(([name, value]) => {
    const described: unknown = (template.Outputs?.[name] as { Description?: unknown } | undefined)
      ?.Description;
    const description = typeof described === "string" ? described : name;
    return { stackName: stack.stackName, region: stack.region, name, description, value };
  });
}

function stackTokenCommands({ stack, outputs }: StackOutcome): readonly string[] {
  const { TokenParameterName } = outputs;
  if (TokenParameterName === undefined) return [];
  return [readTokenCommand(TokenParameterName, stack.region)];
}

function stackDashboards({ stack: { region }, template }: StackOutcome): DeployResult["dashboards"] {
  return resourceTexts(template, { type: "AWS::CloudWatch::Dashboard", property: "DashboardName" }).map(
    (name) => ({
      name,
      url: `${consoleAddress(region)}/cloudwatch/home?region=${region}#dashboards/dashboard/${name}`,
    }),
  );
}

function subscriptionConfirmations(done: readonly StackOutcome[]): DeployResult["confirmations"] {
  const mails = new Map<string, number>();
  for (const { template } of done)
    for (const email of resourceTexts(template, { type: "AWS::SNS::Subscription", property: "Endpoint" }))
      if (email.includes("@")) mails.set(email, (mails.get(email) ?? 0) + 1);
  return [...mails].map(([email, count]) => ({ email, mails: count }));
}

function resourceTexts(
  template: Template,
  { type, property }: { type: string; property: string },
): readonly string[] {
  return Object.values(template.Resources ?? {})
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => Properties?.[property])
    .filter((value): value is string => typeof value === "string");
}

/** What was deployed, what it gives, and what is left for the person to do. */
export function deployResultLines(terminal: Terminal, deployed: DeployResult): string[] {
  return [
    ...resultSection(terminal, "Stacks", stackLines(terminal, deployed)),
    ...resultSection(terminal, "What they give", outputLines(deployed)),
    ...resultSection(
      terminal,
      "Dashboards",
      alignedColumns(deployed.dashboards.map(({ name, url }) => [name, url])),
    ),
    ...resultSection(terminal, "To do", toDoLines(deployed)),
  ];
}

function resultSection({ colours }: Terminal, title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [colours.bold(title), ...lines.map((line) => `  ${line}`), ""];
}

function stackLines({ colours }: Terminal, { stacks, accountId }: DeployResult): readonly string[] {
  const paint: Readonly<Record<StackState, (text: string) => string>> = {
    deployed: colours.green,
    failed: colours.red,
    interrupted: colours.yellow,
    "not begun": colours.dim,
  };
  const lines = alignedColumns(
    stacks.map(({ stackName, region, state }) => [state, stackName, `${region}, account ${accountId}`]),
  );
  return lines.map((line, at) => paint[stacks[at]?.state ?? "not begun"](line));
}

/** Outputs of several Regions read alike but for their values. */
function outputLines({ outputs }: DeployResult): readonly string[] {
  return outputs.flatMap(({ name, description, region, value }) => {
    const isOne = outputs.filter((output) => output.name === name).length === 1;
    return [`${description}${isOne ? "" : `, in ${region}`}:`, `  ${value}`];
  });
}

function toDoLines(deployed: DeployResult): readonly string[] {
  return [
    ...shortcutLines(deployed),
    ...deployed.confirmations.map(
      ({ email, mails }) =>
        `Confirm ${mails === 1 ? "a mail" : `${mails} mails`} to ${email}, "AWS Notification - Subscription Confirmation", within two days, unless you did so before: no alarm reaches you else.`,
    ),
    ...deployed.outputs
      .filter(({ name }) => name === "BillingAlerts")
      .map(({ value }) => `Turn on "Receive CloudWatch billing alerts", once per account: ${value}`),
  ];
}

/** A Shortcut knows one address, and each Region has a token of its own. */
function shortcutLines({ outputs, tokenCommands }: DeployResult): readonly string[] {
  const urls = outputs.filter(({ name }) => name === "FunctionUrl");
  const [first] = urls;
  if (first === undefined) return [];
  const token = (at: number): readonly string[] => {
    const command = tokenCommands[at];
    return command === undefined ? [] : ["and the token, which this prints:", `  ${command}`];
  };
  if (urls.length === 1) return [`Give the Shortcut this address: ${first.value}`, ...token(0)];
  return [
    "Give the Shortcut the address of one Region:",
    ...urls.flatMap(({ region, value }, at) => [`${region}: ${value}`, ...token(at)]),
  ];
}

/** How things stand after a deployment that did not come to its end, and what to do about each stack. */
export function unfinishedLines(
  { stacks }: Pick<DeployResult, "stacks">,
  command: string,
): readonly string[] {
  return stacks.flatMap(({ stackName, region, state }) => {
    const look = `aws cloudformation describe-stack-events --region ${region} --stack-name ${stackName}`;
    if (state === "failed")
      return [`${stackName} failed: CloudFormation puts back what it was; its events say why:`, `  ${look}`];
    if (state === "interrupted")
      return [
        `${stackName} was being deployed: CloudFormation goes on with it by itself. To see how it ends:`,
        `  ${look}`,
        "to put an update back:",
        `  aws cloudformation cancel-update-stack --region ${region} --stack-name ${stackName}`,
      ];
    return state === "not begun" ? [`${stackName} was not begun. To go on: ${command}`] : [];
  });
}
