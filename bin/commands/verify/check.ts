import {
  agentServiceName,
  METRIC_NAMESPACE,
  METRICS,
  SERVICE_DIMENSION,
} from "../../../lambda/contract/metrics.ts";
import type { CheckLine } from "../../cli/check-lines.ts";
import { metricQuery, readSeries } from "../../cli/metric-series.ts";
import type { StageAlarm } from "../../cli/stage-alarms.ts";
import type { StageConnection } from "../../cli/stage-connection.ts";
import type { ServingVersion } from "../status/read-deployment.ts";
import type { LiveModel } from "../status/status-report.ts";

/** One thing that a check has found. */
export type Finding =
  | { readonly state: "passes"; readonly says: string }
  /** `remedy` says what to do about it. */
  | { readonly state: "fails"; readonly says: string; readonly remedy: string }
  /** The service that would know is not emulated here; `says` names it. */
  | { readonly state: "not on this machine"; readonly says: string };

/** What a verification works with. */
export interface Verification {
  readonly stage: StageConnection;
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Promise<void>;
  /** How long metrics may take. */
  readonly waitMinutes: number;
  /** The token that the stage accepts now; rejects where it may not be read. */
  readonly token: () => Promise<string>;
  /** Every alarm of the stage; read once. */
  readonly alarms: () => Promise<readonly StageAlarm[]>;
  /** What the alias points at; read once. */
  readonly serving: () => Promise<ServingVersion>;
  /** The model that answers; read once. */
  readonly model: () => Promise<LiveModel>;
  /** Shows how far a check is. */
  readonly show: (text: string) => void;
  /**
   * When the questions were asked, how many were answered, and how many that minute had before; set by the
   * first check.
   */
  readonly asked: { startMs?: number; answered?: number; countedBefore?: number };
  /** File with the drills that were made from this machine. */
  readonly drillFile: string;
}

/** One line to be checked. */
export interface Check {
  readonly id: string;
  readonly title: string;
  readonly run: (verification: Verification) => Promise<readonly Finding[]>;
}

/** A good finding. */
export function passingFinding(says: string): Finding {
  return { state: "passes", says };
}

/** A bad finding, with what to do. */
export function failingFinding(says: string, remedy: string): Finding {
  return { state: "fails", says, remedy };
}

/** A finding that only AWS can have. */
export function notHere(service: string): Finding {
  return { state: "not on this machine", says: `${service} is not on this machine` };
}

/** `good` where nothing was wrong. */
export function orPasses(wrong: readonly Finding[], good: string): readonly Finding[] {
  return wrong.length === 0 ? [passingFinding(good)] : wrong;
}

/** The line that findings make: it fails with one of them, and says then what is wrong alone. */
export function checkLine(
  { id, title }: Pick<Check, "id" | "title">,
  findings: readonly Finding[],
): CheckLine {
  const wrong = findings.filter((finding) => finding.state === "fails");
  const shown = wrong.length > 0 ? wrong : findings;
  const state =
    wrong.length > 0 ? "fails" : (findings.find((each) => each.state !== "passes")?.state ?? "passes");
  return {
    id,
    title,
    state,
    says: shown.map(({ says }) => says),
    remedies: [...new Set(wrong.map(({ remedy }) => remedy))],
  };
}

const MINUTE_MS = 60_000;

/**
 * How many answered requests of people CloudWatch counts from the minute of `sinceMs` on: it knows no finer
 * time.
 */
export async function answeredSince(stage: StageConnection, sinceMs: number, nowMs: number): Promise<number> {
  const request = {
    namespace: METRIC_NAMESPACE,
    metricName: METRICS.Latency.name,
    dimensions: { [SERVICE_DIMENSION]: agentServiceName(stage.target.stage) },
    statistic: "SampleCount",
    periodSeconds: 60,
  };
  const startMs = Math.floor(sinceMs / MINUTE_MS) * MINUTE_MS;
  const endMs = Math.floor(nowMs / MINUTE_MS + 1) * MINUTE_MS;
  const found = await readSeries(stage, [metricQuery("answered", request)], { startMs, endMs });
  return (found.get("answered") ?? []).reduce((sum, { value }) => sum + value, 0);
}
