import { afterEach, expect, test } from "vitest";
import { postEvent, TOKEN } from "../../support/agent-under-test.ts";
import { ssmServer, type TestServer } from "../../support/aws-servers.ts";
import { type BundledAgent, startBundledAgent } from "../../support/bundled-agent.ts";

let agent: BundledAgent | undefined;
let ssm: TestServer | undefined;

afterEach(async () => {
  await agent?.stop();
  await ssm?.stop();
});

/** What the built agent asks SSM for its first request, with these variables. */
async function readings(environment: Readonly<Record<string, string>>): Promise<readonly unknown[]> {
  const bodies: unknown[] = [];
  ssm = await ssmServer((body) => {
    bodies.push(JSON.parse(body));
    return { status: 200, body: { Parameter: { Value: TOKEN }, Parameters: [] } };
  });
  agent = await startBundledAgent({
    STAGE: "test",
    BEDROCK_MODEL_ID: "us.anthropic.claude-haiku-4-5-20251001-v1:0",
    CLIENT_TOKEN_PARAM_NAME: "/wrist-agent/test/client-token",
    AWS_REGION: "us-west-2",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_ENDPOINT_URL_SSM: ssm.endpoint,
    ...environment,
  });
  const { result } = await agent.call(postEvent({ text: "" }));
  expect(result.statusCode).toBe(400);
  return bodies;
}

const TOKEN_ASKED = { Name: "/wrist-agent/test/client-token", WithDecryption: true };
const PREFIX = "/wrist-agent/test/config/";

test("without a prefix the built agent reads the token and nothing else", async () => {
  expect(await readings({})).toEqual([TOKEN_ASKED]);
});

test("with a prefix it reads the operator's parameters in one call", async () => {
  const asked = await readings({ CONFIG_PARAM_PREFIX: PREFIX });
  expect(asked).toHaveLength(2);
  expect(asked).toContainEqual({ Names: [`${PREFIX}model-id`, `${PREFIX}timeout`] });
});

test("with a spend breaker it reads its state too", async () => {
  const asked = await readings({ CONFIG_PARAM_PREFIX: PREFIX, SPEND_BREAKER: "true" });
  expect(asked).toContainEqual({ Names: [`${PREFIX}model-id`, `${PREFIX}timeout`, `${PREFIX}breaker`] });
});
