import { InvokeCommand, LambdaClient, ResourceNotFoundException } from "@aws-sdk/client-lambda";
import { Failure } from "../failure.ts";
import { awsFailure, type Target } from "./target.ts";

/** A function to call, and what it means when it is not there. */
export interface Called {
  readonly functionName: string;
  readonly whenMissing: string;
}

/** Calls a function of a stage and waits for its answer; its failure is ours. */
export async function invoke(target: Target, called: Called, order: object): Promise<unknown> {
  const client = new LambdaClient(target.client);
  try {
    const command = new InvokeCommand({ FunctionName: called.functionName, Payload: JSON.stringify(order) });
    const { FunctionError, Payload } = await client.send(command);
    const answer: unknown = Payload === undefined ? undefined : JSON.parse(Payload.transformToString());
    if (FunctionError !== undefined) throw new Failure(`${called.functionName} failed: ${reasonIn(answer)}`);
    return answer;
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (error instanceof ResourceNotFoundException)
      throw new Failure(`${target.where} has no function ${called.functionName}: ${called.whenMissing}`, {
        cause: error,
      });
    throw awsFailure(error, target);
  } finally {
    client.destroy();
  }
}

function reasonIn(answer: unknown): string {
  const members: Readonly<Record<string, unknown>> =
    typeof answer === "object" && answer !== null ? { ...answer } : {};
  return typeof members.errorMessage === "string" ? members.errorMessage : JSON.stringify(answer);
}
