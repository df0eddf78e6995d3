import type { StackFile } from "cw-alarm-test/cloud-assembly";
import type { Template } from "cw-alarm-test/template";
import type { Stage } from "../../../lib/config/stage.ts";
import { BILLING_STACK, DELIVERY_STACK, namesOf } from "../../../lib/names.ts";
import { UsageError } from "../../cli/failure.ts";

/** Parts of a stage that can be deployed by themselves, in the order in which they need each other. */
export const PARTS = ["app", "monitoring", "billing", "delivery"] as const;

/** One of {@link PARTS}. */
export type Part = (typeof PARTS)[number];

/** A stack to deploy. */
export interface PlannedStack extends StackFile {
  readonly part: Part;
}

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

/** Which stacks are deployed in which order, and which are left out for a reason worth telling. */
export interface DeploymentPlan {
  readonly stacks: readonly PlannedStack[];
  readonly leftOut: readonly string[];
}

/** What the parts need in order to be in the assembly at all. */
const ABSENT_REASONS: Readonly<Record<Part, string>> = {
  app: "-c functionArn= attaches the monitoring to another function, and leaves the agent out",
  monitoring: "synthesise the stage again",
  billing: "charges are published in the commercial partition alone, not in GovCloud or China",
  delivery: "give the repository that may deploy, as in -c githubRepository=owner/name",
};

/** Which of an assembly's stacks are wanted. */
interface PlanOptions {
  readonly stage: string;
  readonly only: readonly Part[];
  readonly onlyRegion?: string;
}

/**
 * The stacks of the parts that were asked for; without a choice everything of the stage that belongs to it
 * alone.
 */
export function planDeployment(
  files: readonly StackFile[],
  { stage, only, onlyRegion }: PlanOptions,
): DeploymentPlan {
  const all = files.map((file) => ({ ...file, part: stackPart(file.stackName, stage) }));
  const chosen = only.length > 0 ? only : defaultParts(stage);
  for (const part of only)
    if (!all.some((stack) => stack.part === part))
      throw new UsageError(
        `--only ${part}: there is no such stack in stage ${stage}; ${ABSENT_REASONS[part]}`,
      );
  const wanted = PARTS.filter((part) => chosen.includes(part)).flatMap((part) =>
    all.filter((stack) => stack.part === part),
  );
  const stacks = onlyRegion === undefined ? wanted : wanted.filter(({ region }) => region === onlyRegion);
  if (stacks.length === 0)
    throw new UsageError(
      `--only-region ${onlyRegion ?? ""}: the stage has stacks in ${[...new Set(wanted.map(({ region }) => region))].join(", ")}`,
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
