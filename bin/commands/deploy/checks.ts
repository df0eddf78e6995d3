import type { Template, TemplateResource } from "cw-alarm-test/template";
import { Failure, UsageError } from "../../cli/failure.ts";
import { isYes } from "../../cli/terminal.ts";
import type { Deployment } from "./deploy-ports.ts";
import type { Caller } from "./stage-account.ts";
import type { AskedModel } from "./model-access.ts";
import type { PlannedStack } from "./plan.ts";
import type { Prepared } from "./prepare.ts";

/** Every Region's bootstrap, so that one run of `cdk bootstrap` fixes them all. */
export async function refuseUnbootstrapped(
  { ports }: Deployment,
  { caller, stacks }: { readonly caller: Caller; readonly stacks: readonly PlannedStack[] },
): Promise<void> {
  const needs = new Map(stacks.map(({ region, bootstrap }) => [region, bootstrap]));
  const faults = await Promise.all(
    [...needs].map(async ([region, bootstrap]) => {
      if (bootstrap === undefined) return [];
      const version = await ports.account.bootstrapVersion(region, bootstrap.parameter);
      const qualifier = /^\/cdk-bootstrap\/(\w+)\/version$/.exec(bootstrap.parameter)?.[1] ?? "";
      if (version === "missing") return [{ region, qualifier, words: `is not bootstrapped in ${region}` }];
      if (version === "unreadable" || version >= bootstrap.version) return [];
      const words = `has a bootstrap stack of version ${version} in ${region}, and ${bootstrap.version} is needed`;
      return [{ region, qualifier, words }];
    }),
  );
  const [first, ...others] = faults.flat();
  if (first === undefined) return;
  const words = [first, ...others].map((fault) => fault.words).join(", and ");
  const places = [first, ...others].map(({ region }) => `aws://${caller.accountId}/${region}`).join(" ");
  throw new Failure(
    `account ${caller.accountId} ${words}: run npx cdk bootstrap${qualifierOptions(first.qualifier)} ${places}`,
  );
}

function qualifierOptions(qualifier: string): string {
  return qualifier === "" || qualifier === "hnb659fds"
    ? ""
    : ` --qualifier ${qualifier} --toolkit-stack-name CDKToolkit-${qualifier}`;
}

/** Variable of the agent that names the model, as the contract spells it. */
const MODEL_VARIABLE = "BEDROCK_MODEL_ID";

/** The model of an application's template. */
export function modelOf(template: Template): string | undefined {
  for (const { Type, Properties } of Object.values(template.Resources ?? {})) {
    const { Variables } = (Type === "AWS::Lambda::Function" ? (Properties?.Environment ?? {}) : {}) as {
      readonly Variables?: Readonly<Record<string, unknown>>;
    };
    const id = Variables?.[MODEL_VARIABLE];
    if (typeof id === "string") return id;
  }
  return undefined;
}

/**
 * The models that are about to be asked for the first time: those that were asked before are not asked again.
 */
function newModels(prepared: Prepared, templates: readonly Template[]): readonly AskedModel[] {
  return prepared.stacks.flatMap((stack, at) => {
    const template = templates[at];
    const profileId = stack.part === "app" && template ? modelOf(template) : undefined;
    const before = prepared.before.get(stack);
    const known = typeof before === "object" && "template" in before ? modelOf(before.template) : undefined;
    return profileId === undefined || profileId === known ? [] : [{ region: stack.region, profileId }];
  });
}

/** Refuses a stage whose model cannot be asked, before anything is changed. */
export async function refuseUnusableModel(
  { ports, say, terminal }: Deployment,
  prepared: Prepared,
  templates: readonly Template[],
): Promise<void> {
  for (const model of newModels(prepared, templates)) {
    const access = await terminal.progress(`asking Bedrock in ${model.region}`, ports.models.access(model));
    for (const reason of access.unasked)
      say(`Whether ${model.profileId} can be asked in ${model.region}: ${reason}`);
    refuse(access.refusals);
  }
}

/** Asks a new model one question with the deployer's credentials: that makes the account's subscription. */
export async function askNewModel(
  { ports, say, terminal }: Deployment,
  prepared: Prepared,
  templates: readonly Template[],
): Promise<void> {
  for (const model of newModels(prepared, templates)) {
    const answer = await terminal.progress(
      `asking ${model.profileId} one question`,
      ports.models.question(model),
    );
    for (const reason of answer.unasked) say(`Not asked beforehand: ${reason}`);
    refuse(answer.refusals);
  }
}

