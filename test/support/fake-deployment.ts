import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CdkResult, DeployPorts, UrlAnswer } from "../../bin/commands/deploy/deploy-ports.ts";
import type { ModelCatalog } from "../../bin/commands/deploy/model-access.ts";
import type { Account, StageAccount } from "../../bin/commands/deploy/stage-account.ts";

/** One stack of the assembly that the fake synthesis writes. */
export interface FakeStack {
  readonly stackName: string;
  readonly region: string;
  readonly resources?: Readonly<Record<string, object>>;
  readonly outputs?: Readonly<Record<string, { readonly value: string; readonly description?: string }>>;
}

/** What a test says of the account, the CLI and the person. */
export interface FakeWorld {
  readonly stacks: readonly FakeStack[];
  readonly folder: string;
  readonly account?: Partial<Account>;
  /** What is there of the stage; an account without stacks when missing. */
  readonly stage?: Partial<StageAccount>;
  readonly models?: Partial<ModelCatalog>;
  readonly urlAnswer?: UrlAnswer;
  /** What the checklist says; nothing is wrong when missing. */
  readonly verify?: DeployPorts["verify"];
  readonly lock?: DeployPorts["lock"];
  /** What the CLI does for a call; success without a word when missing. */
  readonly cdk?: (args: readonly string[], signal: AbortSignal) => Partial<CdkResult>;
  /** What the person types; nobody is there when missing. */
  readonly answer?: string;
}

/** A deployment whose AWS, CDK CLI and person are played; `interrupt` is their Ctrl-C. */
export interface FakeDeployment {
  readonly ports: DeployPorts;
  /** Where the assembly is written. */
  readonly assembly: string;
  /** Every call of the CLI, the assembly's path left out. */
  readonly calls: string[];
  readonly questions: string[];
  readonly contexts: Readonly<Record<string, string>>[];
  readonly interrupt: () => void;
}

/** Plays AWS and the CDK CLI for `deploy`. */
export function fakeDeployment(world: FakeWorld): FakeDeployment {
  const calls: string[] = [];
  const questions: string[] = [];
  const contexts: Readonly<Record<string, string>>[] = [];
  const interrupts = new Set<() => void>();
  const assembly = join(world.folder, "cdk.out");
  const { answer } = world;
  return {
    calls,
    questions,
    contexts,
    assembly,
    interrupt: () => interrupts.forEach((interrupt) => interrupt()),
    ports: {
      workspace: () => Promise.resolve({ directory: assembly, close: () => Promise.resolve() }),
      lock: world.lock ?? (() => Promise.resolve(() => Promise.resolve())),
      stage: {
        stack: () => Promise.resolve("missing"),
        unprotect: () => Promise.resolve("done"),
        parameter: () => Promise.resolve(undefined),
        liveVersions: () => Promise.resolve([]),
        endProvisionedConcurrency: () => Promise.resolve("none"),
        subscriptions: () => Promise.resolve([]),
        ...world.stage,
      },
      models: {
        access: () => Promise.resolve({ refusals: [], unasked: [] }),
        question: () => Promise.resolve({ refusals: [], unasked: [] }),
        ...world.models,
      },
      askUrl: () => Promise.resolve(world.urlAnswer ?? { status: 200, milliseconds: 900 }),
      verify: world.verify ?? (() => Promise.resolve([])),
      async synthesise({ context, outDirectory }) {
        contexts.push(context);
        await writeAssembly(outDirectory, world.stacks);
      },
      async cdk(args, signal) {
        calls.push(
          args.filter((arg) => !arg.includes(world.folder) && !arg.startsWith("--outputs-file")).join(" "),
        );
        const result = { exitCode: 0, output: "", ...world.cdk?.(args, signal) };
        if (args[0] === "deploy" && result.exitCode === 0) await writeOutputs(args, world.stacks);
        return result;
      },
      account: {
        caller: () =>
          Promise.resolve({ accountId: "111122223333", arn: "arn:aws:iam::111122223333:user/ann" }),
        bootstrapVersion: () => Promise.resolve(28),
        githubProvider: () => Promise.resolve("missing"),
        ...world.account,
      },
      ...(answer !== undefined && {
        ask: (question: string) => {
          questions.push(question);
          return Promise.resolve(answer);
        },
      }),
      onInterrupt(interrupt) {
        interrupts.add(interrupt);
        return () => void interrupts.delete(interrupt);
      },
    },
  };
}

async function writeAssembly(directory: string, stacks: readonly FakeStack[]): Promise<void> {
  await mkdir(directory, { recursive: true });
  const artifacts = Object.fromEntries(stacks.map((stack) => [stack.stackName, artifactOf(stack)]));
  await writeFile(join(directory, "manifest.json"), JSON.stringify({ artifacts }));
  for (const { stackName, resources = {}, outputs = {} } of stacks) {
    const Outputs = Object.fromEntries(
      Object.entries(outputs).map(([name, { value, description }]) => [
        name,
        { Value: value, Description: description },
      ]),
    );
    const template = JSON.stringify({ Resources: resources, Outputs });
    await writeFile(join(directory, `${stackName}.template.json`), template);
  }
}

function artifactOf({ stackName, region }: FakeStack): object {
  return {
    type: "aws:cloudformation:stack",
    environment: `aws://unknown-account/${region}`,
    properties: {
      templateFile: `${stackName}.template.json`,
      requiresBootstrapStackVersion: 6,
      bootstrapStackVersionSsmParameter: "/cdk-bootstrap/hnb659fds/version",
    },
  };
}

async function writeOutputs(args: readonly string[], stacks: readonly FakeStack[]): Promise<void> {
  const file = args.find((arg) => arg.startsWith("--outputs-file="))?.slice("--outputs-file=".length);
  const { stackName = "", outputs } = stacks.find((stack) => stack.stackName === args.at(-1)) ?? {};
  if (file === undefined || outputs === undefined) return;
  const values = Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
  await writeFile(file, JSON.stringify({ [stackName]: values }));
}
