import { Command } from "commander";
import {
  freeShares,
  isOverLimit,
  stackSizes,
  type UsedShare,
  type StackSize,
} from "../../local/bill/template-report.ts";
import { stageTemplates, withTemplateOptions, type TemplateOptions } from "../cli/stage-templates.ts";
import { alignedColumns, type Terminal } from "../cli/terminal.ts";

interface TemplatesOptions extends TemplateOptions {
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  npm run cli -- templates
  npm run cli -- templates --stage staging -c monitoringProfile=full
  npm run cli -- templates --assembly cdk.out --json

Exits 1 when a template is larger than CloudFormation takes.`;

/** `templates`: size and resources of each stack against CloudFormation's limits, and CloudWatch's free allowances. */
export function templatesCommand(terminal: Terminal): Command {
  return withTemplateOptions(new Command("templates"))
    .description("report the templates' sizes, and what they use of CloudWatch's free allowances")
    .option("--json", "print one JSON line")
    .addHelpText("after", EXAMPLES)
    .action(async (options: TemplatesOptions) => {
      const stacks = await stageTemplates(terminal, options);
      const sizes = stackSizes(stacks);
      const free = freeShares(stacks);
      if (options.json === true) terminal.out(JSON.stringify({ stacks: sizes, free }));
      else [...sizeLines(terminal, sizes), "", ...freeTierLines(terminal, free)].forEach(terminal.out);
      if (sizes.some(({ resources, bytes }) => isOverLimit(resources) || isOverLimit(bytes)))
        process.exitCode = 1;
    });
}

function sizeLines(terminal: Terminal, sizes: readonly StackSize[]): string[] {
  const rows = sizes.map(({ stackName, resources, bytes }) => [
    stackName,
    usedText(resources),
    usedText(bytes),
  ]);
  const [head = "", ...lines] = alignedColumns(
    [["Stack", "resources", "bytes"], ...rows],
    ["left", "right", "right"],
  );
  const painted = lines.map((line, at) => {
    const size = sizes[at];
    return size && (isOverLimit(size.resources) || isOverLimit(size.bytes))
      ? terminal.colours.red(line)
      : line;
  });
  return [terminal.colours.bold(head), ...painted];
}

function freeTierLines(terminal: Terminal, shares: readonly UsedShare[]): string[] {
  const lines = alignedColumns(
    shares.map((share) => [share.what, usedText(share), isOverLimit(share) ? "the rest is paid" : ""]),
    ["left", "right"],
  );
  const painted = lines.map((line, at) => {
    const share = shares[at];
    return share && isOverLimit(share) ? terminal.colours.yellow(line) : line;
  });
  return [terminal.colours.bold("Free of charge at CloudWatch"), ...painted];
}

function usedText({ used, most }: UsedShare): string {
  return `${used.toLocaleString("en-US")} of ${most.toLocaleString("en-US")}`;
}
