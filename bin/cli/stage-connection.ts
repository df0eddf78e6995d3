import {
  CloudFormationClient,
  GetTemplateCommand,
  paginateListStackResources,
  type Stack,
} from "@aws-sdk/client-cloudformation";
import type { Command } from "commander";
import { readTemplate } from "cw-alarm-test/read-template";
import type { Template } from "cw-alarm-test/template";
import { BILLING_REGION, BILLING_STACK, namesOf, type Names } from "../../lib/names.ts";
import {
  awsAnswer,
  type AwsCall,
  describeStack,
  MissingPermission,
  type SdkClient,
  stackOutputs,
  stackTags,
} from "./aws-calls.ts";
import { Failure } from "./failure.ts";
import { addTargetOptions, awsFailure, type ClientConfig, resolveTarget, type Target } from "./target.ts";
import type { TargetOptions } from "./target.ts";
import type { Terminal } from "./terminal.ts";

/*
 * How a command reaches a stage, on this machine and in AWS alike:
 *
 *   addStageOptions(new Command("verify"), "print one JSON line: ...")
 *     --stage --local --aws --region --data --json
 *   const stage = await connectStage(terminal, options);
 *     who it is, and its stacks as CloudFormation has them
 *   const sns = stage.client(SNSClient);
 *     a client of its Region (or another), closed by stage.close()
 *   const answer = await stage.ask({ action: "sns:ListTopics", on: "…" }, () => sns.send(…));
 *     refusals become sentences; MissingPermission names the action
 *   const part = await stage.askIfAllowed(…)
 *     the answer, or { unreadable: sentence } where permission is missing
 *   physicalIds(stage.monitoring(), "AWS::SNS::Topic")
 *     what a stack made
 *   await stage.template(stack)
 *     its template as deployed
 *   await stage.readStack(BILLING_STACK, BILLING_REGION)
 *     another stack; undefined where there is none
 */

/** Options of every command that reads a stage. */
export interface StageOptions extends TargetOptions {
  readonly json?: true;
}

/** Adds `--stage`, `--local`, `--aws`, `--region`, `--data` and `--json`, whose shape `json` describes. */
export function addStageOptions(command: Command, json: string): Command {
  return addTargetOptions(command).option("--json", json);
}

/** A resource of a stack. */
export interface StackResource {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: string;
}

