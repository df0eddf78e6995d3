import { Command } from "commander";
import { alarmsCommand } from "./alarms.ts";
import { askCommand } from "./ask.ts";
import { billCommand } from "./bill.ts";
import { deployCommand } from "./deploy.ts";
import { faultCommand } from "./fault.ts";
import { inboxCommand } from "./inbox.ts";
import { breakerCommand } from "./operate/breaker.ts";
import { configCommand } from "./operate/config.ts";
import { rollbackCommand } from "./operate/rollback.ts";
import { rotateTokenCommand } from "./operate/rotate-token.ts";
import { tuneMemoryCommand } from "./operate/tune-memory.ts";
import { rehearseCommand } from "./rehearse.ts";
import { startCommand } from "./start.ts";
import { templatesCommand } from "./templates.ts";
import type { Terminal } from "./terminal.ts";
import { testAlarmsCommand } from "./test-alarms.ts";

const COMMANDS = [
  startCommand,
  askCommand,
  inboxCommand,
  alarmsCommand,
  faultCommand,
  testAlarmsCommand,
  rehearseCommand,
  billCommand,
  templatesCommand,
  deployCommand,
  rollbackCommand,
  rotateTokenCommand,
  configCommand,
  breakerCommand,
  tuneMemoryCommand,
];

/** Every command with its options; a mistake in usage is thrown, so that whoever parses decides how it ends. */
export function wristAgentProgram(terminal: Terminal): Command {
  const program = new Command("wrist-agent")
    .description("Wrist Agent on this machine: the built function, its alarms, dashboards and mails")
    .usage("<command> [options]      (npm run cli -- <command> [options])")
    .showHelpAfterError("(--help lists what there is)");
  for (const make of COMMANDS) program.addCommand(make(terminal));
  for (const command of [
    program,
    ...program.commands,
    ...program.commands.flatMap(({ commands }) => commands),
  ])
    command.exitOverride();
  return program;
}
