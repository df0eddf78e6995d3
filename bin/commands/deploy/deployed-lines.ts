import { columns, type Terminal } from "../terminal.ts";
import type { Deployed, StackState } from "./deployed.ts";

/** What was deployed, what it gives, and what is left for the person to do. */
export function deployedLines(terminal: Terminal, deployed: Deployed): string[] {
  return [
    ...section(terminal, "Stacks", stackLines(terminal, deployed)),
    ...section(terminal, "What they give", outputLines(deployed)),
    ...section(terminal, "Dashboards", columns(deployed.dashboards.map(({ name, url }) => [name, url]))),
    ...section(terminal, "To do", toDo(deployed)),
  ];
}

function section({ colours }: Terminal, title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [colours.bold(title), ...lines.map((line) => `  ${line}`), ""];
}

function stackLines({ colours }: Terminal, { stacks, accountId }: Deployed): readonly string[] {
  const paint: Readonly<Record<StackState, (text: string) => string>> = {
    deployed: colours.green,
    failed: colours.red,
    interrupted: colours.yellow,
    "not begun": colours.dim,
  };
  const lines = columns(
    stacks.map(({ stackName, region, state }) => [state, stackName, `${region}, account ${accountId}`]),
  );
  return lines.map((line, at) => paint[stacks[at]?.state ?? "not begun"](line));
}

/** Outputs of several Regions read alike but for their values. */
function outputLines({ outputs }: Deployed): readonly string[] {
  return outputs.flatMap(({ name, description, region, value }) => {
    const isOne = outputs.filter((output) => output.name === name).length === 1;
    return [`${description}${isOne ? "" : `, in ${region}`}:`, `  ${value}`];
  });
}

function toDo(deployed: Deployed): readonly string[] {
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
function shortcutLines({ outputs, tokenCommands }: Deployed): readonly string[] {
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
export function brokenOffLines({ stacks }: Pick<Deployed, "stacks">, command: string): readonly string[] {
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
