import { exitCodeOf } from "./cli/failure.ts";
import { wristAgentProgram } from "./commands/program.ts";
import { processTerminal } from "./cli/terminal.ts";

// Node.js 20 is supported here; the AWS SDK would say before every answer that it will not be there.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

const terminal = processTerminal();

try {
  await (await wristAgentProgram(terminal, process.argv[2])).parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error, terminal);
}
