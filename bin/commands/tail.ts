import { Command, InvalidArgumentError, Option } from "commander";
import { REQUEST_LINE } from "../../lambda/contract/metrics.ts";
import { OUTCOMES } from "../../lambda/contract/outcome.ts";
import { MODES } from "../../lambda/contract/request.ts";
import { durationOption } from "../cli/duration.ts";
import { errorMessage } from "../cli/failure.ts";
import { type LogEvent, readLogEvents } from "../cli/log-events.ts";
import {
  addStageOptions,
  connectStage,
  type StageConnection,
  type StageOptions,
} from "../cli/stage-connection.ts";
import { isPassing } from "../cli/target.ts";
import { localTime, type Terminal } from "../cli/terminal.ts";
import { processWatchPorts, type WatchPorts } from "../cli/watch.ts";
import { isSynthetic, requestLiner, requestOf, type TailedRequest } from "./request-text.ts";

interface TailOptions extends StageOptions {
  readonly outcome?: readonly string[];
  readonly mode?: readonly string[];
  readonly client?: string;
  readonly since: number;
  readonly probe?: true;
  /** False with `--no-follow`. */
  readonly follow: boolean;
}

const TAIL_HELP = `
Each request is one line: time, outcome, status, mode, total time, reason, input and output tokens, cost, attempts,
client, version, request; a narrow terminal shows fewer. Requests of the probe and of deployments are hidden.
The JSON is one line for each request: {timeMs, line}, with the properties of its log line (docs/telemetry.md).

Examples:
  npm run cli -- tail
  npm run cli -- tail --since 2h --outcome timeout,upstream
  npm run -s cli -- tail --aws --stage production --since 1d --no-follow --json | jq .line.CostUsd

Ends with Ctrl-C. Exits 0, 1 when the log cannot be read, 2 on wrong usage.`;

/** `tail`: the requests of people as they come, one line each. */
export function tailCommand(terminal: Terminal, ports: WatchPorts = processWatchPorts()): Command {
  return addStageOptions(new Command("tail"), "print a JSON line for each request")
    .description("follow the requests of a stage as they come, one line each")
    .addOption(
      new Option("--outcome <list>", "only these outcomes, separated by commas")
        .choices(OUTCOMES)
        .argParser(listOf("outcome", OUTCOMES)),
    )
    .addOption(
      new Option("--mode <list>", "only these modes, separated by commas")
        .choices(MODES)
        .argParser(listOf("mode", MODES)),
    )
    .option("--client <text>", "only clients whose name holds this text")
    .addOption(durationOption("--since <time>", "start this long ago, such as 30m, 2h or 1d", "10m"))
    .option("--probe", "also requests of the probe and of deployments")
    .option("--no-follow", "print what is there and end")
    .addHelpText("after", TAIL_HELP)
    .action(async (options: TailOptions) => {
      const stage = await connectStage(terminal, options);
      try {
        await tail({ terminal, stage, options }, ports);
      } finally {
        stage.close();
      }
    });
}

function listOf(what: string, known: readonly string[]): (text: string) => readonly string[] {
  return (text) => {
    const words = text.split(",").map((word) => word.trim());
    const unknown = words.find((word) => !known.includes(word));
    if (unknown === undefined) return words;
    throw new InvalidArgumentError(`"${unknown}" is no ${what}: use ${known.join(", ")}.`);
  };
}

interface Tailing {
  readonly terminal: Terminal;
  readonly stage: StageConnection;
  readonly options: TailOptions;
}

/** Logs allow five such questions a second in an account; one in three seconds leaves room for others. */
const POLL_MS = 3_000;
const LONGEST_PAUSE_MS = 30_000;

async function tail(tailing: Tailing, ports: WatchPorts): Promise<void> {
  const { terminal, options } = tailing;
  const stopping = new AbortController();
  const { signal } = stopping;
  const ignore = ports.onInterrupt(() => stopping.abort());
  try {
    const follower = new LogFollower(Math.max(0, ports.now() - options.since));
    const print = printer(tailing);
    print(await terminal.progress("reading the log", readFresh(tailing, follower, signal)));
    if (options.follow) await follow({ tailing, follower, signal, print }, ports);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    ignore();
  }
}

