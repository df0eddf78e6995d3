import { type Grace, graceEndMs, type TokenDocument } from "../contract/token.ts";

/** How often and how gently tokens change. */
export interface RotationRules {
  readonly graceMs: number;
  /** Age at which a scheduled run rotates. */
  readonly rotationMs: number;
}

/** What a rotation is decided from. */
export interface Situation {
  readonly present: TokenDocument;
  /** Epoch milliseconds of the parameter's last write, for a token whose making nobody wrote down. */
  readonly modifiedMs: number;
  readonly by: "schedule" | "operator";
  readonly grace: Grace;
  readonly nowMs: number;
}

/** The document to write, or why the present one stays. */
export type Decision = { readonly next: TokenDocument } | { readonly reason: string };

/** A daily run must not miss the day because it comes a second early. */
const SLACK_MS = 12 * 3_600_000;

/**
 * Decides whether the token changes, and what is written then.
 *
 * A token that still has its predecessor beside it stays, unless the present one is to be revoked: two
 * rotations within one grace time would break the promise that the first one's mail made. This also makes a
 * run that is delivered twice rotate once.
 */
export function nextToken(situation: Situation, rules: RotationRules, fresh: string): Decision {
  const { present, by, grace, nowMs } = situation;
  const made = { current: fresh, createdAt: iso(nowMs), ownerTold: false };
  if (grace === "none") return { next: made };
  const promisedMs = graceEndMs(present);
  if (promisedMs > nowMs)
    return {
      reason: `the token before it is promised to work until ${iso(promisedMs)}; a second rotation would break that promise`,
    };
  const ageMs = nowMs - madeMs(situation);
  if (by === "schedule" && ageMs < rules.rotationMs - SLACK_MS)
    return { reason: `the token is ${days(ageMs)} days old and changes at ${days(rules.rotationMs)}` };
  return {
    next: { ...made, previous: present.current, previousValidUntil: iso(nowMs + rules.graceMs) },
  };
}

/** The document of a token that has no predecessor. */
export function firstToken(fresh: string, nowMs: number): TokenDocument {
  return { current: fresh, createdAt: iso(nowMs) };
}

function madeMs({ present, modifiedMs }: Situation): number {
  const createdMs = Date.parse(present.createdAt ?? "");
  return Number.isNaN(createdMs) ? modifiedMs : createdMs;
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}

function days(milliseconds: number): number {
  return Math.round(milliseconds / 8_640_000) / 10;
}