/** A stack as CloudFormation has it. */
export interface DeployedStack {
  readonly stackName: string;
  readonly stackId: string;
  readonly region: string;
  readonly status: string;
  readonly createdMs: number;
  /** When it was last updated; missing where it never was. */
  readonly updatedMs?: number;
  /** Values by the outputs' keys. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly resources: readonly StackResource[];
}

/** A call, without the target that every call of a connection has. */
export type StageCall = Omit<AwsCall, "target">;

/** Why a part is not known: these credentials may not read it. */
export interface Unreadable {
  readonly unreadable: string;
}

/** A stage that answers, and what it consists of. */
export interface StageConnection {
  readonly target: Target;
  readonly names: Names;
  /** The Region of its function. */
  readonly region: string;
  readonly accountId: string;
  /** The stack of the agent; throws {@link Failure} that says what to deploy where there is none. */
  readonly application: () => DeployedStack;
  /** The stack of dashboards and alarms; throws {@link Failure} where there is none. */
  readonly monitoring: () => DeployedStack;
  /** Those of both that are there. */
  readonly stacks: readonly DeployedStack[];
  /** A client of the stage's Region, or of another; {@link close} ends it. */
  readonly client: <Client extends SdkClient>(
    make: new (config: ClientConfig) => Client,
    region?: string,
  ) => Client;
  /** The answer of AWS; a refusal becomes a {@link Failure} that says what to do. */
  readonly ask: <T>(call: StageCall, answer: () => Promise<T>) => Promise<T>;
  /** The answer of AWS, or why these credentials may not have it; every other refusal is thrown. */
  readonly askIfAllowed: <T>(call: StageCall, answer: () => Promise<T>) => Promise<T | Unreadable>;
  /** A stack by its name; `undefined` where there is none. */
  readonly readStack: (stackName: string, region?: string) => Promise<DeployedStack | undefined>;
  /** The template of a stack as it was deployed; read once, as the stacks are. */
  readonly template: (stack: DeployedStack) => Promise<Template>;
  readonly close: () => void;
}

/** Whether an answer is {@link Unreadable}. */
export function isUnreadable(value: unknown): value is Unreadable {
  return typeof value === "object" && value !== null && "unreadable" in value;
}

/** Finds the stage that the options name and reads its stacks; the caller closes it. */
export async function connectStage(terminal: Terminal, options: TargetOptions): Promise<StageConnection> {
  const target = await resolveTarget(options);
  const clients = new Clients(target);
  try {
    const region = await regionOf(target, clients);
    const names = namesOf(target.stage);
    const read = new StackReader(target, clients, region);
    const [application, monitoring] = await terminal.progress(
      `reading the stacks of ${target.where}`,
      Promise.all([read.stack(names.applicationStack), read.stack(names.monitoringStack)]),
    );
    const stacks = [application, monitoring].filter((stack) => stack !== undefined);
    if (stacks[0] === undefined) throw missingStack({ target, region }, names.applicationStack);
    return {
      target,
      names,
      region,
      accountId: stacks[0].stackId.split(":")[4] ?? "",
      stacks,
      application: () => present(application, { target, region }, names.applicationStack),
      monitoring: () => present(monitoring, { target, region }, names.monitoringStack),
      client: (make, of = region) => clients.get(make, of),
      ask: (call, answer) => askAws({ ...call, target }, answer),
      askIfAllowed: async (call, answer) => {
        try {
          return await askAws({ ...call, target }, answer);
        } catch (error) {
          if (error instanceof MissingPermission) return { unreadable: error.message };
          throw error;
        }
      },
      readStack: (stackName, of = region) => read.stack(stackName, of),
      template: (stack) => read.template(stack),
      close: () => clients.close(),
    };
  } catch (error) {
    clients.close();
    throw error;
  }
}

/** What a stack made of one resource type: names, ARNs or ids, as Ref gives them. */
export function physicalIds({ resources }: DeployedStack, type: string): readonly string[] {
  return resources.filter((resource) => resource.type === type).map(({ physicalId }) => physicalId);
}

/** When a stack was last deployed. */
export function deployedMs({ createdMs, updatedMs }: DeployedStack): number {
  return updatedMs ?? createdMs;
}

/** The billing stack, which lives in a Region of its own; `undefined` where the account has none. */
export function readBillingStack({ readStack }: StageConnection): Promise<DeployedStack | undefined> {
  return readStack(BILLING_STACK, BILLING_REGION);
}

/**
 * The stacks whose alarms and topics are a stage's: its own, and the account's one on the bill, which
 * production's deploy makes.
 */
export async function readAllStacks(stage: StageConnection): Promise<readonly DeployedStack[]> {
  const billing = stage.target.stage === "production" ? await readBillingStack(stage) : undefined;
  return [...stage.stacks, ...(billing === undefined ? [] : [billing])];
}

/** A question is asked as often as this where AWS throttles or a connection breaks: it changes nothing. */
const READ_ATTEMPTS = 4;

/** Clients by Region, made when they are first needed. */
class Clients {
  readonly #target: Target;
  readonly #made = new Map<string, { readonly make: unknown; readonly client: SdkClient }[]>();

  constructor(target: Target) {
    this.#target = target;
  }

  get<Client extends SdkClient>(
    make: new (config: ClientConfig) => Client,
    region: string | undefined,
  ): Client {
    const own = this.#made.get(region ?? "") ?? [];
    this.#made.set(region ?? "", own);
    const found = own.find((each) => each.make === make);
    if (found !== undefined) return found.client as Client;
    const client = new make({
      ...this.#target.client,
      ...(region !== undefined && { region }),
      maxAttempts: READ_ATTEMPTS,
    });
    own.push({ make, client });
    return client;
  }

