import type { Stage } from "../../../lib/config/stage.ts";
import { BILLING_STACK, DELIVERY_STACK, namesOf } from "../../../lib/names.ts";
import type { StackFile } from "../../../local/assembly/load-assembly.ts";
import { UsageError } from "../failure.ts";

/** Parts of a stage that can be deployed by themselves, in the order in which they need each other. */
export const PARTS = ["app", "monitoring", "billing", "delivery"] as const;

/** One of {@link PARTS}. */
export type Part = (typeof PARTS)[number];

/** A stack to deploy. */
export interface PlannedStack extends StackFile {
  readonly part: Part;
}

/** Which stacks are deployed in which order, and which are left out for a reason worth telling. */
export interface Plan {
  readonly stacks: readonly PlannedStack[];
  readonly leftOut: readonly string[];
}

/** What the parts need in order to be in the assembly at all. */
const ABSENT: Readonly<Record<Part, string>> = {
  app: "-c functionArn= attaches the monitoring to another function, and leaves the agent out",
  monitoring: "synthesise the stage again",
  billing: "synthesise the stage again",
  delivery: "give the repository that may deploy, as in -c githubRepository=owner/name",
};

/** The stacks of the parts that were asked for; without a choice everything of the stage that belongs to it alone. */
export function planOf(files: readonly StackFile[], stage: string, only: readonly Part[]): Plan {
  const all = files.map((file) => ({ ...file, part: partOf(file.stackName, stage) }));
  const chosen = only.length > 0 ? only : usualParts(stage);
  for (const part of only)
    if (!all.some((stack) => stack.part === part))
      throw new UsageError(`--only ${part}: there is no such stack in stage ${stage}; ${ABSENT[part]}`);
  const stacks = PARTS.filter((part) => chosen.includes(part)).flatMap((part) =>
    all.filter((stack) => stack.part === part),
  );
  const hasBilling = all.some(({ part }) => part === "billing");
  return { stacks, leftOut: only.length === 0 && hasBilling ? leftOutOf(stage) : [] };
}

/** The account's bill is watched once, from production: stages that take turns would overwrite its budget. */
function usualParts(stage: string): readonly Part[] {
  return stage === "production" ? ["app", "monitoring", "billing"] : ["app", "monitoring"];
}

function leftOutOf(stage: string): readonly string[] {
  if (stage === "production") return [];
  return [
    `${BILLING_STACK} is one per account and goes with production; --only billing deploys it from ${stage}`,
  ];
}

function partOf(stackName: string, stage: string): Part {
  if (stackName === BILLING_STACK) return "billing";
  if (stackName === DELIVERY_STACK) return "delivery";
  return stackName.startsWith(namesOf(stage as Stage).monitoringStack) ? "monitoring" : "app";
}
