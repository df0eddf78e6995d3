import { describe, expect, test } from "vitest";
import { tokenAgeOf } from "../../../lambda/agent/token.ts";
import { type RotationReport, type TokenDocument, tokenDocumentOf } from "../../../lambda/contract/token.ts";
import { createRotation, type RotationPorts } from "../../../lambda/rotation/rotation.ts";
import type { StoredToken } from "../../../lambda/rotation/token-parameter.ts";

const DAY = 86_400_000;
const START_MS = Date.UTC(2026, 10, 23, 17);
const ORDERS = {
  scheduled: { order: "rotate", by: "schedule", grace: "kept" },
  kept: { order: "rotate", by: "operator", grace: "kept" },
  revoking: { order: "rotate", by: "operator", grace: "none" },
} as const;
type OrderName = keyof typeof ORDERS;

/** A parameter with its versions, as SSM keeps them. */
class VersionedParameter {
  readonly versions: string[] = [
    JSON.stringify({ current: "leaked", createdAt: new Date(START_MS - 31 * DAY) }),
  ];

  read(version = this.versions.length): StoredToken | undefined {
    const value = this.versions[version - 1];
    return value === undefined ? undefined : { type: "SecureString", value, modifiedMs: START_MS, version };
  }

  replace(value: string): number {
    return this.versions.push(value);
  }

  document(): TokenDocument {
    return tokenDocumentOf(this.versions.at(-1) ?? "") ?? { current: "" };
  }
}

/** A run that stops before each of its steps until it is let go on. */
interface SteppedRun {
  readonly made: string[];
  /** Does the next step; `false` once there is none. */
  readonly step: () => Promise<boolean>;
  report: RotationReport | undefined;
  /** How many versions there were when it reported. */
  reportedAt: number;
}

/** Lets a run do what it can without another step. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function steppedRun(name: string, order: OrderName, parameter: VersionedParameter): SteppedRun {
  const waiting: (() => void)[] = [];
  const gate = <T>(act: () => T): Promise<T> => new Promise((resolve) => waiting.push(() => resolve(act())));
  const made: string[] = [];
  const ports: RotationPorts = {
    facts: { stage: "test", region: "r", parameterName: "/t", timeZone: "UTC", tokenTtlSeconds: 300 },
    rules: { graceMs: 3 * DAY, rotationMs: 30 * DAY },
    parameter: {
      read: (version) => gate(() => parameter.read(version)),
      create: () => Promise.reject(new Error("there is a token")),
      replace: (value) => gate(() => parameter.replace(value)),
    },
    publish: () => gate(() => undefined),
    sendResponse: () => Promise.resolve(),
    log: () => undefined,
    now: () => START_MS,
    wait: () => Promise.resolve(),
    freshToken: () => {
      made.push(`${name}-${made.length + 1}`);
      return made.at(-1) ?? "";
    },
  };
  const run: SteppedRun = {
    made,
    report: undefined,
    reportedAt: 0,
    step: async () => {
      await settle();
      const next = waiting.shift();
      next?.();
      await settle();
      return next !== undefined;
    },
  };
  void createRotation(ports)(ORDERS[order]).then((report) => {
    run.report = report;
    run.reportedAt = parameter.versions.length;
  });
  return run;
}

/**
 * Every way to interleave two runs: after how many steps of the first the second begins, and after how many
 * of its own it waits.
 */
async function interleaved(
  orders: readonly [OrderName, OrderName],
  [before, within]: readonly [number, number],
): Promise<{ readonly parameter: VersionedParameter; readonly runs: readonly SteppedRun[] }> {
  const parameter = new VersionedParameter();
  const first = steppedRun("first", orders[0], parameter);
  const second = steppedRun("second", orders[1], parameter);
  for (let step = 0; step < before; step += 1) await first.step();
  for (let step = 0; step < within; step += 1) await second.step();
  while (await first.step());
  while (await second.step());
  return { parameter, runs: [first, second] };
}

const STEPS = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const INTERLEAVINGS = STEPS.flatMap((before) => STEPS.map((within) => [before, within] as const));
const PAIRS = (Object.keys(ORDERS) as OrderName[]).flatMap((one) =>
  (Object.keys(ORDERS) as OrderName[]).map((other) => [one, other] as const),
);

describe.each(PAIRS)("a %s run and a %s run, interleaved at every pair of steps", (...orders) => {
  test("a revoked token stays revoked, and whoever reports success last holds the token that works", async () => {
    for (const at of INTERLEAVINGS) {
      const { parameter, runs } = await interleaved(orders, at);
      const document = parameter.document();
      const say = JSON.stringify({ at, versions: parameter.versions });
      const reports = runs.map(({ report }) => report?.isRotated);
      expect(reports, say).not.toContain(undefined);
      // The token that works was made by a run that says so.
      const owner = runs.find(({ made }) => made.includes(document.current));
      expect(owner?.report?.isRotated, say).toBe(true);
      // Whoever reported success for another token had done so before this one was written.
      const begun = parameter.versions.findIndex(
        (value) => tokenDocumentOf(value)?.current === document.current,
      );
      for (const run of runs)
        if (run !== owner && run.report?.isRotated === true)
          expect(run.reportedAt, say).toBeLessThanOrEqual(begun);
      if (orders.includes("revoking"))
        expect(tokenAgeOf("leaked", document, START_MS + 1), say).toBeUndefined();
      // No mail is owed for it, and none was promised for another.
      expect(document.ownerTold, say).toBe(true);
    }
  });
});
