import { Argument, Command, InvalidArgumentError, Option } from "commander";
import { MODES } from "../../lambda/contract/request.ts";
import { type Fault, faultKindOf, RENAMED_FAULTS } from "../../local/server/wire.ts";
import { dataOption, runningSystem, setFault } from "../cli/running-system.ts";
import type { Terminal } from "../cli/terminal.ts";

interface FaultOptions {
  readonly rate: number;
  readonly mode?: string;
  readonly data: string;
}

/** What a fault is, what the user sees of it, and which alarms notify. */
interface FaultStory {
  readonly meaning: string;
  readonly user: string;
  readonly alarm: string;
}

const FAILED = "a 503, after up to three attempts";
const TOKEN_OUTAGE = "the answer while the agent knows the token (for an hour), else 503";
const FAILING = "failing-now; probe-failing";

const FAULTS: Readonly<Record<Fault["kind"], FaultStory>> = {
  throttle: {
    meaning: "Bedrock throttles (ThrottlingException)",
    user: "429, try again in 5 s",
    alarm: FAILING,
  },
  slow: { meaning: "the model takes far too long", user: "504", alarm: `${FAILING}; duration` },
  error: {
    meaning: "Bedrock fails (InternalServerException, ServiceUnavailableException)",
    user: FAILED,
    alarm: FAILING,
  },
  access: {
    meaning: "access to the model is denied (AccessDeniedException)",
    user: "500",
    alarm: `${FAILING}; model-configuration`,
  },
  garbage: {
    meaning: "the model answers something other than the JSON it was asked for",
    user: "a plain note",
    alarm: "degraded-replies",
  },
  form: {
    meaning: "the model refuses structured output (ValidationException)",
    user: "an answer, asked for again without it",
    alarm: "degraded-replies",
  },
  quota: {
    meaning: "the day's tokens are used up (ThrottlingException)",
    user: "429 until midnight UTC",
    alarm: FAILING,
  },
  overloaded: { meaning: "the model is overloaded (ValidationException)", user: FAILED, alarm: FAILING },
  hang: { meaning: "the stream falls silent half way", user: "504", alarm: FAILING },
  trickle: { meaning: "the stream brings a little every 5 s", user: "504", alarm: FAILING },
  "cut-before": { meaning: "the stream ends before the answer", user: FAILED, alarm: FAILING },
  cut: { meaning: "the stream ends in the answer", user: FAILED, alarm: FAILING },
  "cut-after": {
    meaning: "the stream ends after the answer",
    user: "the answer",
    alarm: "none: nothing is lost",
  },
  "no-usage": {
    meaning: "the model does not count its tokens",
    user: "the answer",
    alarm: "none: the cost is estimated",
  },
  "bad-times": {
    meaning: "the reply's times are invalid",
    user: "a reminder without a time",
    alarm: "degraded-replies",
  },
  refusal: { meaning: "the model refuses the text", user: "what it wrote", alarm: "degraded-replies" },
  "parameter-slow": {
    meaning: "SSM answers the agent after 30 s",
    user: TOKEN_OUTAGE,
    alarm: FAILING,
  },
  "parameter-throttled": {
    meaning: "SSM throttles the agent's readings (ThrottlingException)",
    user: TOKEN_OUTAGE,
    alarm: FAILING,
  },
  "parameter-missing": {
    meaning: "SSM does not find the agent's parameters (ParameterNotFound)",
    user: "500, from the next reading of the token on (within 5 min)",
    alarm: `${FAILING}; model-configuration`,
  },
  off: { meaning: "model and SSM behave", user: "the answer", alarm: "none" },
};

const FAULT_KINDS = Object.keys(FAULTS);

/** `fault KIND`: makes the model's stand-in misbehave, so that the alarms can be watched at work. */
export function faultCommand(terminal: Terminal): Command {
  return new Command("fault")
    .description("make the stand-in for the model or for SSM misbehave, or behave again")
    .addArgument(
      new Argument("<kind>", FAULT_KINDS.join("|")).choices(FAULT_KINDS).argParser(parseKind(terminal)),
    )
    .option("--rate <share>", "share of calls to hit, 0 to 1", parseShare, 1)
    .addOption(
      new Option(
        "--mode <mode>",
        "hit the questions of this mode alone, the probe's full ones too; every mode when missing",
      ).choices(MODES),
    )
    .addOption(dataOption())
    .addHelpText(
      "after",
      `\n${Object.entries(FAULTS)
        .map(([kind, { meaning, user, alarm }]) =>
          [
            `  ${kind.padEnd(19)} ${meaning}`,
            `${" ".repeat(22)}the user gets: ${user}; alarms: ${alarm}`,
          ].join("\n"),
        )
        .join("\n")}`,
    )
    .action(async (kind: Fault["kind"], options: FaultOptions) => {
      const running = await runningSystem(options.data);
      const { rate, mode } = options;
      await setFault(running, { kind, rate, ...(mode !== undefined && { mode }) });
      const share = rate === 1 || kind === "off" ? "" : `, in ${rate * 100} % of the calls`;
      const ofMode = mode === undefined || kind === "off" ? "" : `, for ${mode} alone`;
      terminal.out(`from now on: ${FAULTS[kind].meaning}${share}${ofMode}`);
      if (kind !== "off") terminal.out("back to normal: npm run cli -- fault off");
    });
}

/** Takes the old names too, and says what they are called now. */
function parseKind(terminal: Terminal): (value: string) => Fault["kind"] {
  return (value) => {
    const kind = faultKindOf(value);
    if (kind === undefined) throw new InvalidArgumentError(`Allowed choices are ${FAULT_KINDS.join(", ")}.`);
    if (Object.hasOwn(RENAMED_FAULTS, value))
      terminal.err(`"${value}" is called "${kind}" now; the old name goes with the next release`);
    return kind;
  };
}

function parseShare(value: string): number {
  const rate = Number(value);
  if (value.trim() === "" || !(rate >= 0 && rate <= 1))
    throw new InvalidArgumentError("give a number from 0 to 1.");
  return rate;
}
