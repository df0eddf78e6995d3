import { stackFiles } from "cw-alarm-test/cloud-assembly";
import { loadTemplate } from "cw-alarm-test/read-template";
import { SynthesisError } from "../../../local/assembly/synthesise.ts";
import {
  ALIAS_NAME,
  ALIAS_UPDATE_CONTEXT,
  GITHUB_PROVIDER_CONTEXT,
  namesOf,
  REMEMBERED_CONTEXT,
} from "../../../lib/names.ts";
import type { Stage } from "../../../lib/config/stage.ts";
import { Failure } from "../../cli/failure.ts";
import { jsonTextMembers } from "@wrist-agent/cloudwatch/json";
import type { Unreadable } from "../../cli/stage-connection.ts";
import type { Deployment } from "./deploy-ports.ts";
import { planDeployment, type DeploymentPlan, type PlannedStack } from "./plan.ts";
import type { DeployedStack } from "./stage-account.ts";

/** What is there of a stack to deploy. */
export type Before = DeployedStack | "missing" | "failed" | Unreadable;

/** The stacks to deploy, with what is there of each. */
export interface Prepared extends DeploymentPlan {
  readonly before: ReadonlyMap<PlannedStack, Before>;
}

/**
 * Synthesises a stage as it was given now and at earlier deploys, and reads what is there of it.
 *
 * Where the stacks are is known only from a synthesis, so what earlier deploys were given takes a second one.
 */
export async function prepareStage(deployment: Deployment): Promise<Prepared> {
  let plan = await synthesiseAndPlan(deployment, {});
  const remembered = await rememberedContext(deployment, plan);
  if (Object.keys(remembered).length > 0) plan = await synthesiseAndPlan(deployment, remembered);
  const before = await readBefore(deployment, plan.stacks);
  refuseBusy(before);
  const found = {
    ...(await movedAlias(deployment, before)),
    ...(await foundProvider(deployment, before)),
  };
  if (Object.keys(found).length === 0) return { ...plan, before };
  plan = await synthesiseAndPlan(deployment, { ...remembered, ...found });
  const byName = [...before].map(([stack, there]) => [`${stack.region} ${stack.id}`, there] as const);
  const known = new Map(byName);
  return {
    ...plan,
    before: new Map(
      plan.stacks.map((stack) => [stack, known.get(`${stack.region} ${stack.id}`) ?? "missing"]),
    ),
  };
}

async function synthesiseAndPlan(
  { ports, options, signal, terminal, assembly }: Deployment,
  more: Readonly<Record<string, string>>,
): Promise<DeploymentPlan> {
  const { stage } = options;
  const context = { ...options.context, ...more };
  await terminal
    .progress(
      `synthesising the stacks of ${stage}`,
      ports.synthesise({ stage, context, outDirectory: assembly, signal }),
    )
    .catch((error: unknown) => {
      if (signal.aborted) throw new Failure("interrupted: nothing was deployed", { cause: error });
      if (error instanceof SynthesisError) throw new Failure(error.message, { cause: error });
      throw error;
    });
  return planDeployment(await stackFiles(assembly), options);
}

/** Settings of earlier deploys that nobody gives now, in the words of the synthesis. */
async function rememberedContext(
  deployment: Deployment,
  { stacks }: DeploymentPlan,
): Promise<Readonly<Record<string, string>>> {
  const { ports, options, say } = deployment;
  const [first] = stacks;
  const prefix = namesOf(options.stage as Stage).settingsPrefix;
  if (first === undefined || options.context.functionArn !== undefined) return {};
  const texts = await Promise.all(
    ["application", "monitoring"].map((part) => ports.stage.parameter(first.region, `${prefix}${part}`)),
  );
  for (const text of texts) if (typeof text === "object") say(text.unreadable);
  const [application = {}, monitoring = {}] = texts.map((text) =>
    typeof text === "string" ? jsonTextMembers(text) : {},
  );
  const found = Object.entries({ ...application, ...monitoring }).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  const kept = found.filter(([name]) => options.forget?.includes(name) !== true);
  sayRemembered(deployment, kept);
  return kept.length === 0 ? {} : { [REMEMBERED_CONTEXT]: JSON.stringify(Object.fromEntries(kept)) };
}

