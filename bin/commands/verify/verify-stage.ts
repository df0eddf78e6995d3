import type { CheckLine } from "../../cli/check-lines.ts";
import { errorMessage, Failure } from "../../cli/failure.ts";
import type { Terminal } from "../../cli/terminal.ts";
import { ACCOUNT_CHECKS } from "./account-checks.ts";
import { ALARM_CHECKS } from "./alarm-checks.ts";
import { type Check, checkLine, type Verification } from "./check.ts";
import { DASHBOARD_CHECKS } from "./dashboard-checks.ts";
import { DEPLOYMENT_CHECKS } from "./deployment-checks.ts";
import { METRIC_CHECKS } from "./metric-checks.ts";
import { URL_CHECKS } from "./url-checks.ts";

/** The whole checklist: the questions come first, as what follows looks for their traces. */
export const CHECKS: readonly Check[] = [
  ...URL_CHECKS,
  ...METRIC_CHECKS,
  ...ALARM_CHECKS,
  ...ACCOUNT_CHECKS.slice(0, 1),
  ...DASHBOARD_CHECKS,
  ...DEPLOYMENT_CHECKS,
  ...ACCOUNT_CHECKS.slice(1),
];

/** Runs every check, or those that `only` names, one after another; `done` hears of each line when it is known. */
export async function verifyStage(
  terminal: Terminal,
  { only, ...verification }: Omit<Verification, "show"> & { readonly only?: readonly string[] },
  done: (line: CheckLine) => void,
): Promise<readonly CheckLine[]> {
  const lines: CheckLine[] = [];
  for (const check of CHECKS.filter(({ id }) => only?.includes(id) ?? true)) {
    const line = await terminal.progress(`checking: ${check.title}`, (show) =>
      runCheck(check, { ...verification, show: (text) => show(text) }),
    );
    lines.push(line);
    done(line);
  }
  return lines;
}

/** A check that cannot be made is a line of its own kind; the others are made all the same. */
async function runCheck(check: Check, verification: Verification): Promise<CheckLine> {
  try {
    return checkLine(check, await check.run(verification));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { id, title } = check;
    return { id, title, state: "not readable", says: [errorMessage(error)], remedies: [] };
  }
}
