import { Command, InvalidArgumentError, Option } from "commander";
import type { Terminal } from "./terminal.ts";
import { DEFAULT_DATA_DIRECTORY } from "./running-system.ts";
import { runUntilSignal, type StartOptions } from "./start-run.ts";

/** `start`: the whole system on this machine, until Ctrl-C. */
export function startCommand(terminal: Terminal): Command {
  return new Command("start")
    .description("synthesise the stacks and run the whole system on this machine until Ctrl-C")
    .option("--port <port>", "port of the page; 0 takes any free one", portNumber, 7700)
    .option("--url-port <port>", "port of the Function URL; 0 takes any free one", portNumber, 7701)
    .option("--aws-port <port>", "port of the AWS APIs; 0 takes any free one", portNumber, 7702)
    .option("--stage <stage>", "stage to synthesise and run", "development")
    .option("--data <dir>", "directory for everything that outlives a restart", DEFAULT_DATA_DIRECTORY)
    .addOption(
      new Option(
        "--model <model>",
        "scripted: a stand-in; bedrock: the real model, with your AWS credentials, billed",
      )
        .choices(["scripted", "bedrock"])
        .default("scripted"),
    )
    .option("--alarm-email <address>", "who the alarm mails are for", "on-call@wrist-agent.example")
    .addOption(
      new Option(
        "--assembly <dir>",
        "run this assembly, such as cdk.out, in place of a fresh synthesis; its stage and addresses are its own",
      ).conflicts(["stage", "alarmEmail"]),
    )
    .option("--no-check", "skip the self-check (one request per mode)")
    .option("--json", "print exactly one JSON line when ready; everything else goes to stderr")
    .action((options: StartOptions) => runUntilSignal(terminal, options));
}

function portNumber(value: string): number {
  const port = Number(value);
  if (!/^\d+$/.test(value) || port > 65_535) throw new InvalidArgumentError("give a port from 0 to 65535.");
  return port;
}
