import { type Random, seededRandom } from "../random.ts";
import { exponentialDelay } from "./conditions.ts";
import { metricsOfProbeRequest, type PublishedMetrics } from "./published-metrics.ts";
import {
  type FullForm,
  interruptedRequest,
  type ProbePlan,
  type ProbeQuestion,
  type ProbeSchedule,
  type SimulatedWorld,
  type SimulationPlan,
} from "./simulated-world.ts";
import { BASELINE_FAILURE_SHARE, isAnswered, type SimulatedRequest } from "./synthetic-traffic.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** What a run made known, and when it ended. */
export interface ProbeRun {
  readonly endMs: number;
  /** What Lambda and the agent say of its tries. */
  readonly ofTries: readonly PublishedMetrics[];
  /** What it says itself, stamped with its start. */
  readonly ofRun: PublishedMetrics;
}

/** How long a healthy agent takes for each question. */
const ANSWER_MS: Readonly<Record<ProbeQuestion, number>> = { model: SECOND_MS, health: 60 };

/** Warm and cold, what Lambda takes before the code runs. */
const WARM_START_MS = 50;
const COLD_START_MS = 1500;

/** Chance that lets happen whatever may happen. */
const alwaysZero: Random = () => 0;

/** Every run of the probe: at a chance second of its minute, now and then left out. */
export function probeRuns(world: SimulatedWorld, requests: readonly SimulatedRequest[]): readonly ProbeRun[] {
  const { probe } = world.plan;
  return (
    probe?.schedules.flatMap((schedule) => {
      const { asks } = schedule;
      const full = fullQuestions(asks, requests, world.plan);
      const question: AskedQuestion = { asks, probe, answers: answersTo(asks, world.plan), ...full };
      return runsOf(schedule, question, world);
    }) ?? []
  );
}

/** Which mode is asked in full matters to a fault of one mode alone. */
function fullQuestions(
  asks: ProbeQuestion,
  requests: readonly SimulatedRequest[],
  plan: SimulationPlan,
): Pick<AskedQuestion, "full"> {
  const { fullForm } = plan.probe ?? {};
  if (asks !== "model" || fullForm === undefined || plan.scenario.mode === undefined) return {};
  return { full: new FullQuestions(fullForm, requests, plan) };
}

function runsOf(
  schedule: ProbeSchedule,
  question: AskedQuestion,
  world: SimulatedWorld,
): readonly ProbeRun[] {
  const { random, plan } = world;
  const { omittedRuns, coldRuns } = plan.conditions;
  const runs: ProbeRun[] = [];
  for (let minuteMs = world.startMs; minuteMs < world.endMs; minuteMs += schedule.everyMinutes * MINUTE_MS) {
    const startMs = minuteMs + Math.floor(random() * MINUTE_MS);
    if (random() < omittedRuns) continue;
    const atMs = startMs + (random() < coldRuns ? COLD_START_MS : WARM_START_MS);
    if (world.troubleAt(atMs) === "fault" && plan.scenario.probe === "silent") continue;
    runs.push(probeRun(atMs, question, world));
  }
  return runs;
}

/** What the runs of a schedule ask. */
interface AskedQuestion {
  readonly asks: ProbeQuestion;
  readonly probe: ProbePlan;
  readonly answers: AnsweredTries;
  /** Missing where no mode is asked in full, or where it makes no difference. */
  readonly full?: FullQuestions;
}

/** Tries until one is answered in time; the run's value is the share of its tries that failed. */
function probeRun(atMs: number, question: AskedQuestion, world: SimulatedWorld): ProbeRun {
  const { asks, probe, answers, full } = question;
  const ofTries: PublishedMetrics[] = [];
  let failed = 0;
  let endMs = atMs;
  for (const afterMs of probe.triesAtMs) {
    const startMs = Math.max(endMs, atMs + afterMs);
    const mode = full?.modeAt(startMs);
    const { durationMs, isGood, published } = answers[answerAt(startMs, { asks, mode }, world)];
    for (const { publisher, atMs: afterStartMs, values } of published)
      ofTries.push({ publisher, atMs: startMs + afterStartMs, values });
    endMs = startMs + Math.min(durationMs, probe.tryMs);
    const isInTime = durationMs <= probe.tryMs;
    if (mode !== undefined && isGood) full?.answered(mode, endMs);
    else if (mode !== undefined && isInTime) full?.failed(mode);
    if (isGood && isInTime) break;
    failed += 1;
  }
  const values = { Failure: failed / probe.triesAtMs.length };
  return { endMs, ofTries, ofRun: { publisher: "probe", atMs, values } };
}

/** What may become of a try. */
type ProbeAnswer = "healthy" | "interrupted" | "faulty";

/**
 * What a try comes to: as tries of one kind differ in their time alone, it is worked out once, for a try at
 * 0.
 */
interface AnsweredTry {
  readonly durationMs: number;
  readonly isGood: boolean;
  readonly published: readonly PublishedMetrics[];
}

type AnsweredTries = Readonly<Record<ProbeAnswer, AnsweredTry>>;