function sayRemembered({ options, say }: Deployment, kept: readonly (readonly [string, string])[]): void {
  const used = kept.filter(([name]) => options.context[name] === undefined);
  if (used.length === 0) return;
  say("As at earlier deploys (-c changes one, --forget drops one):");
  for (const [name, text] of used) say(`  ${name} = ${text}`);
}

async function readBefore(
  { ports, terminal }: Deployment,
  stacks: readonly PlannedStack[],
): Promise<ReadonlyMap<PlannedStack, Before>> {
  const read = stacks.map(async (stack): Promise<[PlannedStack, Before]> => [
    stack,
    await ports.stage.stack(stack.region, stack.stackName),
  ]);
  return new Map(await terminal.progress("reading what is deployed", Promise.all(read)));
}

/** Two deploys of one stack would report each other's result. */
function refuseBusy(before: Prepared["before"]): void {
  for (const [{ stackName, region }, there] of before)
    if (typeof there === "object" && "status" in there && there.status.endsWith("_IN_PROGRESS"))
      throw new Failure(
        `${stackName} in ${region} is being changed already (${there.status}): wait until that is over, or look with ` +
          `aws cloudformation describe-stack-events --region ${region} --stack-name ${stackName}`,
      );
}

/**
 * What a rollback leaves behind: an alias on another version than the stack knows of.
 *
 * CloudFormation would have CodeDeploy shift traffic from the version that it knows, which is the bad one:
 * the documentation does not say whether CodeDeploy refuses that or serves it again. So the alias is moved at
 * once, from where it is, and without it.
 */
async function movedAlias(
  { ports, say }: Deployment,
  before: Prepared["before"],
): Promise<Readonly<Record<string, string>>> {
  for (const [{ part, region }, there] of before) {
    if (part !== "app" || typeof there !== "object" || !("status" in there)) continue;
    const expected = stackVersion(there);
    if (expected === undefined) continue;
    const live = await ports.stage.liveVersions(region, expected.functionName);
    if ("unreadable" in live) return {};
    if (live.length === 0 || live.join() === expected.version) continue;
    say(
      `In ${region} the alias ${ALIAS_NAME} is on version ${live.join(" and ")}, moved there by a rollback; the stack knows of ${expected.version}. A new version takes its place at once, without CodeDeploy; the questions to the URL come after.`,
    );
    return { [ALIAS_UPDATE_CONTEXT]: "direct" };
  }
  return {};
}

/**
 * An account has one OIDC provider for GitHub, which another stack or a person may have made: then the
 * delivery stack uses it.
 *
 * One that the stack itself made stays in it: left out, CloudFormation would delete it, and every role with
 * it.
 */
async function foundProvider(
  { ports, say }: Deployment,
  before: Prepared["before"],
): Promise<Readonly<Record<string, string>>> {
  for (const [{ part, region }, there] of before) {
    if (part !== "delivery" || isUnreadable(there) || makesProvider(there)) continue;
    const provider = await ports.account.githubProvider(region);
    if (typeof provider === "object") say(`${provider.unreadable}: the stack makes GitHub's provider`);
    if (provider === "there") return { [GITHUB_PROVIDER_CONTEXT]: "existing" };
  }
  return {};
}

function isUnreadable(there: Before): there is Unreadable {
  return typeof there === "object" && "unreadable" in there;
}

function makesProvider(there: Exclude<Before, Unreadable>): boolean {
  if (typeof there !== "object") return false;
  return Object.values(there.template.Resources ?? {}).some(({ Type }) => Type === "AWS::IAM::OIDCProvider");
}

/** The version that the stack believes to be live. */
function stackVersion({
  template,
  resources,
}: DeployedStack): { readonly functionName: string; readonly version: string } | undefined {
  for (const { Type, Properties } of Object.values(template.Resources ?? {})) {
    if (Type !== "AWS::Lambda::Alias") continue;
    const read = Properties?.FunctionVersion as { "Fn::GetAtt"?: readonly string[] } | undefined;
    const arn = resources[read?.["Fn::GetAtt"]?.[0] ?? ""] ?? "";
    const [, functionName, version] = /:function:([^:]+):(\d+)$/.exec(arn) ?? [];
    if (functionName !== undefined && version !== undefined) return { functionName, version };
  }
  return undefined;
}

/** The templates of stacks, in their order. */
export async function templatesOf(stacks: readonly PlannedStack[]) {
  return Promise.all(stacks.map(({ templateFile }) => loadTemplate(templateFile)));
}
