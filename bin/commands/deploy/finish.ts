import type { Template } from "cw-alarm-test/template";
import { partitionOf } from "../../../lib/config/region.ts";
import { subscribedTopics, subscriptionStates, type TopicSubscription } from "../../cli/subscriptions.ts";
import type { AfterDeploy, Deployment, RegionChecks } from "./deploy-ports.ts";
import type { StackOutcome } from "./plan.ts";

/** Takes away what no template can, asks every URL one question, and reads who has confirmed. */
export async function finishDeploy(
  deployment: Deployment,
  outcomes: readonly StackOutcome[],
  accountId: string,
): Promise<AfterDeploy> {
  const done = outcomes.filter(({ state }) => state === "deployed");
  await endProvisionedConcurrency(deployment, done);
  const urls: AfterDeploy["urls"][number][] = [];
  for (const { stack, outputs } of done) {
    const { FunctionUrl: url, TokenParameterName: parameter } = outputs;
    if (url === undefined || parameter === undefined) continue;
    const asking = deployment.ports.askUrl(stack.region, url, parameter);
    urls.push({ url, answer: await deployment.terminal.progress(`asking ${url}`, asking) });
  }
  const subscriptions = await readSubscriptions(deployment, done, accountId);
  return { urls, subscriptions, checks: await checkRegions(deployment, outcomes, urls) };
}

/**
 * The checklist comes last, where there is a whole stage to check: not somebody else's function, and nothing
 * interrupted.
 */
async function checkRegions(
  { ports, options, terminal }: Deployment,
  outcomes: readonly StackOutcome[],
  urls: AfterDeploy["urls"],
): Promise<readonly RegionChecks[]> {
  const isBroken = outcomes.some(({ state }) => state !== "deployed");
  const isSilent = urls.some(({ answer }) => "status" in answer && answer.status !== 200);
  if (options.verify === false || options.context.functionArn !== undefined || isBroken || isSilent)
    return [];
  const ofStage = outcomes.filter(({ stack: { part } }) => part === "app" || part === "monitoring");
  const checks: RegionChecks[] = [];
  for (const region of new Set(ofStage.map(({ stack }) => stack.region))) {
    const checking = ports.verify(options.stage, region);
    checks.push({
      region,
      lines: await terminal.progress(`verifying ${options.stage} in ${region}`, checking),
    });
  }
  return checks;
}

/** Scaling that is gone leaves behind what it had provisioned, which costs on. */
async function endProvisionedConcurrency(
  { ports, say }: Deployment,
  done: readonly StackOutcome[],
): Promise<void> {
  for (const { stack, template } of done) {
    const functionName = aliasedFunction(template);
    const scales = hasType(template, "AWS::ApplicationAutoScaling::ScalableTarget");
    if (stack.part !== "app" || functionName === undefined || scales) continue;
    const found = await ports.stage.endProvisionedConcurrency(stack.region, functionName);
    if (typeof found === "object") say(found.unreadable);
    if (found === "ended")
      say(
        `The alias of ${functionName} kept environments initialised, which cost by the hour: that is over.`,
      );
  }
}

function hasType(template: Template, type: string): boolean {
  return Object.values(template.Resources ?? {}).some(({ Type }) => Type === type);
}

/** Name of the function that the alias is of. */
function aliasedFunction(template: Template): string | undefined {
  const resources = template.Resources ?? {};
  for (const { Type, Properties } of Object.values(resources)) {
    if (Type !== "AWS::Lambda::Alias") continue;
    const { Ref: id = "" } = (Properties?.FunctionName ?? {}) as { readonly Ref?: string };
    const name = resources[id]?.Properties?.FunctionName;
    return typeof name === "string" ? name : undefined;
  }
  return undefined;
}

/** Every topic that has subscriptions, and how those stand. */
async function readSubscriptions(
  { ports, say }: Deployment,
  done: readonly StackOutcome[],
  accountId: string,
): Promise<readonly TopicSubscription[]> {
  const all: TopicSubscription[] = [];
  for (const { stack, template } of done) {
    for (const [topic, addresses] of subscribedTopics(template)) {
      const topicArn = `arn:${partitionOf(stack.region)}:sns:${stack.region}:${accountId}:${topic}`;
      const listed = await ports.stage.subscriptions(stack.region, topicArn);
      if ("unreadable" in listed) say(listed.unreadable);
      else all.push(...subscriptionStates({ topicArn, addresses }, listed));
    }
  }
  return all;
}