function refuse(refusals: readonly string[]): void {
  if (refusals.length > 0) throw new Failure(`nothing was deployed: ${refusals.join("; ")}`);
}

/**
 * Names what a deploy would take away that nobody may notice, and asks for that by itself: `--yes` does not
 * cover it.
 */
export async function confirmRemovals(
  { ports, options, say, signal }: Deployment,
  prepared: Prepared,
  templates: readonly Template[],
): Promise<void> {
  const removed: string[] = [];
  for (const [at, stack] of prepared.stacks.entries()) {
    const before = prepared.before.get(stack);
    const next = templates[at];
    if (typeof before !== "object" || next === undefined) continue;
    if ("unreadable" in before) removed.push(`perhaps something of ${stack.stackName}: ${before.unreadable}`);
    else removed.push(...removedThings(before.template, next).map((words) => `${words} (${stack.region})`));
  }
  if (removed.length === 0) return;
  say("This deploy would remove:");
  removed.forEach((words) => say(`  ${words}`));
  if (options.dryRun === true || options.allowRemoval === true) return;
  if (options.yes === true || ports.ask === undefined)
    throw new UsageError(
      "nothing was deployed: --yes does not cover a removal; pass --allow-removal too, or give again what was left out, as in -c alarmEmail=",
    );
  if (
    !isYes(
      await ports.ask(`Remove ${removed.length === 1 ? "it" : `these ${removed.length}`}? (y/n) `, signal),
    )
  )
    throw new Failure("nothing was deployed");
}

/** Something that is missed only when it is needed. */
interface WatchedThing {
  /** The same in two templates where it is the same thing. */
  readonly key: string;
  readonly words: string;
}

/**
 * What a deploy would take away that nobody may notice: subscriptions, alarms, the probe, mails of the
 * budget.
 */
function removedThings(deployed: Template, next: Template): readonly string[] {
  const kept = new Set(watchedThings(next).map(({ key }) => key));
  return watchedThings(deployed)
    .filter(({ key }) => !kept.has(key))
    .map(({ words }) => words);
}

type ReadThings = (resource: TemplateResource, template: Template) => readonly WatchedThing[];

const READERS: Readonly<Record<string, ReadThings>> = {
  "AWS::SNS::Subscription": subscription,
  "AWS::CloudWatch::Alarm": alarm,
  "AWS::CloudWatch::CompositeAlarm": alarm,
  "AWS::Scheduler::Schedule": probe,
  "AWS::Budgets::Budget": budgetMails,
};

function watchedThings(template: Template): readonly WatchedThing[] {
  const things = Object.values(template.Resources ?? {}).flatMap(
    (resource) => READERS[resource.Type]?.(resource, template) ?? [],
  );
  return [...new Map(things.map((thing) => [thing.key, thing])).values()];
}

function subscription({ Properties = {} }: TemplateResource, template: Template): readonly WatchedThing[] {
  const address = textOf(Properties.Endpoint);
  const topic = topicName(Properties.TopicArn, template);
  return [{ key: `subscription ${topic} ${address}`, words: `the subscription of ${address} to ${topic}` }];
}

/** A topic is referred to by its id within the template. */
function topicName(arn: unknown, template: Template): string {
  const id = typeof arn === "object" && arn !== null && "Ref" in arn ? textOf(arn.Ref) : "";
  const name = template.Resources?.[id]?.Properties?.TopicName;
  return typeof name === "string" ? name : JSON.stringify(arn);
}

function alarm({ Properties = {} }: TemplateResource): readonly WatchedThing[] {
  const name = textOf(Properties.AlarmName);
  return [{ key: `alarm ${name}`, words: `the alarm ${name}` }];
}

function probe({ Properties = {} }: TemplateResource): readonly WatchedThing[] {
  const name = textOf(Properties.Name);
  return name.endsWith("-probe") ? [{ key: `probe ${name}`, words: `the probe ${name}` }] : [];
}

function budgetMails({ Properties = {} }: TemplateResource): readonly WatchedThing[] {
  const addresses = [...JSON.stringify(Properties).matchAll(/"Address":"([^"]+)"/g)].map(
    ([, address = ""]) => address,
  );
  return addresses.map((address) => ({
    key: `budget ${address}`,
    words: `the budget's mails to ${address}`,
  }));
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
