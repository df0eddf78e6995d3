import type { Template } from "cw-alarm-test/template";
import { readTokenCommand } from "../../../lambda/contract/token.ts";
import { consoleAddress } from "../../../lib/config/region.ts";
import { BILLING_NAMES } from "../../../lib/names.ts";
import { checkLineText, checklistSummary } from "../../cli/check-lines.ts";
import { alignedColumns, type Terminal } from "../../cli/terminal.ts";
import type { SubscriptionState, TopicSubscription } from "../../cli/subscriptions.ts";
import type { AfterDeploy, RegionChecks } from "./deploy-ports.ts";
import type { StackOutcome, StackState } from "./plan.ts";

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
  /** Who gets which topic's mails, as SNS says. */
  readonly subscriptions: readonly TopicSubscription[];
  /** What each Function URL answered to one question. */
  readonly urls: AfterDeploy["urls"];
  /** What `verify` says of each Region. */
  readonly checks: AfterDeploy["checks"];
}

/** The facts of a deployment, for text and JSON alike. */
export function deployResult(
  whose: Pick<DeployResult, "stage" | "accountId">,
  outcomes: readonly StackOutcome[],
  { subscriptions, urls, checks }: AfterDeploy,
): DeployResult {
  const done = outcomes.filter(({ state }) => state === "deployed");
  return {
    ...whose,
    stacks: outcomes.map(({ stack: { stackName, region }, state }) => ({ stackName, region, state })),
    outputs: done.flatMap(stackOutputs),
    tokenCommands: done.flatMap(stackTokenCommands),
    dashboards: done.flatMap(stackDashboards),
    subscriptions,
    urls,
    checks,
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
    ...resultSection(terminal, "Outputs", outputLines(deployed)),
    ...resultSection(
      terminal,
      "Dashboards",
      alignedColumns(deployed.dashboards.map(({ name, url }) => [name, url])),
    ),
    ...resultSection(terminal, "Mail", subscriptionLines(terminal, deployed)),
    ...resultSection(terminal, "Function URL", urlLines(terminal, deployed)),
    ...deployed.checks.flatMap((checks) => checkLines(terminal, checks)),
    ...resultSection(terminal, "To do", toDoLines(deployed)),
  ];
}

/** What passes is a number; what does not is shown with its remedy. */
function checkLines(terminal: Terminal, { region, lines }: RegionChecks): readonly string[] {
  const title = `Verified in ${region}`;
  if ("unverified" in lines)
    return resultSection(terminal, title, [terminal.colours.yellow(`not verified: ${lines.unverified}`)]);
  const wrong = lines.filter(({ state }) => state === "fails" || state === "not readable");
  return resultSection(terminal, title, [
    checklistSummary(lines),
    ...wrong.flatMap((line) => checkLineText(terminal, line)),
  ]);
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

/** What each address has to do: an alarm reaches nobody whose subscription is not confirmed. */
function confirmationLines({ subscriptions, stage }: DeployResult): readonly string[] {
  const mails = new Map<string, number>();
  for (const { address, state } of subscriptions)
    if (state === "not confirmed") mails.set(address, (mails.get(address) ?? 0) + 1);
  const confirm = [...mails].map(
    ([address, count]) =>
      `Confirm ${count === 1 ? "a mail" : `${count} mails`} to ${address}, "AWS Notification - Subscription Confirmation", within two days: no alarm reaches you else.`,
  );
  const gone = subscriptions.filter(({ state }) => state === "gone");
  return [
    ...confirm,
    ...gone.map(
      (subscription) =>
        `${subscription.address} does not get the mails of ${subscription.topic} any more (unsubscribed, or never confirmed). To subscribe it again: ${resubscribeCommand(subscription, stage)}`,
    ),
    ...(gone.length === 0 ? [] : [`A deploy does not: CloudFormation believes that ${stage} has it.`]),
  ];
}

/** Topics of somebody else's function belong to no stage that `subscribers` could find. */
function resubscribeCommand({ topic, address, region }: TopicSubscription, stage: string): string {
  const where = topic === BILLING_NAMES.topic ? "" : ` --region ${region}`;
  if (!topic.startsWith("wrist-agent-on-"))
    return `npm run cli -- subscribers resend ${address} --aws --stage ${stage}${where}`;
  return `aws sns subscribe --region ${region} --topic-arn "$(aws sns list-topics --region ${region} --query "Topics[?ends_with(TopicArn, ':${topic}')].TopicArn" --output text)" --protocol email --notification-endpoint ${address}`;
}

function subscriptionLines({ colours }: Terminal, { subscriptions }: DeployResult): readonly string[] {
  const paint: Readonly<Record<SubscriptionState, (text: string) => string>> = {
    confirmed: colours.green,
    "not confirmed": colours.yellow,
    gone: colours.red,
  };
  const rows = subscriptions.map(({ topic, address, state, region }) => [topic, address, state, region]);
  return alignedColumns(rows).map((line, at) => paint[subscriptions[at]?.state ?? "gone"](line));
}

function urlLines({ colours }: Terminal, { urls }: DeployResult): readonly string[] {
  return urls.map(({ url, answer }) => {
    if ("unasked" in answer) return colours.yellow(`${url}: not asked, as ${answer.unasked}`);
    const words = `${url}: ${answer.status} in ${answer.milliseconds} ms`;
    return answer.status === 200 ? colours.green(words) : colours.red(`${words}: ${answer.error ?? ""}`);
  });
}

/** Why what was deployed does not serve; nothing when it does, or could not be asked. */
export function urlFault({ urls, stage }: Pick<DeployResult, "urls" | "stage">): string | undefined {
  for (const { url, answer } of urls)
    if ("status" in answer && answer.status !== 200)
      return `everything is deployed, but ${url} answers ${answer.status} (${answer.error ?? "no reason"}): npm run cli -- rollback --aws --stage ${stage} brings back the version before`;
  return undefined;
}

function toDoLines(deployed: DeployResult): readonly string[] {
  return [
    ...shortcutLines(deployed),
    ...confirmationLines(deployed),
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
