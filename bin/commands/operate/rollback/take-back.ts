import { namesOf } from "../../../../lib/names.ts";
import { Failure } from "../../failure.ts";
import { againCommand, type Target } from "../target.ts";
import { awaitEnd, type Ended } from "./await-end.ts";
import type { Choice } from "./choice.ts";
import { deploymentText } from "./list-lines.ts";
import { alwaysTrue } from "./move-lines.ts";
import { confirm, type Did, type Rollback } from "./rollback.ts";
import {
  isRollback,
  newestServing,
  servingText,
  servingVersions,
  type LiveAlias,
  type Serving,
} from "./serving.ts";

/** Stops the deployment under way, or waits for one that goes back already, and says what serves at its end. */
export async function takeBack(
  rollback: Rollback,
  serving: Serving,
  { kind, deployment }: Extract<Choice, { kind: "stop" | "wait" }>,
): Promise<Did> {
  const { options, target, say } = rollback;
  const told = { from: newestServing(serving.alias), deployment: deployment.id };
  say(
    `${target.where}: ${serving.functionName} in ${serving.region} serves ${servingText(serving.alias)}; under way: ${deploymentText(deployment)}`,
  );
  if (kind === "wait") say("it goes back already, so it is waited for and not stopped");
  if (options.dryRun === true) {
    say(`Nothing was ${kind === "stop" ? "stopped" : "waited for"}: this was a dry run.`);
    return { did: "nothing", would: kind, ...told };
  }
  if (kind === "stop") await stop(rollback, deployment.id);
  const alias = await settled(rollback, serving, deployment.id);
  say(rollback.terminal.colours.green(`${target.where}: version ${alias.version} serves every request now`));
  ["", "To do:", ...leftToDo(target, serving.region).map((line) => `  ${line}`)].forEach(say);
  return { did: kind === "stop" ? "stopped" : "waited", ...told, to: alias.version };
}

async function stop(rollback: Rollback, id: string): Promise<void> {
  await confirm(rollback, `Stop deployment ${id} and let CodeDeploy take it back?`);
  if ((await rollback.aws.stop(id)) === "stopping") return;
  const alias = await rollback.aws.alias();
  throw new Failure(
    `${rollback.target.where}: deployment ${id} ended before it could be stopped, and the alias serves ${servingText(alias)}. If that is not the one you want: ${againCommand(rollback.target, "rollback")}`,
  );
}

async function settled(rollback: Rollback, serving: Serving, id: string): Promise<LiveAlias> {
  const { aws, around, signal, target, terminal, say } = rollback;
  const waiting = { aws, wait: around.wait, signal, target, region: serving.region };
  const ended = await terminal.progress(`waiting until CodeDeploy is done with ${id}`, awaitEnd(waiting, id));
  endLines(ended).forEach(say);
  const alias = await aws.alias();
  const fault = faultOf(serving, ended, alias);
  if (fault === undefined) return alias;
  throw new Failure(
    `${target.where}: ${fault}; the alias serves ${servingText(alias)}. Look with ${againCommand(target, "rollback --list")} and choose with --to`,
  );
}

function endLines({ deployment, rollback }: Ended): readonly string[] {
  const ends = [deployment, ...(rollback ? [rollback] : [])];
  return ends.map(
    ({ id, status, message }) => `${id} ended: ${status}${message === undefined ? "" : ` (${message})`}`,
  );
}

/** Why what came of it is not the version before; nothing when it is. */
function faultOf(
  { alias: before }: Serving,
  { deployment, rollback }: Ended,
  now: LiveAlias,
): string | undefined {
  const last = rollback ?? deployment;
  if (isRollback(last) && last.status !== "Succeeded") return `${last.id} did not take it back`;
  if (rollback === undefined && !isRollback(deployment) && deployment.status === "Succeeded")
    return `${deployment.id} succeeded before it was stopped`;
  if (servingVersions(now).length > 1) return `${last.id} is over, but requests are still divided`;
  if (!isRollback(deployment) && (before.weights[now.version] ?? 0) > 0)
    return `${last.id} is over, but the version that it brought serves on`;
  return undefined;
}

function leftToDo(target: Target, region: string): readonly string[] {
  const { applicationStack } = namesOf(target.stage);
  return [
    `if the deployment belonged to an update of the stack, CloudFormation takes the update back too, and ends in UPDATE_ROLLBACK_COMPLETE: aws cloudformation describe-stacks --region ${region} --stack-name ${applicationStack} --query "Stacks[0].StackStatus"`,
    ...alwaysTrue(target),
  ];
}