function answersTo(asks: ProbeQuestion, { scenario, deadlineMs }: SimulationPlan): AnsweredTries {
  const { mode } = scenario;
  const usual = { atMs: 0, durationMs: ANSWER_MS[asks], costUsd: 0, outcome: "served" } as const;
  const healthy: SimulatedRequest = mode === undefined ? usual : { ...usual, mode };
  const faulty = scenario.injectFault?.(healthy, alwaysZero) ?? interruptedRequest(healthy);
  return {
    healthy: answeredTry(healthy),
    interrupted: answeredTry(interruptedRequest(healthy)),
    faulty: answeredTry(withinDeadline(faulty, deadlineMs)),
  };
}

function answeredTry(request: SimulatedRequest): AnsweredTry {
  const { durationMs, outcome } = request;
  return { durationMs, isGood: isAnswered(outcome), published: metricsOfProbeRequest(request) };
}

function answerAt(
  atMs: number,
  { asks, mode }: { readonly asks: ProbeQuestion; readonly mode: string | undefined },
  { random, plan, troubleAt }: SimulatedWorld,
): ProbeAnswer {
  const trouble = troubleAt(atMs);
  const { probe: share, reach = "agent", mode: ofMode = mode } = plan.scenario;
  const isReached = trouble === "fault" && (reach === "agent" || asks === "model") && mode === ofMode;
  if (isReached && typeof share === "number" && random() < share) return "faulty";
  return trouble === "blip" || random() < BASELINE_FAILURE_SHARE ? "interrupted" : "healthy";
}

/** A request as the handler's deadline leaves it: one that would take longer fails then. */
export function withinDeadline(request: SimulatedRequest, deadlineMs: number): SimulatedRequest {
  if (request.durationMs <= deadlineMs || request.outcome === "crashed") return request;
  return { ...request, durationMs: deadlineMs, outcome: "failed" };
}

const HOUR_MS = 60 * MINUTE_MS;

/** Environments have chances of their own, so that the days stay the same however long they live. */
const ENVIRONMENT_SEED = 0x0e4f;

/**
 * The modes that the probe asks in full, as the agent decides it: what one environment remembers of answers,
 * until Lambda replaces it, and the mode that the probe remembers because it was told that its question
 * failed.
 *
 * Questions are asked in the order of the runs; what one learnt is not forgotten by a try of an earlier run
 * that ends later.
 */
export class FullQuestions {
  readonly #form: FullForm;
  readonly #answers: readonly SimulatedRequest[];
  readonly #random: Random;
  readonly #livesMs: number;
  readonly #answeredMs = new Map<string, number>();
  readonly #unanswered = new Set<string>();
  #failedMode: string | undefined;
  #nextAnswer = 0;
  #replacedMs: number;

  constructor(
    form: FullForm,
    requests: readonly SimulatedRequest[],
    { seed, conditions, startMs = 0 }: Plan,
  ) {
    this.#form = form;
    this.#answers = requests
      .filter(({ outcome }) => isAnswered(outcome))
      .toSorted((a, b) => answeredAt(a) - answeredAt(b));
    this.#random = seededRandom(seed ^ ENVIRONMENT_SEED);
    this.#livesMs = conditions.environmentHours * HOUR_MS;
    this.#replacedMs = startMs;
  }

  /** The mode of which the question at `atMs` is a full one; undefined for the shortest question. */
  modeAt(atMs: number): string | undefined {
    this.#passTo(atMs);
    if (this.#failedMode !== undefined) this.#unanswered.add(this.#failedMode);
    const due = this.#dueMode(atMs);
    if (due !== undefined) this.#unanswered.add(due);
    const [oldest] = this.#unanswered;
    return oldest;
  }

  /** The model answered the probe's question of the mode. */
  answered(mode: string, atMs: number): void {
    this.#failedMode = undefined;
    this.#answeredInFull(mode, atMs);
  }

  /** The agent told the probe that its question of the mode failed. */
  failed(mode: string): void {
    this.#failedMode = mode;
  }

  #answeredInFull(mode: string, atMs: number): void {
    this.#answeredMs.set(mode, atMs);
    this.#unanswered.delete(mode);
  }

  #passTo(atMs: number): void {
    while (this.#replacedMs <= atMs) {
      this.#answersUntil(this.#replacedMs);
      this.#answeredMs.clear();
      this.#unanswered.clear();
      this.#replacedMs += Math.max(MINUTE_MS, exponentialDelay(this.#random, this.#livesMs));
    }
    this.#answersUntil(atMs);
  }

  #answersUntil(atMs: number): void {
    for (;;) {
      const next = this.#answers[this.#nextAnswer];
      if (next === undefined || answeredAt(next) > atMs) return;
      if (next.mode !== undefined) this.#answeredInFull(next.mode, answeredAt(next));
      this.#nextAnswer += 1;
    }
  }

  #dueMode(atMs: number): string | undefined {
    const { everyMinutes, withinMinutes, modes } = this.#form;
    const spanMs = everyMinutes * MINUTE_MS;
    const sinceSpanMs = atMs % spanMs;
    if (sinceSpanMs >= withinMinutes * MINUTE_MS) return undefined;
    const mode = modes[Math.floor(atMs / spanMs) % modes.length];
    const answeredMs = this.#answeredMs.get(mode ?? "") ?? Number.NEGATIVE_INFINITY;
    return answeredMs >= atMs - sinceSpanMs ? undefined : mode;
  }
}

type Plan = Pick<SimulationPlan, "seed" | "conditions" | "startMs">;

function answeredAt({ atMs, durationMs }: SimulatedRequest): number {
  return atMs + durationMs;
}
