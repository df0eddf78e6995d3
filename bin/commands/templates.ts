import { Command } from "commander";
import {
  freeShares,
  isOver,
  stackSizes,
  type Share,
  type StackSize,
} from "../../local/bill/template-report.ts";
import { stageTemplates, withTemplateOptions, type TemplateOptions } from "./stage-templates.ts";
import { columns, type Terminal } from "./terminal.ts";

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
      else [...sizeLines(terminal, sizes), "", ...freeLines(terminal, free)].forEach(terminal.out);
      if (sizes.some(({ resources, bytes }) => isOver(resources) || isOver(bytes))) process.exitCode = 1;
    });
}

function sizeLines(terminal: Terminal, sizes: readonly StackSize[]): string[] {
  const rows = sizes.map(({ stackName, resources, bytes }) => [
    stackName,
    shareText(resources),
    shareText(bytes),
  ]);
  const [head = "", ...lines] = columns(
    [["Stack", "resources", "bytes"], ...rows],
    ["left", "right", "right"],
  );
  const painted = lines.map((line, at) => {
    const size = sizes[at];
    return size && (isOver(size.resources) || isOver(size.bytes)) ? terminal.colours.red(line) : line;
  });
  return [terminal.colours.bold(head), ...painted];
}

function freeLines(terminal: Terminal, shares: readonly Share[]): string[] {
  const lines = columns(
    shares.map((share) => [share.what, shareText(share), isOver(share) ? "the rest is paid" : ""]),
    ["left", "right"],
  );
  const painted = lines.map((line, at) => {
    const share = shares[at];
    return share && isOver(share) ? terminal.colours.yellow(line) : line;
  });
  return [terminal.colours.bold("Free of charge at CloudWatch"), ...painted];
}

function shareText({ used, most }: Share): string {
  return `${used.toLocaleString("en-US")} of ${most.toLocaleString("en-US")}`;
}