interface Following {
  readonly tailing: Tailing;
  readonly follower: LogFollower;
  readonly signal: AbortSignal;
  readonly print: (requests: readonly TailedRequest[]) => void;
}

/** Asks again and again; what passes by itself, such as throttling, only makes the pauses longer. */
async function follow({ tailing, follower, signal, print }: Following, ports: WatchPorts): Promise<void> {
  let pauseMs = POLL_MS;
  for (;;) {
    await ports.wait(pauseMs, signal);
    try {
      print(await readFresh(tailing, follower, signal));
      pauseMs = POLL_MS;
    } catch (error) {
      if (signal.aborted || !isPassing(error)) throw error;
      pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs);
      const { terminal } = tailing;
      terminal.err(
        terminal.colours.yellow(
          `${localTime(ports.now())} ${errorMessage(error)}; asking again in ${pauseMs / 1000} s, no line is lost`,
        ),
      );
    }
  }
}

async function readFresh(
  { stage, options }: Tailing,
  follower: LogFollower,
  signal: AbortSignal,
): Promise<readonly TailedRequest[]> {
  const events = await readLogEvents(stage, {
    logGroup: stage.names.logGroup,
    // Every request has it on its one line, and hardly any other line does.
    pattern: REQUEST_LINE.status,
    startMs: follower.startMs,
    signal,
  });
  return follower
    .take(events)
    .map(requestOf)
    .filter((request) => request !== undefined)
    .filter((request) => isWanted(request, options));
}

function isWanted(request: TailedRequest, { outcome, mode, client, probe }: TailOptions): boolean {
  const text = (name: string): string => {
    const value = request.line[name];
    return typeof value === "string" ? value : "";
  };
  if (probe !== true && isSynthetic(request)) return false;
  if (outcome !== undefined && !outcome.includes(text(REQUEST_LINE.outcome))) return false;
  if (mode !== undefined && !mode.includes(text(REQUEST_LINE.mode))) return false;
  return client === undefined || text(REQUEST_LINE.client).toLowerCase().includes(client.toLowerCase());
}

function printer({ terminal, options }: Tailing): Following["print"] {
  if (options.json === true)
    return (requests) => requests.forEach((request) => terminal.out(JSON.stringify(request)));
  const { head, line } = requestLiner(terminal);
  if (terminal.columns !== undefined) terminal.out(head);
  return (requests) => requests.forEach((request) => terminal.out(line(request)));
}

/**
 * Lines reach CloudWatch out of order and up to minutes late, so each question begins before the newest line
 * that was seen, and what was seen already is left out by its id.
 */
const OVERLAP_MS = 5 * 60_000;

/** Tells which lines of overlapping readings are new. */
export class LogFollower {
  readonly #fromMs: number;
  #newestMs: number;
  #seen = new Map<string, number>();

  /** Begins with lines of `fromMs`, epoch milliseconds. */
  constructor(fromMs: number) {
    this.#fromMs = fromMs;
    this.#newestMs = fromMs;
  }

  /** Where the next reading has to begin. */
  get startMs(): number {
    return Math.max(this.#fromMs, this.#newestMs - OVERLAP_MS);
  }

  /** The lines that were not taken before, by time. */
  take(events: readonly LogEvent[]): readonly LogEvent[] {
    const fresh: LogEvent[] = [];
    for (const event of events) {
      if (this.#seen.has(event.eventId)) continue;
      this.#seen.set(event.eventId, event.timeMs);
      this.#newestMs = Math.max(this.#newestMs, event.timeMs);
      fresh.push(event);
    }
    const { startMs } = this;
    // What no reading can bring again need not be remembered.
    this.#seen = new Map([...this.#seen].filter(([, timeMs]) => timeMs >= startMs));
    return fresh.toSorted((a, b) => a.timeMs - b.timeMs);
  }
}
