import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { Command } from "commander";
import { errorCode } from "../../lambda/contract/logged-error.ts";
import { Failure, UsageError } from "../cli/failure.ts";
import { dataOption } from "../cli/running-system.ts";
import { sourceMapsIn, withSourceFrames } from "../cli/source-frames.ts";
import type { Terminal } from "../cli/terminal.ts";

interface StackOptions {
  readonly assembly: string;
  readonly data: string;
}

const EXAMPLES = `
Reads frames such as agent-0123456789ab.cjs:52:8892 in any text (a stack, a JSON line, a whole log) and
prints the text with file and line of the source, lambda/agent/agent.ts:120:30.

Examples:
  aws logs tail /aws/lambda/NAME --since 1h | npm run -s cli -- stack
  npm run cli -- stack failure.log

The name of a frame holds a hash of the deployed code. Its map is looked for in the assembly, in that of
npm start, and in a build of this checkout.`;

/** `stack`: a logged stack with the file and line of the source. */
export function stackCommand(terminal: Terminal): Command {
  return new Command("stack")
    .description("make a logged stack trace name file and line of the source")
    .argument("[file]", "text with the stack; - for standard input", "-")
    .option("--assembly <dir>", "assembly whose source maps are used", "cdk.out")
    .addOption(dataOption())
    .addHelpText("after", EXAMPLES)
    .action(async (file: string, options: StackOptions) => {
      const logged = await readLogged(terminal, file);
      const maps = sourceMapsIn([options.assembly, join(options.data, "cdk.out")]);
      const { text, translated, unknownBundles } = withSourceFrames(logged, maps);
      terminal.out(text.trimEnd());
      for (const bundle of unknownBundles) terminal.err(`${bundle}: no map here is of this build`);
      if (unknownBundles.length > 0)
        throw new Failure(
          "check out the commit that was deployed, run npm ci and ask again; --assembly names a kept cdk.out",
        );
      if (translated === 0) throw new Failure(nothingFound(logged));
    });
}

/** Bundles deployed before this release are all called alike. */
function nothingFound(logged: string): string {
  return /\bindex\.cjs:\d+:\d+/.test(logged)
    ? "index.cjs does not say which build it is of: it was deployed by 0.2.0 or earlier; the next deploy says it"
    : "no frame of a bundle is in this text; one looks like agent-0123456789ab.cjs:52:8892";
}

async function readLogged(terminal: Terminal, file: string): Promise<string> {
  if (file === "-") {
    if (process.stdin.isTTY) terminal.err("paste the stack, then press Ctrl-D");
    return textOf(process.stdin);
  }
  return readFile(file, "utf8").catch((error: unknown) => {
    if (!["ENOENT", "EISDIR"].includes(errorCode(error))) throw error;
    throw new UsageError(`${file} is not a file: give one that holds the stack, or - for standard input`, {
      cause: error,
    });
  });
}
