import {
  GetParameterCommand,
  ParameterAlreadyExists,
  ParameterNotFound,
  PutParameterCommand,
  type SSMClient,
} from "@aws-sdk/client-ssm";
import type { StoredToken, TokenParameter } from "./token-parameter.ts";

/** The token parameter in SSM; without a key of its own it is encrypted with the account's default key, `alias/aws/ssm`. */
export function ssmTokenParameter(client: Pick<SSMClient, "send">, name: string): TokenParameter {
  const secret = (value: string) => ({ Name: name, Type: "SecureString", Value: value }) as const;
  return {
    read: () => read(client, name),
    create: async (value) => {
      try {
        await client.send(new PutParameterCommand(secret(value)));
      } catch (error) {
        if (!(error instanceof ParameterAlreadyExists)) throw error;
      }
    },
    replace: async (value) => {
      await client.send(new PutParameterCommand({ ...secret(value), Overwrite: true }));
    },
  };
}

async function read(client: Pick<SSMClient, "send">, name: string): Promise<StoredToken | undefined> {
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
    return {
      type: Parameter?.Type ?? "",
      value: Parameter?.Value ?? "",
      modifiedMs: Parameter?.LastModifiedDate?.getTime() ?? 0,
    };
  } catch (error) {
    if (error instanceof ParameterNotFound) return undefined;
    throw error;
  }
}
