import { type CloudFormationClient, DescribeStacksCommand, type Stack } from "@aws-sdk/client-cloudformation";
import { awsErrorName } from "./aws-calls.ts";
import { errorMessage } from "./failure.ts";

/** A stack as DescribeStacks answers it; `undefined` where there is none: CloudFormation has no error of its own for that. */
export async function describeStack(
  client: CloudFormationClient,
  StackName: string,
): Promise<Stack | undefined> {
  try {
    return (await client.send(new DescribeStacksCommand({ StackName }))).Stacks?.[0];
  } catch (error) {
    if (awsErrorName(error) === "ValidationError" && errorMessage(error).includes("does not exist"))
      return undefined;
    throw error;
  }
}

/** Values of a stack's outputs by their keys. */
export function stackOutputs({ Outputs = [] }: Pick<Stack, "Outputs">): Readonly<Record<string, string>> {
  return Object.fromEntries(Outputs.map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]));
}

/** Values of a stack's tags by their keys. */
export function stackTags({ Tags = [] }: Pick<Stack, "Tags">): Readonly<Record<string, string>> {
  return Object.fromEntries(Tags.map(({ Key = "", Value = "" }) => [Key, Value]));
}