  close(): void {
    for (const own of this.#made.values()) for (const { client } of own) client.destroy();
    this.#made.clear();
  }
}

async function regionOf(target: Target, clients: Clients): Promise<string> {
  if (target.client.region !== undefined) return target.client.region;
  const client = clients.get(CloudFormationClient, undefined);
  return client.config.region().catch((error: unknown) => {
    throw awsFailure(error, target);
  });
}

async function askAws<T>(call: AwsCall, answer: () => Promise<T>): Promise<T> {
  return awsAnswer(call, answer());
}

/** A target and where in it. */
interface Place {
  readonly target: Target;
  readonly region: string;
}

/** Reads stacks of one target. */
class StackReader {
  readonly #target: Target;
  readonly #clients: Clients;
  readonly #region: string;
  readonly #templates = new Map<string, Template>();

  constructor(target: Target, clients: Clients, region: string) {
    this.#target = target;
    this.#clients = clients;
    this.#region = region;
  }

  async stack(stackName: string, region = this.#region): Promise<DeployedStack | undefined> {
    const client = this.#clients.get(CloudFormationClient, region);
    const on = `stack ${stackName} in ${region}`;
    const described = await askAws(
      { target: this.#target, action: "cloudformation:DescribeStacks", on },
      () => describeStack(client, stackName),
    );
    // A change set that was never executed leaves a stack of which nothing was made.
    if (described === undefined || described.StackStatus === "REVIEW_IN_PROGRESS") return undefined;
    const resources = await askAws(
      { target: this.#target, action: "cloudformation:ListStackResources", on },
      () => listResources(client, stackName),
    );
    return deployedStack(described, { region, resources });
  }

  async template({ stackId, stackName, region }: DeployedStack): Promise<Template> {
    const known = this.#templates.get(stackId);
    if (known !== undefined) return known;
    const client = this.#clients.get(CloudFormationClient, region);
    const action = "cloudformation:GetTemplate";
    const command = new GetTemplateCommand({ StackName: stackName, TemplateStage: "Original" });
    const { TemplateBody = "" } = await askAws(
      { target: this.#target, action, on: `stack ${stackName} in ${region}` },
      () => client.send(command),
    );
    const template = await readTemplate(TemplateBody, stackName);
    this.#templates.set(stackId, template);
    return template;
  }
}

async function listResources(
  client: CloudFormationClient,
  StackName: string,
): Promise<readonly StackResource[]> {
  const found: StackResource[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName }))
    for (const summary of StackResourceSummaries)
      found.push({
        logicalId: summary.LogicalResourceId ?? "",
        physicalId: summary.PhysicalResourceId ?? "",
        type: summary.ResourceType ?? "",
        status: summary.ResourceStatus ?? "",
      });
  return found.filter(({ status }) => status !== "DELETE_COMPLETE");
}

function deployedStack(
  stack: Stack,
  { region, resources }: Pick<DeployedStack, "region" | "resources">,
): DeployedStack {
  const { StackName = "", StackId = "", StackStatus = "", CreationTime, LastUpdatedTime } = stack;
  return {
    stackName: StackName,
    stackId: StackId,
    region,
    status: StackStatus,
    createdMs: CreationTime?.getTime() ?? 0,
    ...(LastUpdatedTime !== undefined && { updatedMs: LastUpdatedTime.getTime() }),
    outputs: stackOutputs(stack),
    tags: stackTags(stack),
    resources,
  };
}

function present(stack: DeployedStack | undefined, place: Place, stackName: string): DeployedStack {
  if (stack === undefined) throw missingStack(place, stackName);
  return stack;
}

function missingStack({ target, region }: Place, stackName: string): Failure {
  return new Failure(`${target.where} has no stack ${stackName} in ${region}: ${missingStageRemedy(target)}`);
}

/** What to do where a target lacks what a deployed agent has. */
export function missingStageRemedy({ stage, isLocal }: Pick<Target, "stage" | "isLocal">): string {
  if (isLocal)
    return "the system that runs here was started from other templates, which its page and the commands alarms, inbox and feed show; start it again with npm start";
  return `deploy the stage first (npm run deploy -- --stage ${stage}), or name the stage and Region where it is with --stage and --region; a function that -c functionArn= watches is no stage (docs/any-function.md)`;
}
