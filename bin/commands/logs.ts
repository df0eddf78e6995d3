import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { durationOption, durationText } from "../cli/duration.ts";
import { Failure, UsageError } from "../cli/failure.ts";
import { exactPattern, partPattern, readLogEvents } from "../cli/log-events.ts";
import { sourceMapsIn, withSourceFrames } from "../cli/source-frames.ts";
import {
  addStageOptions,
  connectStage,
  physicalIds,
  type StageConnection,
  type StageOptions,
} from "../cli/stage-connection.ts";
import type { Terminal } from "../cli/terminal.ts";
import {
  requestIdsIn,
  type RequestStory,
  requestStory,
  type StoryLine,
  storyLines,
} from "./request-story.ts";

interface LogsOptions extends StageOptions {
  readonly since: number;
  readonly assembly: string;
}

const LOGS_HELP = `
REQUEST-ID stands in tail, in status, in the mail's log query and in the answer's x-request-id header; its first eight
characters are enough. Frames of a stack name file and line of the source, from the source maps of --assembly, of npm start,
or of this checkout.
The JSON has requestId, timeMs, properties, metrics [{namespace, name, unit, value, dimensions}] and lines
[{timeMs, logGroup, stream, eventId, message}].

Examples:
  npm run cli -- logs 916a57d9
  npm run cli -- logs 916a57d9-b723-49aa-b19d-2dce3e089535 --aws --stage production --since 30d

Exits 0, 1 when no line names the request or the log cannot be read, 2 on wrong usage.`;

/** `logs REQUEST-ID`: everything that the logs hold about one request. */
export function logsCommand(terminal: Terminal, now: () => number = () => Date.now()): Command {
  return addStageOptions(new Command("logs"), "print one JSON line")
    .description("print everything about one request: its lines, attempts, metrics and stack")
    .argument("<request-id>", "id of the request", parseRequestId)
    .addOption(durationOption("--since <time>", "how far back to look, such as 2h or 30d", "7d"))
    .option("--assembly <dir>", "assembly whose source maps are used", "cdk.out")
    .addHelpText("after", LOGS_HELP)
    .action(async (requestId: string, options: LogsOptions) => {
      const stage = await connectStage(terminal, options);
      try {
        const reading = readStory(stage, { requestId, startMs: Math.max(0, now() - options.since) });
        const story = await terminal.progress(
          `looking for ${requestId} in the last ${durationText(options.since)}`,
          reading,
        );
        if (story.timeMs === undefined && story.lines.length === 0)
          throw new Failure(
            `${stage.target.where}: no line of the last ${durationText(options.since)} names ${requestId}: look further back with --since 30d, or name another stage or Region`,
          );
        printStory(terminal, withSources(terminal, story, options), options);
      } finally {
        stage.close();
      }
    });
}

/** Ids of Lambda are UUIDs; eight characters of one say which is meant. */
function parseRequestId(text: string): string {
  if (/^[0-9a-f][0-9a-f-]{7,35}$/.test(text)) return text;
  throw new InvalidArgumentError(
    "give the id of a request, or its first eight characters, as tail shows it.",
  );
}

/** A request of the probe stands in the probe's log too. */
async function readStory(
  stage: StageConnection,
  { requestId, startMs }: { readonly requestId: string; readonly startMs: number },
): Promise<RequestStory> {
  const made = stage.stacks.flatMap((stack) => physicalIds(stack, "AWS::Logs::LogGroup"));
  const { logGroup, probeLogGroup } = stage.names;
  const groups = [logGroup, ...(made.includes(probeLogGroup) ? [probeLogGroup] : [])];
  const found = groups.map(async (group): Promise<readonly StoryLine[]> => {
    const events = await readLogEvents(stage, {
      logGroup: group,
      pattern: isWholeId(requestId) ? exactPattern(requestId) : partPattern(requestId),
      startMs,
    });
    return events.map((event) => ({ ...event, logGroup: group }));
  });
  const lines = (await Promise.all(found)).flat();
  return requestStory(isWholeId(requestId) ? requestId : onlyId(requestId, lines), lines);
}

function isWholeId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

/** The id that a beginning means. */
function onlyId(beginning: string, lines: readonly StoryLine[]): string {
  const [id = beginning, ...others] = requestIdsIn(beginning, lines);
  if (others.length === 0) return id;
  throw new UsageError(`${beginning} is the beginning of ${[id, ...others].join(", ")}: give more of it`);
}

function withSources(terminal: Terminal, story: RequestStory, options: LogsOptions): RequestStory {
  const maps = sourceMapsIn([options.assembly, join(options.data, "cdk.out")]);
  const unknown = new Set<string>();
  const lines = story.lines.map((line) => {
    const { text, unknownBundles } = withSourceFrames(line.message, maps);
    unknownBundles.forEach((bundle) => unknown.add(bundle));
    return { ...line, message: text };
  });
  for (const bundle of unknown)
    terminal.err(
      `${bundle}: no source map here is of this build; check out the commit that was deployed, or name a kept cdk.out with --assembly`,
    );
  return { ...story, lines };
}

function printStory(terminal: Terminal, story: RequestStory, { json }: LogsOptions): void {
  if (json === true) terminal.out(JSON.stringify(story));
  else storyLines(terminal, story).forEach(terminal.out);
}
