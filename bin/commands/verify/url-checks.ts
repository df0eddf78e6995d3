import { GetPolicyCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { isJsonObject, type JsonObject, parseJsonObject } from "@wrist-agent/cloudwatch/json";
import { REPLY_SHAPE, TOKEN_HEADER } from "../../../lambda/contract/request.ts";
import { ALIAS_NAME } from "../../../lib/names.ts";
import { type Answer, answerErrorText, askAgent } from "../../cli/agent-client.ts";
import { awsErrorName } from "../../cli/aws-calls.ts";
import { errorMessage, Failure } from "../../cli/failure.ts";
import { targetCommand } from "../../cli/target.ts";
import { SELF_CHECK_QUESTIONS } from "../self-check.ts";
import {
  answeredSince,
  type Check,
  failingFinding,
  type Finding,
  orPasses,
  passingFinding,
  type Verification,
} from "./check.ts";

function addressOf({ stage }: Verification): string {
  const { FunctionUrl } = stage.application().outputs;
  if (FunctionUrl === undefined)
    throw new Failure(`the stack ${stage.names.applicationStack} has no output FunctionUrl: deploy it again`);
  return FunctionUrl;
}

/** How one mode was answered. */
export interface ModeAnswer {
  readonly mode: string;
  readonly answer: Answer | { readonly none: string };
}

/** What each mode's answer says of the deployment. */
export function judgeAnswers(
  answers: readonly ModeAnswer[],
  logs: (id: string) => string,
): readonly Finding[] {
  const wrong = answers.flatMap(({ mode, answer }): readonly Finding[] => {
    if ("none" in answer) return [failingFinding(`${mode}: ${answer.none}`, statusRemedy(0))];
    if (answer.status !== 200) {
      const id = answer.requestId;
      const remedy = id === undefined || answer.status < 500 ? statusRemedy(answer.status) : logs(id);
      return [failingFinding(`${mode}: ${answer.status} ${answerErrorText(answer)}`, remedy)];
    }
    const field = Object.entries(REPLY_SHAPE).find(([key, isSound]) => !isSound(answer.fields[key]))?.[0];
    return field === undefined
      ? []
      : [
          failingFinding(
            `${mode}: the reply has no usable ${field}`,
            "deploy the agent again: a Shortcut reads ten fields",
          ),
        ];
  });
  const slowest = Math.max(0, ...answers.map(({ answer }) => ("none" in answer ? 0 : answer.milliseconds)));
  return orPasses(wrong, `${answers.map(({ mode }) => mode).join(", ")}; the slowest took ${slowest} ms`);
}

/** What to do about an answer that is none of the agent's failures. */
function statusRemedy(status: number): string {
  const remedies: Readonly<Record<number, string>> = {
    0: "nothing answers there: look at the network, then at the stack's output FunctionUrl",
    401: "the parameter's token is not the one that the agent has: wait five minutes, then read the log",
    403: "the URL's permissions are missing, as the line below says: deploy the application stack",
    404: "the address is not the agent's: compare it with the stack's output FunctionUrl",
    429: "wait for the time that the answer names; npm run cli -- breaker says whether it is the spend breaker",
  };
  return remedies[status] ?? "read the agent's log for the reason";
}

/** Asks the stage's URL one question in each mode. */
export async function askModes(verification: Verification): Promise<readonly Finding[]> {
  const { stage, now, asked, show } = verification;
  const address = addressOf(verification);
  const token = await verification.token();
  const startMs = now();
  // Where metrics may not be read, the line of the metrics says so.
  asked.countedBefore = await answeredSince(stage, startMs, startMs).catch(() => 0);
  asked.startMs = startMs;
  const answers: ModeAnswer[] = [];
  for (const [mode, question] of Object.entries(SELF_CHECK_QUESTIONS)) {
    show(`asking in the mode ${mode}`);
    const answer = await askAgent(address, token, { ...question, mode }).catch((error: unknown) => ({
      none: errorMessage(error),
    }));
    answers.push({ mode, answer });
  }
  asked.answered = answers.filter(({ answer }) => "status" in answer && answer.status === 200).length;
  return judgeAnswers(answers, (id) => `${targetCommand(stage.target, `logs ${id}`)} says why`);
}

/** Whether whoever has no token is kept out. */
export function judgeWrongToken(status: number): readonly Finding[] {
  if (status === 401) return [passingFinding("401")];
  return status === 200
    ? [
        failingFinding(
          "a wrong token was answered",
          "anyone can ask: remove the URL's permission (docs/security.md), then find out who changed the agent",
        ),
      ]
    : [failingFinding(`${status} to a wrong token, where 401 is expected`, statusRemedy(status))];
}

async function refusesWrongToken(verification: Verification): Promise<readonly Finding[]> {
  const question = { text: "Who is there?" };
  return judgeWrongToken(
    (await askAgent(addressOf(verification), "not-the-token-of-anybody", question)).status,
  );
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** What GET / says, beside what the stage knows. */
export function judgeHealth(
  { status, body }: { readonly status: number; readonly body: JsonObject },
  expected: { readonly stage: string; readonly version: string },
): readonly Finding[] {
  if (status !== 200 || body.status !== "ok")
    return [failingFinding(`GET / answers ${status} ${textOf(body.error)}`.trim(), statusRemedy(status))];
  const wrong = (["stage", "version"] as const)
    .filter((key) => body[key] !== expected[key])
    .map((key) =>
      failingFinding(
        `GET / says ${key} ${textOf(body[key])}, the alias ${ALIAS_NAME} means ${expected[key]}`,
        "another function answers there, or traffic is shifting: wait, then look at the alias",
      ),
    );
  return orPasses(wrong, `ok, version ${expected.version}, model ${textOf(body.model)}`);
}

async function health(verification: Verification): Promise<readonly Finding[]> {
  const { stage, serving } = verification;
  const [response, { live }] = await Promise.all([
    fetch(addressOf(verification), {
      headers: { [TOKEN_HEADER]: await verification.token() },
      signal: AbortSignal.timeout(30_000),
    }).catch((error: unknown) => {
      throw new Failure(`GET / was not answered: ${errorMessage(error)}`, { cause: error });
    }),
    serving(),
  ]);
  const body = parseJsonObject(await response.text()) ?? {};
  return judgeHealth({ status: response.status, body }, { stage: stage.target.stage, version: live.version });
}

/**
 * A statement that a public Function URL needs. https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
 */
interface NeededPermission {
  readonly action: string;
  readonly condition: readonly [operator: string, key: string, value: string];
}

const NEEDED: readonly NeededPermission[] = [
  { action: "lambda:InvokeFunctionUrl", condition: ["StringEquals", "lambda:FunctionUrlAuthType", "NONE"] },
  { action: "lambda:InvokeFunction", condition: ["Bool", "lambda:InvokedViaFunctionUrl", "true"] },
];

/** Whether a resource policy lets everybody call the URL, and nothing else. */
export function judgePolicy(policy: JsonObject): readonly Finding[] {
  const statements = (Array.isArray(policy.Statement) ? policy.Statement : []).filter(isJsonObject);
  const toAll = statements.filter(({ Effect, Principal }) => Effect === "Allow" && isEverybody(Principal));
  const wrong = NEEDED.flatMap(({ action, condition }) =>
    toAll.some((statement) => statement.Action === action && hasCondition(statement, condition))
      ? []
      : [
          failingFinding(
            `the alias ${ALIAS_NAME} does not allow ${action} to callers of the URL`,
            "deploy the application stack: Lambda answers 403 without it",
          ),
        ],
  );
  const open = toAll.filter(({ Condition }) => Condition === undefined).map(({ Action }) => String(Action));
  return orPasses(
    [
      ...wrong,
      ...open.map((action) =>
        failingFinding(
          `anyone may call ${action} without a condition`,
          "remove that statement: aws lambda remove-permission",
        ),
      ),
    ],
    NEEDED.map(({ action }) => action).join(" and "),
  );
}

function isEverybody(principal: unknown): boolean {
  return principal === "*" || (isJsonObject(principal) && principal.AWS === "*");
}

function hasCondition(
  { Condition }: JsonObject,
  [operator, key, value]: NeededPermission["condition"],
): boolean {
  const of = isJsonObject(Condition) ? Condition[operator] : undefined;
  return isJsonObject(of) && of[key] === value;
}

async function permissions({ stage }: Verification): Promise<readonly Finding[]> {
  const lambda = stage.client(LambdaClient);
  const call = { action: "lambda:GetPolicy", on: `function ${stage.names.function}:${ALIAS_NAME}` };
  const command = new GetPolicyCommand({ FunctionName: stage.names.function, Qualifier: ALIAS_NAME });
  const policy = await stage.ask(call, async () => {
    try {
      return (await lambda.send(command)).Policy ?? "{}";
    } catch (error) {
      if (awsErrorName(error) === "ResourceNotFoundException") return "{}";
      throw error;
    }
  });
  return judgePolicy(parseJsonObject(policy) ?? {});
}

/** What a caller of the URL meets. */
export const URL_CHECKS: readonly Check[] = [
  { id: "url-modes", title: "the URL answers in each mode", run: askModes },
  { id: "url-token", title: "the URL refuses a wrong token", run: refusesWrongToken },
  { id: "health", title: "the health document", run: health },
  { id: "url-permissions", title: "both permissions of the URL", run: permissions },
];
