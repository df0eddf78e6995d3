import { BedrockRuntimeClient, ConverseStreamCommand } from "@aws-sdk/client-bedrock-runtime";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";

const bedrock = new BedrockRuntimeClient({});
const ssm = new SSMClient({});

/** The least that uses both clients: neither checks, nor metrics, nor errors. */
export async function handler(event: { readonly body: string }): Promise<string> {
  await ssm.send(new GetParameterCommand({ Name: process.env.CLIENT_TOKEN_PARAM_NAME }));
  const answer = await bedrock.send(
    new ConverseStreamCommand({
      modelId: process.env.BEDROCK_MODEL_ID,
      messages: [{ role: "user", content: [{ text: event.body }] }],
    }),
  );
  let text = "";
  for await (const part of answer.stream ?? []) text += part.contentBlockDelta?.delta?.text ?? "";
  return text;
}
