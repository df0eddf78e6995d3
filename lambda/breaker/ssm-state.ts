import {
  GetParameterCommand,
  ParameterNotFound,
  PutParameterCommand,
  type SSMClient,
} from "@aws-sdk/client-ssm";
import { breakerStateOf, type BreakerState } from "../contract/breaker.ts";

/** The breaker's state in its parameter, which is no secret. */
export function ssmState(client: Pick<SSMClient, "send">, name: string) {
  return {
    readState: async (): Promise<BreakerState | undefined> => {
      try {
        const { Parameter } = await client.send(new GetParameterCommand({ Name: name }));
        return breakerStateOf(Parameter?.Value ?? "");
      } catch (error) {
        if (error instanceof ParameterNotFound) return undefined;
        throw error;
      }
    },
    writeState: async (state: BreakerState): Promise<void> => {
      const put = { Name: name, Type: "String", Value: JSON.stringify(state), Overwrite: true } as const;
      await client.send(new PutParameterCommand(put));
    },
  };
}
