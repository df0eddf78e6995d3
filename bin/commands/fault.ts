import { Argument, Command, InvalidArgumentError } from "commander";
import type { Fault } from "../../local/server/wire.ts";
import { dataOption, runningSystem, setFault } from "../cli/running-system.ts";
import type { Terminal } from "../cli/terminal.ts";

interface FaultOptions {
  readonly rate: number;
  readonly data: string;
}

const FAULT_MEANING: Readonly<Record<Fault["kind"], string>> = {
  throttle: "Bedrock throttles (ThrottlingException)",
  slow: "the model takes far too long",
  error: "Bedrock fails (InternalServerException, ServiceUnavailableException)",
  denied: "access to the model is denied (AccessDeniedException)",
  garbage: "the model answers something other than the JSON it was asked for",
  off: "the model behaves",
};

const FAULT_KINDS = Object.keys(FAULT_MEANING);

/** `fault KIND`: makes the model's stand-in misbehave, so that the alarms can be watched at work. */
export function faultCommand(terminal: Terminal): Command {
  return new Command("fault")
    .description("make the model's stand-in misbehave, or behave again")
    .addArgument(new Argument("<kind>", FAULT_KINDS.join("|")).choices(FAULT_KINDS))
    .option("--rate <share>", "share of model calls to hit, 0 to 1", parseShare, 1)
    .addOption(dataOption())
    .addHelpText(
      "after",
      `\n${Object.entries(FAULT_MEANING)
        .map(([kind, text]) => `  ${kind.padEnd(9)} ${text}`)
        .join("\n")}`,
    )
    .action(async (kind: Fault["kind"], options: FaultOptions) => {
      const running = await runningSystem(options.data);
      await setFault(running, { kind, rate: options.rate });
      const share = options.rate === 1 || kind === "off" ? "" : `, in ${options.rate * 100} % of the calls`;
      terminal.out(`from now on: ${FAULT_MEANING[kind]}${share}`);
      if (kind !== "off") terminal.out("back to normal: npm run cli -- fault off");
    });
}

function parseShare(value: string): number {
  const rate = Number(value);
  if (value.trim() === "" || !(rate >= 0 && rate <= 1))
    throw new InvalidArgumentError("give a number from 0 to 1.");
  return rate;
}
