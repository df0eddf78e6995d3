import { afterEach, expect, test, vi } from "vitest";
import type { AgentResult } from "../../../lambda/agent/function-url.ts";
import { deployedAgent } from "../../../lambda/agent/deployed-agent.ts";
import { powertoolsReport } from "../../../lambda/agent/report.ts";
import type { RequestLine } from "../../../lambda/agent/request-line.ts";
import { UNTRACED } from "../../../lambda/agent/trace.ts";
import { postEvent, TOKEN } from "../../support/agent-under-test.ts";
import { bedrockServer, sendError, ssmServer, type TestServer } from "../../support/aws-servers.ts";

const servers: TestServer[] = [];

afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

const REQUEST_ID = "8f5e1c0a-0000-4000-8000-000000000001";
const WELL = { status: 200, body: { Parameter: { Value: TOKEN }, Parameters: [] } };

interface Deployment {
  readonly environment?: Readonly<Record<string, string>>;
  /** What SSM answers to the body of a call. */
  readonly ssm?: (body: string) => { readonly status: number; readonly body: object };
  readonly text?: string;
}

interface Deployed {
  readonly result: AgentResult;
  /** Bodies of the calls of SSM, and how often the model was called. */
  readonly asked: readonly unknown[];
  readonly modelCalls: number;
  readonly logs: readonly unknown[];
  readonly line: RequestLine | undefined;
}

/**
 * What becomes of the first request of the agent over real clients of AWS, whose model is always overloaded.
 */
async function firstRequest({
  environment = {},
  ssm = () => WELL,
  text = "",
}: Deployment): Promise<Deployed> {
  const [asked, logs, lines]: [unknown[], unknown[], RequestLine[]] = [[], [], []];
  let modelCalls = 0;
  const parameters = await ssmServer((body) => {
    asked.push(JSON.parse(body));
    return ssm(body);
  });
  const model = await bedrockServer((stream) => {
    modelCalls += 1;
    sendError(stream, 503, ["ServiceUnavailableException", "later"]);
  });
  servers.push(parameters, model);
  const all = {
    STAGE: "test",
    BEDROCK_MODEL_ID: "us.anthropic.claude-haiku-4-5-20251001-v1:0",
    CLIENT_TOKEN_PARAM_NAME: "/wrist-agent/test/client-token",
    AWS_REGION: "us-west-2",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_ENDPOINT_URL_SSM: parameters.endpoint,
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: model.endpoint,
    ...environment,
  };
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
  const note = (...said: unknown[]): void => void logs.push(said);
  const agent = deployedAgent(() => ({
    report: powertoolsReport({ info: note, warn: note, error: note }),
    record: (line) => void lines.push(line),
    trace: () => UNTRACED,
  }));
  const endMs = performance.now() + 600_000;
  const result = await agent(postEvent({ text }), {
    awsRequestId: REQUEST_ID,
    getRemainingTimeInMillis: () => endMs - performance.now(),
  });
  return { result, asked, modelCalls, logs, line: lines[0] };
}

const TOKEN_ASKED = { Name: "/wrist-agent/test/client-token", WithDecryption: true };
const PREFIX = "/wrist-agent/test/config/";

test("without a prefix the agent reads the token and nothing else", async () => {
  const { result, asked, logs } = await firstRequest({});
  expect(result.statusCode).toBe(400);
  expect(asked).toEqual([TOKEN_ASKED]);
  expect(logs).toEqual([]);
});

test("with a prefix it reads the operator's parameters in one call", async () => {
  const { asked } = await firstRequest({ environment: { CONFIG_PARAM_PREFIX: PREFIX } });
  expect(asked).toHaveLength(2);
  expect(asked).toContainEqual({ Names: [`${PREFIX}model-id`, `${PREFIX}timeout`] });
});

test("with a spend breaker it reads its state too", async () => {
  const environment = { CONFIG_PARAM_PREFIX: PREFIX, SPEND_BREAKER: "true" };
  const { asked } = await firstRequest({ environment });
  expect(asked).toContainEqual({ Names: [`${PREFIX}model-id`, `${PREFIX}timeout`, `${PREFIX}breaker`] });
});

test("a token that SSM refuses is asked for once, and the log says why it is not there", async () => {
  const refusal = { status: 400, body: { __type: "AccessDeniedException", message: "no" } };
  const { result, asked, logs } = await firstRequest({ ssm: () => refusal });
  expect(result.statusCode).toBe(500);
  expect(asked).toEqual([TOKEN_ASKED]);
  expect(logs).toEqual([["the token could not be read", { fault: "token_denied", requestId: REQUEST_ID }]]);
});

test("a token that SSM does not answer for is asked for twice", async () => {
  const broken = { status: 500, body: { __type: "InternalServerError", message: "oh" } };
  const { asked, logs } = await firstRequest({ ssm: () => broken });
  expect(asked).toEqual([TOKEN_ASKED, TOKEN_ASKED]);
  expect(logs).toEqual([
    ["the token could not be read", { fault: "token_unavailable", requestId: REQUEST_ID }],
  ]);
});

test("what is wrong with the deployment is in the log before the first request", async () => {
  const { logs } = await firstRequest({ environment: { TIME_ZONE: "Mars/Olympus" } });
  const fault = 'time zone "Mars/Olympus" is unknown; set TIME_ZONE to an IANA name, such as Europe/Berlin';
  expect(logs).toContainEqual(["the deployment is wrong", { fault }]);
});

test("the model is called once an attempt: no client retries behind the agent's back", async () => {
  const { result, modelCalls, line } = await firstRequest({ text: "water the fern" });
  expect(result.statusCode).toBe(503);
  expect(line?.properties).toMatchObject({ attempts: modelCalls });
  expect(modelCalls).toBe(3);
});
