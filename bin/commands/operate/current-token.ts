import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { tokenDocumentOf } from "../../../lambda/contract/token.ts";
import { Failure } from "../failure.ts";
import { awsFailure, type Target } from "./target.ts";

/** The token that a stage accepts now, from its parameter; `region` is the target's when missing. */
export async function currentToken(target: Target, parameterName: string, region?: string): Promise<string> {
  const client = new SSMClient({ ...target.client, ...(region !== undefined && { region }) });
  try {
    const command = new GetParameterCommand({ Name: parameterName, WithDecryption: true });
    const { Parameter } = await client.send(command);
    const document = tokenDocumentOf(Parameter?.Value ?? "");
    if (document === undefined) throw new Failure(`${target.where}: ${parameterName} holds no token`);
    return document.current;
  } catch (error) {
    throw error instanceof Failure ? error : awsFailure(error, target);
  } finally {
    client.destroy();
  }
}
