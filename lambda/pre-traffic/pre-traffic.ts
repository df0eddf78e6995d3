import type { Context } from "aws-lambda";
import {
  answerProblems,
  type AskVersion,
  VERIFICATION_QUESTIONS,
  type VerificationQuestion,
  type VersionAnswer,
} from "./questions.ts";

/**
 * What CodeDeploy sends:
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
 */
export interface HookEvent {
  readonly DeploymentId: string;
  readonly LifecycleEventHookExecutionId: string;
}

/** The verdict that CodeDeploy waits for. */
type Verdict = "Succeeded" | "Failed";

/** What the hook needs from outside. */
export interface HookPorts extends VerificationPorts {
  readonly report: (event: HookEvent, verdict: Verdict) => Promise<unknown>;
  readonly log: (message: string, details: { readonly complaints: readonly string[] }) => void;
}

/** Left for telling CodeDeploy the verdict, retries included. */
const REPORT_MS = 15_000;

/** The hook over its ports: whatever happens, CodeDeploy gets a verdict, else it would wait for an hour. */
export function preTrafficHook(
  ports: HookPorts,
): (event: HookEvent, context: Pick<Context, "getRemainingTimeInMillis">) => Promise<void> {
  return async (event, context) => {
    const deadlineMs = ports.now() + context.getRemainingTimeInMillis() - REPORT_MS;
    const complaints = await verifyVersion(ports, deadlineMs).catch((error: unknown) => [reasonOf(error)]);
    const verdict: Verdict = complaints.length === 0 ? "Succeeded" : "Failed";
    ports.log(`verification ${verdict.toLowerCase()}`, { complaints });
    await ports.report(event, verdict);
  };
}

function reasonOf(error: unknown): string {
  return `nothing was asked: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
}

/** What verifying needs from outside; times are epoch milliseconds. */
interface VerificationPorts {
  readonly ask: AskVersion;
  /** Reads the current token; throws when there is none to be had. */
  readonly readToken: () => Promise<string>;
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Promise<unknown>;
}

/** A model that is busy for a moment says nothing about the version, so each question is asked again once. */
const MAX_ATTEMPTS = 2;
const RETRY_PAUSE_MS = 2_000;

/** As long as a person waits for a watch. */
const MAX_ANSWER_MS = 60_000;

/** No token of this project has this form. */
const WRONG_TOKEN = "not-the-token";

/**
 * Asks the new version every question, one after another, until `deadlineMs`; the complaints, none when it is
 * sound.
 *
 * One after another, because the version shares the function's reserved concurrency with the one that serves.
 */
async function verifyVersion(ports: VerificationPorts, deadlineMs: number): Promise<readonly string[]> {
  const token = await ports.readToken();
  const complaints: string[] = [];
  for (const question of VERIFICATION_QUESTIONS) {
    const said = await problemsOf(question, { ports, deadlineMs, token });
    complaints.push(...said.map((complaint) => `${question.name}: ${complaint}`));
  }
  return complaints;
}

interface Verification {
  readonly ports: VerificationPorts;
  readonly deadlineMs: number;
  readonly token: string;
}

async function problemsOf(
  question: VerificationQuestion,
  verification: Verification,
): Promise<readonly string[]> {
  let complaints: readonly string[] = [];
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    if (attempt > 1) await verification.ports.wait(RETRY_PAUSE_MS);
    complaints = await askOnce(question, verification);
    if (complaints.length === 0) return [];
  }
  return complaints;
}

async function askOnce(
  question: VerificationQuestion,
  { ports, deadlineMs, token }: Verification,
): Promise<readonly string[]> {
  const nowMs = ports.now();
  const leftMs = Math.min(MAX_ANSWER_MS, deadlineMs - nowMs);
  if (leftMs <= 0) return ["not asked: the time for the verification is over"];
  const body = { ...question.body, now: new Date(nowMs).toISOString(), timeZone: "UTC" };
  const presented = question.token === "right" ? token : WRONG_TOKEN;
  let answer: VersionAnswer;
  try {
    answer = await ports.ask(presented, body, AbortSignal.timeout(leftMs));
  } catch (error) {
    return [`no answer: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`];
  }
  return answerProblems(answer, question, nowMs);
}
