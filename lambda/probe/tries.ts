import { PROBE_LIMITS } from "../contract/probe.ts";
import type { Exchange, Travel } from "./exchange.ts";
import { questionTo } from "./question.ts";
import type { TokenMemory } from "./token-memory.ts";
import { verdictOn, type Verdict } from "./verdict.ts";

/** What trying needs from outside. */
export interface TryPorts {
  readonly url: string;
  readonly tokens: TokenMemory;
  readonly exchange: Exchange;
  /** Milliseconds on a clock that never jumps. */
  readonly elapsed: () => number;
  /** Resolves after that many milliseconds. */
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** One try: its verdict, and what the network showed where it was asked. */
export interface Try {
  readonly verdict: Verdict;
  readonly travel?: Travel;
  readonly token?: "read" | "remembered";
}

/** Tries until one succeeds or the pauses are used up; gives them all, oldest first. */
export async function tryUntilServed(ports: TryPorts): Promise<readonly Try[]> {
  const tries = [await tryOnce(ports)];
  for (const pauseMs of PROBE_LIMITS.pausesMs) {
    if (tries.at(-1)?.verdict.failure === undefined) break;
    await ports.wait(pauseMs);
    tries.push(await tryOnce(ports));
  }
  return tries;
}

async function tryOnce({ url, tokens, exchange, elapsed }: TryPorts): Promise<Try> {
  const startMs = elapsed();
  const presented = await tokens.present();
  if ("fault" in presented) return { verdict: { failure: "token_unreadable", detail: presented.fault } };
  const leftMs = PROBE_LIMITS.tryMs - (elapsed() - startMs);
  const exchanged = await exchange(questionTo(url, presented.token, leftMs));
  return { verdict: verdictOn(exchanged), travel: exchanged.travel, token: presented.from };
}
