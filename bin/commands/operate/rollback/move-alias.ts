import { Failure } from "../../failure.ts";
import { againCommand } from "../target.ts";
import type { Choice } from "./choice.ts";
import { changeLines, leftToDo } from "./move-lines.ts";
import { confirm, type Did, type Rollback } from "./rollback.ts";
import { newestServing, servesAlone, servingText, type Serving } from "./serving.ts";

/** Shows what changes, asks, moves the alias, and looks whether it stands there. */
export async function moveTo(
  rollback: Rollback,
  serving: Serving,
  { to, passedOver }: Extract<Choice, { kind: "move" }>,
): Promise<Did> {
  const { options, target, say } = rollback;
  const move = { target, serving, to };
  const versions = { from: newestServing(serving.alias), to: to.version };
  changeLines(move, passedOver).forEach(say);
  if (options.dryRun === true) {
    say("Nothing was changed: this was a dry run.");
    return { did: "nothing", would: "move", ...versions };
  }
  await confirm(rollback, `Send every request to version ${to.version}?`);
  await moved(rollback, serving, to.version);
  say(rollback.terminal.colours.green(`${target.where}: version ${to.version} serves every request now`));
  ["", "To do:", ...leftToDo(move).map((line) => `  ${line}`)].forEach(say);
  return { did: "moved", ...versions };
}

async function moved({ aws, target }: Rollback, { alias }: Serving, version: string): Promise<void> {
  const outcome = await aws.move(version, alias.revisionId);
  const now = await aws.alias();
  const list = againCommand(target, "rollback --list");
  if (outcome === "moved meanwhile")
    throw new Failure(
      `${target.where}: somebody else moved the alias after it was read, and it serves ${servingText(now)} now; this move was refused. Look again with ${list}`,
    );
  if (!servesAlone(now, version))
    throw new Failure(
      `${target.where}: the alias was moved to version ${version}, but serves ${servingText(now)} now: somebody else moves it too. Look again with ${list}`,
    );
}
