import { readFile } from "node:fs/promises";
import type { StackFile } from "cw-alarm-test/cloud-assembly";
import type { Stage } from "../../../lib/config/stage.ts";
import { BILLING_STACK, DELIVERY_STACK, namesOf } from "../../../lib/names.ts";
import { Failure, UsageError } from "../../cli/failure.ts";

/** Parts of a stage that can be deployed by themselves, in the order in which they need each other. */
export const PARTS = ["app", "monitoring", "billing", "delivery"] as const;

/** One of {@link PARTS}. */
export type Part = (typeof PARTS)[number];

/** A stack to deploy. */
export interface PlannedStack extends StackFile {
  readonly part: Part;
}

/** Which stacks are deployed in which order, and which are left out for a reason worth telling. */
interface DeploymentPlan {
  readonly stacks: readonly PlannedStack[];
  readonly leftOut: readonly string[];
}

/** What the parts need in order to be in the assembly at all. */
const ABSENT_REASONS: Readonly<Record<Part, string>> = {
  app: "-c functionArn= attaches the monitoring to another function, and leaves the agent out",
  monitoring: "synthesise the stage again",
  billing: "synthesise the stage again",
  delivery: "give the repository that may deploy, as in -c githubRepository=owner/name",
};

/** The stacks of the parts that were asked for; without a choice everything of the stage that belongs to it alone. */
export function planDeployment(
  files: readonly StackFile[],
  stage: string,
  only: readonly Part[],
): DeploymentPlan {
  const all = files.map((file) => ({ ...file, part: stackPart(file.stackName, stage) }));
  const chosen = only.length > 0 ? only : defaultParts(stage);
  for (const part of only)
    if (!all.some((stack) => stack.part === part))
      throw new UsageError(
        `--only ${part}: there is no such stack in stage ${stage}; ${ABSENT_REASONS[part]}`,
      );
  const stacks = PARTS.filter((part) => chosen.includes(part)).flatMap((part) =>
    all.filter((stack) => stack.part === part),
  );
  const hasBilling = all.some(({ part }) => part === "billing");
  return { stacks, leftOut: only.length === 0 && hasBilling ? leftOutReasons(stage) : [] };
}

/** The account's bill is watched once, from production: stages that take turns would overwrite its budget. */
function defaultParts(stage: string): readonly Part[] {
  return stage === "production" ? ["app", "monitoring", "billing"] : ["app", "monitoring"];
}

function leftOutReasons(stage: string): readonly string[] {
  if (stage === "production") return [];
  return [
    `${BILLING_STACK} is one per account and goes with production; --only billing deploys it from ${stage}`,
  ];
}

function stackPart(stackName: string, stage: string): Part {
  if (stackName === BILLING_STACK) return "billing";
  if (stackName === DELIVERY_STACK) return "delivery";
  return stackName.startsWith(namesOf(stage as Stage).monitoringStack) ? "monitoring" : "app";
}

/** The note that the app leaves on a stack when the shell's profile is not the stage's. */
const PROFILE_NOTE = /"data":\s*"([^"\\]*(?:\\.[^"\\]*)*\[ack: wrist-agent:other-profile\])"/;

/** What the person said about profiles. */
interface ProfileOptions {
  readonly stage: string;
  /** The profile given with `--profile`: who names one means it. */
  readonly insisted: string | undefined;
}

/** The synthesis only warns of another profile than the stage names; a deployment to the wrong account is worse. */
export async function refuseOtherProfile(
  stacks: readonly StackFile[],
  { stage, insisted }: ProfileOptions,
): Promise<void> {
  const [first] = stacks;
  if (first?.metadataFile === undefined || insisted !== undefined) return;
  const [, data] = PROFILE_NOTE.exec(await readFile(first.metadataFile, "utf8")) ?? [];
  if (data === undefined) return;
  const note = (JSON.parse(`"${data}"`) as string).replace(/: check before you deploy.*$/, "");
  throw new Failure(
    `${note}: set AWS_PROFILE to the one of .env.${stage}, or pass --profile to say which you mean`,
  );
}
