import { Command } from "commander";
import project from "../../package.json" with { type: "json" };
import type { Terminal } from "../cli/terminal.ts";

type MakeCommand = (terminal: Terminal) => Command;

/** By name, in the order in which `--help` lists them. */
const COMMANDS: Readonly<Record<string, () => Promise<MakeCommand>>> = {
  start: async () => (await import("./start.ts")).startCommand,
  ask: async () => (await import("./ask.ts")).askCommand,
  status: async () => (await import("./status.ts")).statusCommand,
  tail: async () => (await import("./tail.ts")).tailCommand,
  logs: async () => (await import("./logs.ts")).logsCommand,
  metrics: async () => (await import("./metrics.ts")).metricsCommand,
  inbox: async () => (await import("./inbox.ts")).inboxCommand,
  alarms: async () => (await import("./alarms.ts")).alarmsCommand,
  feed: async () => (await import("./feed.ts")).feedCommand,
  fault: async () => (await import("./fault.ts")).faultCommand,
  stack: async () => (await import("./stack.ts")).stackCommand,
  "test-alarms": async () => (await import("./test-alarms.ts")).testAlarmsCommand,
  backtest: async () => (await import("./backtest.ts")).backtestCommand,
  rehearse: async () => (await import("./rehearse.ts")).rehearseCommand,
  bill: async () => (await import("./bill.ts")).billCommand,
  templates: async () => (await import("./templates.ts")).templatesCommand,
  deploy: async () => (await import("./deploy.ts")).deployCommand,
  rollback: async () => (await import("./rollback.ts")).rollbackCommand,
  verify: async () => (await import("./verify.ts")).verifyCommand,
  drill: async () => (await import("./drill.ts")).drillCommand,
  subscribers: async () => (await import("./subscribers.ts")).subscribersCommand,
  shortcut: async () => (await import("./shortcut.ts")).shortcutCommand,
  token: async () => (await import("./token.ts")).tokenCommand,
  backup: async () => (await import("./backup.ts")).backupCommand,
  restore: async () => (await import("./restore.ts")).restoreCommand,
  "rotate-token": async () => (await import("./token.ts")).rotateTokenCommand,
  config: async () => (await import("./config.ts")).configCommand,
  breaker: async () => (await import("./breaker.ts")).breakerCommand,
  completion: async () => (await import("./completion.ts")).completionCommand,
  "tune-memory": async () => (await import("./tune-memory.ts")).tuneMemoryCommand,
};

/**
 * The command of that name with its options, and every command where `asked` names none, as for `--help`.
 *
 * The others stay unloaded: with their AWS clients they take a second and a half, an answer of `ask` half a
 * second. A mistake in usage is thrown, so that whoever parses decides how it ends.
 */
export async function wristAgentProgram(terminal: Terminal, asked?: string): Promise<Command> {
  const program = new Command("wrist-agent")
    .description("Wrist Agent on this machine: the built function, its alarms, dashboards and mails")
    .version(project.version, "-V, --version", "print the version")
    .usage("<command> [options]      (npm run cli -- <command> [options])")
    .showHelpAfterError("(--help lists what there is)");
  for (const load of loadersOf(asked)) program.addCommand((await load())(terminal));
  for (const command of [
    program,
    ...program.commands,
    ...program.commands.flatMap(({ commands }) => commands),
  ])
    command.exitOverride();
  return program;
}

/** Tells of every other command. */
const TELLS_OF_ALL = "completion";

function loadersOf(asked: string | undefined): readonly (() => Promise<MakeCommand>)[] {
  const named = Object.entries(COMMANDS).filter(([name]) => name === asked && name !== TELLS_OF_ALL);
  return (named.length > 0 ? named : Object.entries(COMMANDS)).map(([, load]) => load);
}
