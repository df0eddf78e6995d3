import { Stack, Tags, type App } from "aws-cdk-lib/core";
import type { StageConfig } from "./config/stage-config.ts";

/** The tags of one stage. */
export function tagsOf({ stage, extraTags }: StageConfig): Readonly<Record<string, string>> {
  return { ...extraTags, project: "wrist-agent", stage };
}

/** Says of every resource and of every stack which project and stage it belongs to, so that its cost can be told. */
export function tagEverything(app: App, config: StageConfig): void {
  const stacks = app.node.findAll().filter((construct) => Stack.isStack(construct));
  for (const [key, value] of Object.entries(tagsOf(config))) {
    Tags.of(app).add(key, value);
    for (const stack of stacks) stack.addStackTag(key, value);
  }
}
