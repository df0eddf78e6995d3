import { randomUUID } from "node:crypto";

import type { EventInvokeConfig } from "../assembly/function-resources.ts";
import type { Cancel, Clock } from "@wrist-agent/cloudwatch/clock";
import type { Invocation, LambdaFunction } from "../function/lambda-function.ts";
import type { Functions } from "./functions.ts";

/** What asynchronous invocation needs of the world. */
export interface AsyncPorts {
  readonly clock: Clock;
  readonly functions: Pick<Functions, "find">;
  readonly configs: readonly EventInvokeConfig[];
  /** Hears of an event that was given up. */
  readonly dropped: (message: string, cause: unknown) => void;
}

interface Pending {
  readonly lambda: LambdaFunction;
  readonly event: unknown;
  readonly requestId: string;
  readonly receivedMs: number;
  /** Attempts that failed. */
  readonly failed: number;
  readonly dueMs: number;
}

const MINUTE_MS = 60_000;
const MAX_RETRIES = 2;
const MAX_AGE_SECONDS = 6 * 3600;

/**
 * Invokes functions without anybody waiting for the result, and tries again what failed: a minute later, then
 * two. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
export class AsyncInvocations {
  readonly #ports: AsyncPorts;
  readonly #cancel: Cancel;
  #pending: readonly Pending[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #isStopped = false;

  constructor(ports: AsyncPorts) {
    this.#ports = ports;
    this.#cancel = ports.clock.every(MINUTE_MS, (nowMs) => this.#retry(nowMs));
  }

  /** Hands an event to the function of an ARN; resolves when the first attempt has ended, however it did. */
  deliver({ functionArn, event }: { readonly functionArn: string; readonly event: unknown }): Promise<void> {
    const lambda = this.#ports.functions.find({ name: functionArn });
    if (lambda !== undefined) return this.send(lambda, event);
    this.#ports.dropped(`an event found no function`, functionArn);
    return Promise.resolve();
  }

  /** Resolves when no attempt is under way. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** Takes an event; resolves when the first attempt has ended, however it did. */
  send(lambda: LambdaFunction, event: unknown, requestId: string = randomUUID()): Promise<void> {
    const nowMs = this.#ports.clock.now();
    return this.#track({ lambda, event, requestId, receivedMs: nowMs, failed: 0, dueMs: nowMs });
  }

  /** Forgets what was to be tried again. */
  stop(): void {
    this.#isStopped = true;
    this.#cancel();
    this.#pending = [];
  }

  async #retry(nowMs: number): Promise<void> {
    const due = this.#pending.filter(({ dueMs }) => dueMs <= nowMs);
    this.#pending = this.#pending.filter((pending) => !due.includes(pending));
    await Promise.all(due.map((pending) => this.#track(pending)));
  }

  #track(pending: Pending): Promise<void> {
    const attempt = this.#attempt(pending).finally(() => this.#underWay.delete(attempt));
    this.#underWay.add(attempt);
    return attempt;
  }

  async #attempt(pending: Pending): Promise<void> {
    const { lambda, event, requestId } = pending;
    try {
      const end = await lambda.invoke(event, { requestId });
      if (end.kind !== "result") this.#failed(pending, end);
    } catch (cause) {
      this.#ports.dropped(`${lambda.definition.functionName} could not be invoked`, cause);
    }
  }

  #failed(pending: Pending, end: Exclude<Invocation, { kind: "result" }>): void {
    if (this.#isStopped) return;
    const { functionName, qualifier } = pending.lambda.definition;
    const {
      maximumRetryAttempts: retries = MAX_RETRIES,
      maximumEventAgeSeconds: mostAgeSeconds = MAX_AGE_SECONDS,
    } = this.#configOf(pending.lambda) ?? {};
    const failed = pending.failed + 1;
    const dueMs = this.#ports.clock.now() + failed * MINUTE_MS;
    if (failed <= retries && dueMs - pending.receivedMs <= mostAgeSeconds * 1000)
      this.#pending = [...this.#pending, { ...pending, failed, dueMs }];
    else
      this.#ports.dropped(
        `${functionName}:${qualifier} gave up an event after ${failed} attempt(s)`,
        end.kind === "throttled" ? "it was throttled" : end.error.errorMessage,
      );
  }

  #configOf({ definition }: LambdaFunction): EventInvokeConfig | undefined {
    const { functionName, qualifier } = definition;
    return this.#ports.configs.find(
      (config) =>
        config.qualifier === qualifier &&
        (config.functionName === functionName || config.functionName.endsWith(`:function:${functionName}`)),
    );
  }
}
