import type { StageConnection } from "../../../bin/cli/stage-connection.ts";

/** How a command of the CLI ended, with everything that it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly all: string;
}

/** One verification: a stage, and what it is worked on with. */
export interface Verification {
  readonly stage: string;
  readonly region: string;
  /** A system on this machine is neither deployed nor destroyed. */
  readonly isLocal: boolean;
  /** Settings of the deploy, as after `-c`. */
  readonly context: readonly string[];
  /** `--aws --stage … --region …`, or `--local --data …`. */
  readonly place: readonly string[];
  /** Runs a command of the CLI in a process of its own. */
  readonly cli: (...args: readonly string[]) => Promise<Ended>;
  /** Runs the CDK CLI. */
  readonly cdk: (...args: readonly string[]) => Promise<Ended>;
  readonly connect: () => Promise<StageConnection>;
  /** An empty directory of this verification. */
  readonly folder: string;
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly now: () => number;
  /** How long CloudWatch may take with what is waited for. */
  readonly patienceMs: number;
  /** What one step leaves for the next. */
  readonly kept: {
    startedMs: number;
    asked: number;
    forced?: { name: string; fromMs: number; toMs: number };
  };
}

/** One thing that is tried; it gives what was found, in a sentence, or throws what is wrong. */
export interface Check {
  readonly id: string;
  readonly what: string;
  /** In AWS alone: a system that runs here is not deployed. */
  readonly only?: "AWS";
  /** Done even after a check has failed: nothing is left behind. */
  readonly always?: true;
  readonly run: (verification: Verification) => Promise<string>;
}

/** What came of a check. */
export interface CheckResult {
  readonly id: string;
  readonly state: "passed" | "failed" | "not run";
  readonly found: string;
  readonly seconds: number;
}

/** Runs checks one after another; once one has failed only those that clean up are run. */
export async function runChecks(
  checks: readonly Check[],
  verification: Verification,
  say: (line: string) => void,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  const wanted = checks.filter(({ only }) => only === undefined || !verification.isLocal);
  for (const [at, check] of wanted.entries()) {
    const isBroken = results.some(({ state }) => state === "failed");
    if (isBroken && check.always !== true) {
      results.push({ id: check.id, state: "not run", found: "an earlier check failed", seconds: 0 });
      continue;
    }
    say(`${at + 1} of ${wanted.length}: ${check.what}`);
    const result = await runCheck(check, verification);
    say(`    ${result.state}: ${result.found} (${result.seconds} s)`);
    results.push(result);
  }
  return results;
}

async function runCheck(check: Check, verification: Verification): Promise<CheckResult> {
  const beganMs = verification.now();
  const seconds = (): number => Math.round((verification.now() - beganMs) / 1_000);
  try {
    return { id: check.id, state: "passed", found: await check.run(verification), seconds: seconds() };
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return { id: check.id, state: "failed", found, seconds: seconds() };
  }
}

/** Asks until something is there, within the verification's patience. */
export async function until<T>(
  { wait, now, patienceMs }: Pick<Verification, "wait" | "now" | "patienceMs">,
  what: string,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const endMs = now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (now() >= endMs) throw new Error(`${what} within ${Math.round(patienceMs / 60_000)} minutes`);
    await wait(POLL_MS);
  }
}

const POLL_MS = 10_000;

/** Runs a command that has to end well. */
export async function succeeded(what: string, ended: Promise<Ended>): Promise<Ended> {
  const { code, out, all } = await ended;
  if (code === 0) return { code, out, all };
  throw new Error(`${what} ended with ${String(code)}: ${all.trim().split("\n").slice(-3).join(" ")}`);
}
