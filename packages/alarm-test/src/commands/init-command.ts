import { mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { Command } from "commander";
import { createdAlarms } from "../list-alarms.ts";
import { firstTest } from "../first-tests.ts";
import { loadTemplateAlarms } from "../template-sources.ts";
import {
  deploymentOf,
  type DeploymentOptions,
  type Output,
  UsageError,
  withDeploymentOptions,
} from "./output.ts";

interface InitOptions extends DeploymentOptions {
  readonly out: string;
}

/**
 * `init TEMPLATE`: a first test for every alarm, in files of a folder; a file that is there stays as it is.
 */
export function initCommand(output: Output): Command {
  const command = new Command("init")
    .description("write a first test for each alarm of a template or cloud assembly; no file is overwritten")
    .argument("<template>", "a template (YAML or JSON) or a cloud assembly (cdk.out)")
    .option("--out <folder>", "folder of the tests", "alarm-tests");
  return withDeploymentOptions(command).action((path: string, options: InitOptions) =>
    writeFirstTests(path, options, output),
  );
}

async function writeFirstTests(path: string, options: InitOptions, output: Output): Promise<void> {
  const templates = createdAlarms(await loadTemplateAlarms([path], deploymentOf(options)));
  if (templates.alarms.length === 0)
    throw new UsageError(`${path} holds no alarm that can run: see "cw-alarm-test list ${path}"`);
  await mkdir(options.out, { recursive: true });
  const templatePath = relative(options.out, path) || ".";
  for (const alarm of templates.alarms) {
    const { fileName, text, isComplete } = firstTest(templates, alarm, templatePath);
    const file = join(options.out, fileName);
    const isWritten = await writeNew(file, withDeployment(text, options));
    if (!isWritten) output.err(`kept ${file}: it is there already`);
    else output.out(isComplete ? `wrote ${file}` : `wrote ${file}: fill in series that bring it into ALARM`);
  }
  for (const { logicalId, stackName, reason } of [...templates.invalid, ...templates.refused])
    output.err(`left out ${logicalId} of ${stackName}: ${reason}`);
}

/** Writes a file that is not there yet; false when it is. */
async function writeNew(file: string, text: string): Promise<boolean> {
  return writeFile(file, text, { flag: "wx" }).then(
    () => true,
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    },
  );
}

/** The test needs what the command was given. */
function withDeployment(text: string, options: InitOptions): string {
  const { parameters = {}, imports = {}, physical = {}, resolve = {} } = deploymentOf(options);
  const blocks = Object.entries({ parameters, imports, physical, resolve }).flatMap(([name, values]) =>
    Object.keys(values).length === 0 ? [] : [`${name}: ${JSON.stringify(values)}\n`],
  );
  return text.replace("interval:", `${blocks.join("")}interval:`);
}
