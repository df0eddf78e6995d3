import { Argument, Command, InvalidArgumentError } from "commander";
import type { Fault } from "../../local/server/wire.ts";
import { dataOption, runningSystem, setFault } from "./running-system.ts";
import type { Terminal } from "./terminal.ts";

interface FaultOptions {
  readonly rate: number;
  readonly data: string;
}

const MEANING: Readonly<Record<Fault["kind"], string>> = {
  throttle: "Bedrock throttles (ThrottlingException)",
  slow: "the model takes far too long",
  error: "Bedrock fails (InternalServerException, ServiceUnavailableException)",
  denied: "access to the model is denied (AccessDeniedException)",
  garbage: "the model answers something other than the JSON it was asked for",
  off: "the model behaves",
};

const KINDS = Object.keys(MEANING);

/** `fault KIND`: makes the model's stand-in misbehave, so that the alarms can be watched at work. */
export function faultCommand(terminal: Terminal): Command {
  return new Command("fault")
    .description("make the model's stand-in misbehave, or behave again")
    .addArgument(new Argument("<kind>", KINDS.join("|")).choices(KINDS))
    .option("--rate <share>", "share of model calls to hit, 0 to 1", share, 1)
    .addOption(dataOption())
    .addHelpText(
      "after",
      `\n${Object.entries(MEANING)
        .map(([kind, text]) => `  ${kind.padEnd(9)} ${text}`)
        .join("\n")}`,
    )
    .action(async (kind: Fault["kind"], options: FaultOptions) => {
      const running = await runningSystem(options.data);
      await setFault(running, { kind, rate: options.rate });
      const share = options.rate === 1 || kind === "off" ? "" : `, in ${options.rate * 100} % of the calls`;
      terminal.out(`from now on: ${MEANING[kind]}${share}`);
      if (kind !== "off") terminal.out("back to normal: npm run cli -- fault off");
    });
}

function share(value: string): number {
  const rate = Number(value);
  if (value.trim() === "" || !(rate >= 0 && rate <= 1))
    throw new InvalidArgumentError("give a number from 0 to 1.");
  return rate;
}
