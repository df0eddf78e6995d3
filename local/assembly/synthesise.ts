import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

/** What to synthesise, and where to. */
export interface SynthesisRequest {
  /** Directory of `cdk.json`. */
  readonly projectDirectory: string;
  readonly stage: string;
  /** Where the assembly is written, `cdk.out` of the CDK CLI. */
  readonly outDirectory: string;
  /** Context beside the stage, as `-c key=value` would give it. */
  readonly context?: Readonly<Record<string, string>>;
  /** Whether functions are bundled: without them only the templates are of use. Built when missing. */
  readonly assets?: "built" | "skipped";
  /** Ends the app when it fires. */
  readonly signal?: AbortSignal;
}

const VALIDATION_REPORT = "validation-report.json";

/** The app did not synthesise; the message is the app's own. */
export class SynthesisError extends Error {
  override readonly name = "SynthesisError";
}

/** Settings of `cdk.json` that the CDK CLI hands to the app as context. */
function cliContext(settings: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return {
    "aws:cdk:enable-path-metadata": settings.pathMetadata !== false,
    "aws:cdk:enable-asset-metadata": settings.assetMetadata !== false,
    "aws:cdk:bundling-stacks": ["**"],
    ...(settings.versionReporting === false && { "aws:cdk:disable-version-reporting": true }),
  };
}

/**
 * Runs the `app` command of `cdk.json` as the CDK CLI does, offline and without an account.
 *
 * The app runs as soon as this is called, before the caller goes on: whatever it does meanwhile, the app
 * takes longest.
 */
export async function synthesise(request: SynthesisRequest): Promise<void> {
  const projectDirectory = resolve(request.projectDirectory);
  const settings = readSettings(projectDirectory);
  const outDirectory = resolve(request.outDirectory);
  mkdirSync(outDirectory, { recursive: true });
  // The app writes it only when there is something to report: an older one would be shown again by the CDK
  // CLI.
  rmSync(join(outDirectory, VALIDATION_REPORT), { force: true });
  request.signal?.throwIfAborted();
  const child = spawn(settings.app, {
    cwd: projectDirectory,
    shell: true,
    // A group of its own, so that ending the shell ends the app under it too.
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
    env: environmentOf(request, settings.context, outDirectory),
  });
  await appFinished(child, request.signal);
}

interface Settings {
  readonly app: string;
  readonly context: Readonly<Record<string, unknown>>;
}

function readSettings(projectDirectory: string): Settings {
  const file = join(projectDirectory, "cdk.json");
  try {
    const settings: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (isJsonObject(settings) && typeof settings.app === "string")
      return {
        app: settings.app,
        context: { ...cliContext(settings), ...(isJsonObject(settings.context) ? settings.context : {}) },
      };
  } catch (cause) {
    throw new SynthesisError(`cannot read ${file}: run this in the project's directory`, { cause });
  }
  throw new SynthesisError(`${file} names no "app": give the command that synthesises`);
}

function environmentOf(
  request: SynthesisRequest,
  context: Settings["context"],
  outDirectory: string,
): NodeJS.ProcessEnv {
  const assets = request.assets === "skipped" ? { "aws:cdk:bundling-stacks": [] } : {};
  const all = { ...context, ...request.context, ...assets, stage: request.stage };
  return {
    ...process.env,
    // The template must not depend on who synthesises: `undefined` leaves the variable out.
    CDK_DEFAULT_ACCOUNT: undefined,
    CDK_DEFAULT_REGION: undefined,
    CDK_OUTDIR: outDirectory,
    CDK_CONTEXT_JSON: JSON.stringify(all),
  };
}

function appFinished(child: ChildProcess, signal: AbortSignal | undefined): Promise<void> {
  const lines: string[] = [];
  child.stderr?.setEncoding("utf8").on("data", (text: string) => lines.push(text));
  const abort = (): void => endGroup(child);
  signal?.addEventListener("abort", abort, { once: true });
  return new Promise<void>((done, fail) => {
    child.once("error", fail);
    child.once("close", (code) => {
      if (signal?.aborted === true) fail(signal.reason as Error);
      else if (code === 0) done();
      else fail(new SynthesisError(appMessage(lines.join("")), { cause: lines.join("") }));
    });
  }).finally(() => signal?.removeEventListener("abort", abort));
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // The group ended between the check and the signal: that is what was wanted.
  }
}

/** The app's message out of Node's report of an uncaught error: no source excerpt, no stack. */
function appMessage(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => !/^\s+at |^Node\.js v\d/.test(line));
  // Node marks the place of the error with a caret; the message follows it.
  const caret = lines.findIndex((line) => /^\s*\^+\s*$/.test(line));
  const message = lines
    .slice(caret + 1)
    .join("\n")
    .trim()
    .replace(/^\w*Error(?: \[\w+\])?: /, "");
  return message === "" ? "the app failed and said nothing: run npm run synth to see why" : message;
}
