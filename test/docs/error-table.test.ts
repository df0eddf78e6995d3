import { constants, type ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { afterAll, expect, test } from "vitest";
import { MODEL_FAULTS } from "../../lambda/agent/model-fault.ts";
import { ALARMS } from "../../lib/monitoring/alarm-table.ts";
import { LINE_DELAYS, USUAL_CONDITIONS } from "../../local/rehearsal/conditions.ts";
import { agentMetrics } from "../../lib/monitoring/metrics.ts";
import { postEvent, SOUND_REPLY, TOKEN } from "../support/agent-under-test.ts";
import {
  bedrockServer,
  refuseStreams,
  type Respond,
  sendError,
  sendFrames,
  ssmServer,
} from "../support/aws-servers.ts";
import { type BundledAnswer, startBundledAgent } from "../support/bundled-agent.ts";
import { configOf } from "../support/config-of.ts";
import { answerFrames, eventFrame, exceptionFrame } from "../support/event-frames.ts";
import { expectDocument, type Row, tableText } from "../support/written-document.ts";

const FRAMES = answerFrames(JSON.stringify(SOUND_REPLY));
const UNFINISHED = FRAMES.slice(0, 3);

/**
 * Statuses of https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html where
 * they are not 400.
 */
const STATUSES: Readonly<Record<string, number>> = {
  ThrottlingException: 429,
  ModelNotReadyException: 429,
  TooManyRequestsException: 429,
  AccessDeniedException: 403,
  ResourceNotFoundException: 404,
  UnrecognizedClientException: 403,
  ExpiredTokenException: 403,
  InvalidSignatureException: 403,
  ModelTimeoutException: 408,
  RequestTimeoutException: 408,
  ModelErrorException: 424,
  ModelStreamErrorException: 424,
  InternalServerException: 500,
  InternalFailure: 500,
  ServiceUnavailableException: 503,
};

/** Names that the SDK or the agent makes; no server answers them. */
const MADE_HERE = ["SilenceError", "AbortError", "TimeoutError", "CredentialsProviderError"];

/** Sentences that say more than the name. */
const SENTENCES: Readonly<Record<string, readonly [string, string]>> = {
  "structured output refused": [
    "ValidationException",
    "output_config.format: Extra inputs are not permitted",
  ],
  "the text is too long": ["ValidationException", "Input is too long for requested model."],
  "the model is overloaded": ["ValidationException", "Overloaded"],
  "the day's tokens are used up": [
    "ThrottlingException",
    "Too many tokens per day, please wait before trying again.",
  ],
};

const open = (stream: ServerHttp2Stream): void =>
  stream.respond({ ":status": 200, "content-type": "application/vnd.amazon.eventstream" });

/** Sends a little every 100 milliseconds until the caller goes. */
function trickle(stream: ServerHttp2Stream): void {
  open(stream);
  const part = eventFrame("contentBlockDelta", { contentBlockIndex: 0, delta: { text: "x" } });
  const timer = setInterval(() => stream.write(part), 100);
  stream.once("close", () => clearInterval(timer));
}

/** Ways to misbehave that leave the connection alone, so that requests may share it. */
const STREAMS: Readonly<Record<string, Respond>> = {
  "no response": () => undefined,
  "silence in the answer": (stream) => {
    open(stream);
    stream.write(Buffer.concat(UNFINISHED));
  },
  "a trickle without end": trickle,
  "the stream ends before the answer": (stream) => sendFrames(stream, []),
  "the stream ends in the answer": (stream) => sendFrames(stream, UNFINISHED),
  "the stream ends after the answer, before its usage": (stream) => sendFrames(stream, FRAMES.slice(0, -1)),
  "an exception in the stream: throttlingException": (stream) =>
    sendFrames(stream, [...UNFINISHED, exceptionFrame("throttlingException", "slow down")]),
  "an exception in the stream: modelStreamErrorException": (stream) =>
    sendFrames(stream, [...UNFINISHED, exceptionFrame("modelStreamErrorException", "broken")]),
  "bytes that are no frames": (stream) => sendFrames(stream, [Buffer.from("<html>bad gateway</html>")]),
  "a reply that is not JSON": (stream) => sendFrames(stream, answerFrames("Sure! I would water the fern.")),
  "the model refuses the text": (stream) =>
    sendFrames(stream, answerFrames(JSON.stringify(SOUND_REPLY), "refusal")),
  "the stream is reset": (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
};

/** Ways in which a connection ends; each needs one of its own. */
const CONNECTIONS: Readonly<Record<string, (socket: Socket) => void>> = {
  "the connection is reset": (socket) => socket.resetAndDestroy(),
  "the connection is closed": (socket) => socket.end(),
  GOAWAY: (socket) => refuseStreams(socket),
};

const TOKEN_FOUND = { status: 200, body: { Parameter: { Value: TOKEN } } };
const ssmError = (name: string, status = 400) => ({ status, body: { __type: name, message: "no" } });

/** How SSM answers a function that does not know the token yet. */
const SSM_ANSWERS: Readonly<Record<string, ReturnType<typeof ssmError> | typeof TOKEN_FOUND | undefined>> = {
  ...Object.fromEntries(
    [
      "ParameterNotFound",
      "ParameterVersionNotFound",
      "InvalidKeyId",
      "ValidationException",
      "ThrottlingException",
    ].map((name) => [name, ssmError(name)]),
  ),
  AccessDeniedException: ssmError("AccessDeniedException"),
  UnrecognizedClientException: ssmError("UnrecognizedClientException"),
  ExpiredTokenException: ssmError("ExpiredTokenException"),
  InternalServerError: ssmError("InternalServerError", 500),
  "SSM is silent for 3 s": undefined,
  "an empty parameter": { status: 200, body: { Parameter: { Value: "" } } },
};

const stops: (() => Promise<void>)[] = [];

afterAll(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** The built bundle before these two servers. */
async function bundleBetween(bedrock: string, ssm: string) {
  const agent = await startBundledAgent({
    STAGE: "test",
    BEDROCK_MODEL_ID: "us.anthropic.claude-haiku-4-5-20251001-v1:0",
    CLIENT_TOKEN_PARAM_NAME: "/wrist-agent/test/client-token",
    TIME_ZONE: "America/Los_Angeles",
    METRICS_PROFILE: "full",
    AWS_REGION: "us-west-2",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: bedrock,
    AWS_ENDPOINT_URL_SSM: ssm,
  });
  stops.push(agent.stop);
  return agent;
}

async function soundSsm(): Promise<string> {
  const ssm = await ssmServer(() => TOKEN_FOUND);
  stops.push(ssm.stop);
  return ssm.endpoint;
}

async function bedrockAt(...given: Parameters<typeof bedrockServer>): Promise<string> {
  const bedrock = await bedrockServer(...given);
  stops.push(bedrock.stop);
  return bedrock.endpoint;
}

const sendAnswer: Respond = (stream) => sendFrames(stream, FRAMES);
const asked = (text: string): object => postEvent({ text, mode: "reminder" });

/**
 * Every way of the model in which requests can share a connection; the dictated text says which.
 *
 * Each has Lambda's whole timeout: with less, a busy machine leaves a silent stream no time for a second
 * attempt.
 */
async function streamRows(): Promise<readonly Row[]> {
  const named = Object.keys(MODEL_FAULTS).filter((name) => !MADE_HERE.includes(name));
  const ways: Readonly<Record<string, Respond>> = {
    ...Object.fromEntries(
      named.map((name): [string, Respond] => [
        `\`${name}\``,
        (stream) => sendError(stream, STATUSES[name] ?? 400, [name, "no"]),
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(SENTENCES).map(([way, [name, sentence]]): [string, Respond] => [
        `\`${name}\`: ${way}`,
        (stream, body) =>
          way.startsWith("structured") && !body.includes("outputConfig")
            ? sendAnswer(stream, body, "")
            : sendError(stream, STATUSES[name] ?? 400, [name, sentence]),
      ]),
    ),
    ...STREAMS,
  };
  const names = Object.keys(ways);
  const bedrock = await bedrockAt((stream, body, path) => {
    const [, index = "0"] = /way number (\d+)\b/.exec(body) ?? [];
    ways[names[Number(index)] ?? ""]?.(stream, body, path);
  });
  const agent = await bundleBetween(bedrock, await soundSsm());
  const ask = (index: number): Promise<BundledAnswer> => agent.call(asked(`way number ${index}`));
  // The agent remembers a refused form, so that question comes after all others.
  const isForm = (name: string): boolean => name.includes("structured");
  const answers = new Map<string, BundledAnswer>();
  for (const turn of [names.filter((name) => !isForm(name)), names.filter(isForm)])
    await Promise.all(turn.map(async (name) => answers.set(name, await ask(names.indexOf(name)))));
  return names.map((name) => rowOf(name, answers.get(name)));
}

async function connectionRows(): Promise<readonly Row[]> {
  const rows = Object.entries(CONNECTIONS).map(async ([way, end]) => {
    const sockets: Socket[] = [];
    const bedrock = await bedrockAt(
      () => sockets.forEach(end),
      (socket) => sockets.push(socket),
    );
    const agent = await bundleBetween(bedrock, await soundSsm());
    return rowOf(way, await agent.call(asked("fern")));
  });
  const refused = await bundleBetween("http://127.0.0.1:9", await soundSsm());
  return [
    ...(await Promise.all(rows)),
    rowOf("the connection is refused", await refused.call(asked("fern"))),
  ];
}

async function ssmRows(): Promise<readonly Row[]> {
  const bedrock = await bedrockAt(sendAnswer);
  const rows: Row[] = [];
  for (const [way, answer] of Object.entries(SSM_ANSWERS)) {
    let calls = 0;
    const ssm = await ssmServer(() => {
      calls += 1;
      return answer;
    });
    stops.push(ssm.stop);
    const agent = await bundleBetween(bedrock, ssm.endpoint);
    const row = rowOf(way.includes(" ") ? way : `\`${way}\``, await agent.call(asked("fern")));
    await agent.stop();
    stops.splice(stops.indexOf(agent.stop), 1);
    rows.push(row.with(3, ["no", "once"][calls - 1] ?? `${calls - 1} times`));
  }
  return rows;
}

function rowOf(way: string, answer: BundledAnswer | undefined): string[] {
  const line = answer?.lines
    .map((text) => JSON.parse(text) as Record<string, unknown>)
    .find((each) => "_aws" in each);
  if (answer === undefined || line === undefined)
    throw new Error(`${way}: no line: ${JSON.stringify(answer)}`);
  const { outcome, reason = "", attempts } = line;
  const metrics = ["Failure", "ConfigFault", "Degraded", "Rejected"].filter((name) => line[name] === 1);
  const estimated = line.estimatedUsd === undefined ? [] : ["`CostUsd` estimated"];
  return [
    way,
    String(answer.result.statusCode),
    `\`${String(outcome)}\`${reason === "" ? "" : ` (${String(reason)})`}`,
    Number(attempts ?? 0) > 1 ? "yes" : "no",
    [...metrics.map((name) => `\`${name}\``), ...estimated].join(", "),
    metrics.map((name) => NOTICES[name]).join(", "),
  ];
}

/** The alarm on each metric. */
const NOTICES: Readonly<Record<string, string>> = {
  Failure: "failing-now",
  ConfigFault: "model-configuration",
  Degraded: "degraded-replies",
  Rejected: "refused-requests",
};

const { mailSeconds } = USUAL_CONDITIONS;

/**
 * What CloudWatch and the mail take on most days, beside the alarm's own window: the documents' assumption,
 * which rehearsals share.
 */
const DELAY_SECONDS = { line: LINE_DELAYS.usual.p99Ms / 1_000, evaluation: 60, mail: mailSeconds[1] };

/**
 * How many such requests the alarm needs, within what time, and when its mail is there after the last of
 * them.
 */
function noticeRow([metricName, key]: readonly [string, string]): Row {
  const row = ALARMS.find((each) => each.key === key);
  if (row === undefined) throw new Error(`no alarm ${key}`);
  const config = configOf({ stage: "production", monitoringProfile: "full" });
  const metrics = agentMetrics(
    { service: "agent", probeService: "probe", modelId: "m", functionName: "f" },
    { logGroupName: "log" },
  );
  const { metric, datapointsToAlarm } = row.rule({ config, metrics });
  const periodSeconds = "period" in metric ? metric.period.toSeconds() : 0;
  const requests = row.requestsNeeded?.(config) ?? 1;
  const restOfPeriod = row.window.kind.startsWith("wallClock") ? periodSeconds : 0;
  const { line, evaluation, mail } = DELAY_SECONDS;
  return [
    `[${key}](runbooks/${key}.md)`,
    `\`${metricName}\``,
    String(requests),
    duration(periodSeconds * datapointsToAlarm),
    duration(restOfPeriod),
    duration(restOfPeriod + line + evaluation + mail),
    row.profile,
  ];
}

/** `5 min`, `7 min 20 s`, `24 h`. */
function duration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 3_600), "h"],
    [Math.floor((seconds % 3_600) / 60), "min"],
    [seconds % 60, "s"],
  ] as const;
  return parts.flatMap(([count, unit]) => (count === 0 ? [] : [`${count} ${unit}`])).join(" ") || "none";
}

function delaySentence(): string {
  const { line, evaluation, mail } = DELAY_SECONDS;
  return `The mail is there at the latest when the period of the clock is over and ${line + evaluation + mail} s more: ${line} s until CloudWatch has the line (99 % of lines), ${evaluation} s until it evaluates, ${mail} s for SNS and the mail. AWS promises none of these; they are what [rehearsals](rehearsals.md) assume.`;
}

const HEAD: Row = ["What happens", "Status", "Outcome", "Asked again", "Metrics", "Which alarm notices"];
const ALARM_HEAD: Row = [
  "Alarm",
  "Metric",
  "Requests",
  "Within",
  "Rest of the period",
  "Mail after the last one",
  "Profile",
];

test("docs/telemetry.md says what becomes of every error of Bedrock and SSM, as the built bundle answers it", async () => {
  const [streams, connections, ssm] = await Promise.all([streamRows(), connectionRows(), ssmRows()]);
  expect(streams.length).toBeGreaterThan(Object.keys(STREAMS).length + 20);
  await expectDocument("docs/telemetry.md", {
    "bedrock errors": tableText([HEAD, ...streams, ...connections]),
    "error alarms": `${tableText([ALARM_HEAD, ...Object.entries(NOTICES).map(noticeRow)])}\n\n${delaySentence()}`,
    "ssm errors": tableText([HEAD, ...ssm]),
  });
});
