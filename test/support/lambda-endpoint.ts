import { LambdaClient } from "@aws-sdk/client-lambda";
import { startAwsEndpoint } from "../../local/server/aws/aws-endpoint.ts";
import { codeDeployService } from "../../local/server/aws/minor-services.ts";
import { lambdaService, type FunctionsPort } from "../../local/server/aws/lambda.ts";

/** Lambda's API on this machine and the real SDK's client for it, until `stop`. */
export interface LambdaEndpoint {
  readonly url: string;
  readonly client: LambdaClient;
  readonly stop: () => Promise<void>;
}

/** Serves functions, and CodeDeploy's refusal; `bug` hears what nobody meant to throw. */
export async function lambdaEndpoint(
  functions: FunctionsPort,
  bug: (error: unknown) => void,
): Promise<LambdaEndpoint> {
  const services = [lambdaService(functions), codeDeployService()];
  const server = await startAwsEndpoint({ services, bug }, { port: 0, option: "--aws-port" });
  const client = new LambdaClient({
    endpoint: server.url,
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  });
  return {
    url: server.url,
    client,
    stop: () => {
      client.destroy();
      return server.stop();
    },
  };
}
