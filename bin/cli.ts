import { Command } from "commander";
import { alarmsCommand } from "./commands/alarms.ts";
import { askCommand } from "./commands/ask.ts";
import { billCommand } from "./commands/bill.ts";
import { deployCommand } from "./commands/deploy.ts";
import { exitCodeOf } from "./commands/exit-code.ts";
import { faultCommand } from "./commands/fault.ts";
import { inboxCommand } from "./commands/inbox.ts";
import { breakerCommand } from "./commands/operate/breaker.ts";
import { configCommand } from "./commands/operate/config.ts";
import { rollbackCommand } from "./commands/operate/rollback.ts";
import { rotateTokenCommand } from "./commands/operate/rotate-token.ts";
import { tuneMemoryCommand } from "./commands/operate/tune-memory.ts";
import { rehearseCommand } from "./commands/rehearse.ts";
import { startCommand } from "./commands/start.ts";
import { processTerminal } from "./commands/terminal.ts";
import { templatesCommand } from "./commands/templates.ts";
import { testAlarmsCommand } from "./commands/test-alarms.ts";

// Node.js 20 is supported here; the AWS SDK would say before every answer that it will not be there.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

const terminal = processTerminal();

const program = new Command("wrist-agent")
  .description("Wrist Agent on this machine: the built function, its alarms, dashboards and mails")
  .usage("<command> [options]      (npm run cli -- <command> [options])")
  .showHelpAfterError("(--help lists what there is)");

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

for (const make of COMMANDS) {
  program.addCommand(make(terminal));
}
for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)])
  command.exitOverride();

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error, terminal);
}
