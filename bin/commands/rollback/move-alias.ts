import { namesOf } from "../../../lib/names.ts";
import { Failure } from "../../cli/failure.ts";
import { type Target, targetCommand } from "../../cli/target.ts";
import { alignedColumns } from "../../cli/terminal.ts";
import {
  confirmChange,
  isOnlyServing,
  newestServingVersion,
  type PublishedVersion,
  type Rollback,
  type RollbackResult,
  type Serving,
  servingText,
  versionStateText,
} from "./rollback.ts";
import { publishedTimeText, type RollbackChoice, shortCodeHash } from "./version-list.ts";

/** Shows what changes, asks, moves the alias, and looks whether it stands there. */
export async function moveAliasTo(
  rollback: Rollback,
  serving: Serving,
  { to, passedOver }: Extract<RollbackChoice, { kind: "move" }>,
): Promise<RollbackResult> {
  const { options, target, say } = rollback;
  const move = { target, serving, to };
  const versions = { from: newestServingVersion(serving.alias), to: to.version };
  changeLines(move, passedOver).forEach(say);
  if (options.dryRun === true) {
    say("Nothing was changed: this was a dry run.");
    return { did: "nothing", would: "move", ...versions };
  }
  await confirmChange(rollback, `Send every request to version ${to.version}?`);
  await moveAndVerify(rollback, serving, to.version);
  say(rollback.terminal.colours.green(`${target.where}: version ${to.version} serves every request now`));
  ["", "To do:", ...afterMoveLines(move).map((line) => `  ${line}`)].forEach(say);
  return { did: "moved", ...versions };
}

async function moveAndVerify({ aws, target }: Rollback, { alias }: Serving, version: string): Promise<void> {
  const outcome = await aws.move(version, alias.revisionId);
  const now = await aws.alias();
  const list = targetCommand(target, "rollback --list");
  if (outcome === "moved meanwhile")
    throw new Failure(
      `${target.where}: somebody else moved the alias after it was read, and it serves ${servingText(now)} now; this move was refused. Look again with ${list}`,
    );
  if (!isOnlyServing(now, version))
    throw new Failure(
      `${target.where}: the alias was moved to version ${version}, but serves ${servingText(now)} now: somebody else moves it too. Look again with ${list}`,
    );
}

/** A move of the alias, before or after it was made. */
interface AliasMove {
  readonly target: Target;
  readonly serving: Serving;
  readonly to: PublishedVersion;
}

/** What going to another version changes, and what AWS cannot say about it. */
function changeLines(move: AliasMove, passedOver: readonly PublishedVersion[]): readonly string[] {
  const { target, serving, to } = move;
  const { functionName, region, alias, provisioned } = serving;
  const state = versionStateText(to);
  return [
    `${target.where}: ${functionName} in ${region} serves ${servingText(alias)}; every request would go to version ${to.version}`,
    ...passedOver.map(
      (version) => `version ${version.version} is skipped: ${versionStateText(version) ?? ""}`,
    ),
    ...alignedColumns(comparison(move)),
    ...environmentLine(move),
    ...(state === undefined
      ? []
      : [`version ${to.version} is ${state}: ${STATE_CONSEQUENCES[to.state?.name ?? ""] ?? NOT_ACTIVE}`]),
    ...(provisioned === undefined
      ? []
      : [
          `the alias keeps ${provisioned} environments initialised: Lambda makes them again for version ${to.version}, and requests may start cold until it has`,
        ]),
    `whether version ${to.version} was ever live, Lambda does not say: one that the pre-traffic hook refused is among the versions too`,
  ];
}

const NOT_ACTIVE = "requests fail until it is Active";

/** https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html */
const STATE_CONSEQUENCES: Readonly<Record<string, string>> = {
  Inactive: "the first requests fail, and make Lambda bring it back",
};

/**
 * A row for everything that a version fixes; no columns to compare where the alias is on no published
 * version.
 */
function comparison({ serving, to }: AliasMove): readonly (readonly string[])[] {
  const from = movedFrom(serving);
  if (from === undefined || from === to) return versionRows(to).map(([name, value]) => [name, value]);
  const before = new Map(versionRows(from));
  return [
    ["", `version ${from.version}`, `version ${to.version}`],
    ...versionRows(to).map(([name, value]) => {
      const old = before.get(name) ?? "";
      return [name, old, value === old ? "the same" : value];
    }),
  ];
}

function versionRows(version: PublishedVersion): readonly (readonly [string, string])[] {
  return [
    ["published", publishedTimeText(version.publishedMs)],
    ["code", shortCodeHash(version.codeSha256)],
    ["memory", `${version.memoryMegabytes} MB`],
    ["timeout", `${version.timeoutSeconds} s`],
    ["description", version.description === "" ? "none" : version.description],
  ];
}

/** Names alone: a value may be nobody's business. */
function environmentLine({ serving, to }: AliasMove): readonly string[] {
  const before = movedFrom(serving)?.environment ?? to.environment;
  const names = new Set([...Object.keys(before), ...Object.keys(to.environment)]);
  const different = [...names].filter((name) => before[name] !== to.environment[name]).sort();
  return different.length === 0 ? [] : [`the environment differs in ${different.join(", ")}`];
}

function movedFrom({ versions, alias }: Serving): PublishedVersion | undefined {
  return versions.find(({ version }) => version === newestServingVersion(alias));
}

/** What is left to do once the alias stands on another version. */
function afterMoveLines({ target }: AliasMove): readonly string[] {
  if (target.isLocal)
    return [
      `model and timeout set at run time are the same for every version: ${targetCommand(target, "config get")}`,
      "to see that it works: npm run cli -- ask, npm run cli -- alarms",
    ];
  return [
    "CloudFormation does not know of it: a deploy that changes no code or setting of the function leaves the alias here",
    `so deploy a tag that was good soon: npm run deploy -- --stage ${target.stage}, from that tag (docs/rolling-back.md)`,
    ...afterRollbackLines(target),
  ];
}

/** What holds however a version came to serve. */
export function afterRollbackLines(target: Target): readonly string[] {
  const names = namesOf(target.stage);
  return [
    `model and timeout set at run time are in SSM, the same for every version: ${targetCommand(target, "config get")}`,
    `to see that it works: ask it, or wait for the probe: ${names.alarm("probe-failing")} is OK again after its next run; the stage's dashboard on-call shows the rest`,
  ];
}
