import type { AskVersion, VersionAnswer } from "./ask-version.ts";
import { complaintsAbout } from "./check-answer.ts";
import { QUESTIONS, type VerificationQuestion } from "./questions.ts";

/** What verifying needs from outside; times are epoch milliseconds. */
export interface VerificationPorts {
  readonly ask: AskVersion;
  /** Reads the current token; throws when there is none to be had. */
  readonly readToken: () => Promise<string>;
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Promise<unknown>;
}

/** A model that is busy for a moment says nothing about the version, so each question is asked again once. */
const ATTEMPTS = 2;
const PAUSE_MS = 2_000;

/** As long as a person waits for a watch. */
const PATIENCE_MS = 60_000;

/** No token of this project has this form. */
const WRONG_TOKEN = "not-the-token";

/**
 * Asks the new version every question, one after another, until `deadlineMs`; the complaints, none when it is sound.
 *
 * One after another, because the version shares the function's reserved concurrency with the one that serves.
 */
export async function verifyVersion(
  ports: VerificationPorts,
  deadlineMs: number,
): Promise<readonly string[]> {
  const token = await ports.readToken();
  const complaints: string[] = [];
  for (const question of QUESTIONS) {
    const said = await complaintsOf(question, { ports, deadlineMs, token });
    complaints.push(...said.map((complaint) => `${question.name}: ${complaint}`));
  }
  return complaints;
}

interface Verification {
  readonly ports: VerificationPorts;
  readonly deadlineMs: number;
  readonly token: string;
}

async function complaintsOf(
  question: VerificationQuestion,
  verification: Verification,
): Promise<readonly string[]> {
  let complaints: readonly string[] = [];
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    if (attempt > 1) await verification.ports.wait(PAUSE_MS);
    complaints = await attemptAt(question, verification);
    if (complaints.length === 0) return [];
  }
  return complaints;
}

async function attemptAt(
  question: VerificationQuestion,
  { ports, deadlineMs, token }: Verification,
): Promise<readonly string[]> {
  const nowMs = ports.now();
  const leftMs = Math.min(PATIENCE_MS, deadlineMs - nowMs);
  if (leftMs <= 0) return ["not asked: the time for the verification is over"];
  const body = { ...question.body, now: new Date(nowMs).toISOString(), timeZone: "UTC" };
  const presented = question.token === "right" ? token : WRONG_TOKEN;
  let answer: VersionAnswer;
  try {
    answer = await ports.ask(presented, body, AbortSignal.timeout(leftMs));
  } catch (error) {
    return [`no answer: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`];
  }
  return complaintsAbout(answer, question, nowMs);
}
