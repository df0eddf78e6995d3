import { Command } from "commander";
import { alarmListText, createdAlarms, listAlarms } from "../list-alarms.ts";
import { loadTemplateAlarms } from "../template-sources.ts";
import { deploymentOf, type DeploymentOptions, type Output, withDeploymentOptions } from "./output.ts";

interface ListOptions extends DeploymentOptions {
  readonly json?: true;
}

/** `list TEMPLATE…`: each alarm with condition, metrics, dimensions and actions. */
export function listCommand(output: Output): Command {
  const command = new Command("list")
    .description("show each alarm with its condition, metrics, dimensions and actions")
    .argument("<templates...>", "templates (YAML or JSON) and cloud assemblies (cdk.out)")
    .option("--json", "print one JSON line instead of text");
  return withDeploymentOptions(command).action(async (paths: readonly string[], options: ListOptions) => {
    const list = listAlarms(createdAlarms(await loadTemplateAlarms(paths, deploymentOf(options))));
    output.out(options.json === true ? JSON.stringify(list) : alarmListText(list));
  });
}
