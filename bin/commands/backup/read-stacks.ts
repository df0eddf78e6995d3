import { CloudFormationClient, GetTemplateCommand, type Stack } from "@aws-sdk/client-cloudformation";
import { BILLING_REGION, BILLING_STACK, DELIVERY_STACK, namesOf } from "../../../lib/names.ts";
import { awsAnswer, withClient } from "../../cli/aws-calls.ts";
import { describeStack, stackOutputs, stackTags } from "../../cli/described-stack.ts";
import { Failure } from "../../cli/failure.ts";
import type { Target } from "../../cli/target.ts";
import type { StackCopy } from "./stage-content.ts";

/** The stacks of a stage, and the account that they are in. */
interface StackCopies {
  readonly accountId: string;
  readonly partition: string;
  readonly stacks: readonly StackCopy[];
}

/** Reads the stacks of a stage in a Region, and the account's billing and delivery stacks where they are. */
export async function readStackCopies(target: Target, region: string): Promise<StackCopies> {
  const names = namesOf(target.stage);
  const wanted = [
    { stackName: names.applicationStack, region },
    { stackName: names.monitoringStack, region },
    { stackName: BILLING_STACK, region: BILLING_REGION },
    { stackName: DELIVERY_STACK, region },
  ];
  const found: (readonly [StackCopy, Stack])[] = [];
  for (const place of wanted) {
    const copy = await readStack(target, place);
    if (copy !== undefined) found.push(copy);
  }
  const [first] = found;
  if (!found.some(([{ stackName }]) => stackName === names.applicationStack) || first === undefined)
    throw new Failure(
      `${target.where} has no stack ${names.applicationStack} in ${region}: name the stage and Region where it is with --stage and --region`,
    );
  const [, partition = "aws", , , accountId = ""] = (first[1].StackId ?? "").split(":");
  return { accountId, partition, stacks: found.map(([copy]) => copy) };
}

interface StackPlace {
  readonly stackName: string;
  readonly region: string;
}

/** Nothing where there is none, or one that holds nothing. */
async function readStack(
  target: Target,
  { stackName: StackName, region }: StackPlace,
): Promise<readonly [StackCopy, Stack] | undefined> {
  return withClient(CloudFormationClient, { ...target.client, region }, async (client) => {
    const described = describeStack(client, StackName);
    const stack = await awsAnswer({ target, action: "cloudformation:DescribeStacks" }, described);
    if (stack === undefined || EMPTY_STATUSES.includes(stack.StackStatus ?? "")) return undefined;
    const sent = client.send(new GetTemplateCommand({ StackName, TemplateStage: "Original" }));
    const { TemplateBody = "" } = await awsAnswer({ target, action: "cloudformation:GetTemplate" }, sent);
    return [stackCopy(stack, { stackName: StackName, region }, TemplateBody), stack] as const;
  });
}

const EMPTY_STATUSES = ["REVIEW_IN_PROGRESS", "DELETE_COMPLETE", "ROLLBACK_COMPLETE"];

function stackCopy(stack: Stack, place: StackPlace, template: string): StackCopy {
  const { StackStatus = "", CreationTime, LastUpdatedTime } = stack;
  return {
    ...place,
    status: StackStatus,
    ...(CreationTime !== undefined && { createdAt: CreationTime.toISOString() }),
    ...(LastUpdatedTime !== undefined && { updatedAt: LastUpdatedTime.toISOString() }),
    outputs: stackOutputs(stack),
    tags: stackTags(stack),
    template,
  };
}
